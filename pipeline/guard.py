"""Worker processes that a bad document cannot take the batch down with.

PDF libraries crash, hang and eat memory on the files people upload, and PDFium may be entered from one thread
of a process at a time. So each document is read in a worker process with a deadline and a memory limit. What
happens to the worker happens to that document alone: it becomes a ``Problem`` and the pool goes on. A document
whose worker died is tried once more with nothing beside it, because the kernel kills whoever it likes when
memory runs out.
"""

import contextlib
import gc
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from models.problem import Category, Problem, Stage

Item = TypeVar("Item")
Result = TypeVar("Result")

MEGABYTE = 1024 * 1024


class Bounds(NamedTuple):
    """What one worker process may use."""

    deadline: float = 120.0
    """Seconds for one document."""
    memory_mb: int = 3072
    """Address space in MiB; libraries reserve more than they touch. 0 sets no limit."""
    file_mb: int = 512
    """Largest file a worker may write (converters and OCR need temporary ones), in MiB."""
    recycle: int = 100
    """A worker is replaced after this many documents, so that leaks do not add up. 0 keeps it."""


class GuardError(Exception):
    """The workers cannot be started at all; no document is to blame."""


class Guard(Generic[Item, Result]):
    """A pool of worker processes that answers for every item: a result, or the problem that stopped it.

    ``prepare`` runs once in each worker and returns the function that does the work, so what is costly to load
    is loaded once. Both must be importable by name (workers are spawned). ``call`` may be used from several threads.
    """

    def __init__(
        self, prepare: Callable[[], Callable[[Item], Result]], workers: int = 1, bounds: Bounds | None = None
    ) -> None:
        self.workers = max(1, workers)
        self.bounds = bounds or Bounds()
        self._pool = ProcessPool(
            max_workers=self.workers,
            max_tasks=self.bounds.recycle,
            initializer=_start_worker,
            initargs=(prepare, self.bounds, os.getpid()),
            context=multiprocessing.get_context("spawn"),
        )
        self._turns = _Turns()
        self._pending: set[ProcessFuture[Result]] = set()
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self.stop()
        self._pool.join()

    def stop(self) -> None:
        """Stop at once: what is running or waiting is cancelled, and whoever waits for it is told."""
        self._stopped = True
        self._pool.stop()  # type: ignore[no-untyped-call]
        for future in tuple(self._pending):
            future.cancel()  # type: ignore[no-untyped-call]

    def call(self, item: Item) -> Result | Problem:
        """Do the work for one item, and say what stopped it if anything did. Blocks until then."""
        try:
            with self._turns.together():
                return self._attempt(item)
        except ProcessExpired:
            with self._turns.alone():
                return self._last_attempt(item)

    def run(self, items: Iterable[Item], ahead: int | None = None) -> Iterator[tuple[Item, Result | Problem]]:
        """Answers for all items, in their order.

        ``ahead`` is how many items are taken before the first of them is answered; more keeps the workers busy beside
        a slow one.
        """
        waiting: deque[tuple[Item, Future[Result | Problem]]] = deque()
        ahead = self.workers * 8 if ahead is None else ahead
        # One thread more than workers, so that the next document is queued when a worker becomes free.
        with ThreadPoolExecutor(self.workers + 1, "guard") as threads:
            try:
                for item in items:
                    waiting.append((item, threads.submit(self.call, item)))
                    while waiting and (len(waiting) > ahead or waiting[0][1].done()):
                        first, future = waiting.popleft()
                        yield first, future.result()
                while waiting:
                    first, future = waiting.popleft()
                    yield first, future.result()
            except (KeyboardInterrupt, SystemExit):
                self.stop()
                raise
            finally:
                for _, future in waiting:
                    future.cancel()

    def _last_attempt(self, item: Item) -> Result | Problem:
        try:
            return self._attempt(item)
        except ProcessExpired as error:
            return self._death(int(error.exitcode or 0))

    def _attempt(self, item: Item) -> Result | Problem:
        """One try. A worker that died under the item is ``ProcessExpired``."""
        try:
            future: ProcessFuture[Result] = self._pool.schedule(_work, args=[item], timeout=self.bounds.deadline)
        except RuntimeError as error:
            if self._stopped:
                raise CancelledError("The guard was stopped before this file's turn came.") from error
            raise GuardError(f"The worker processes could not be started: {error}.") from error
        self._pending.add(future)
        try:
            return future.result()
        except TimeoutError:
            return _problem(Category.DEADLINE, f"Reading this file took longer than {self.bounds.deadline:g} seconds.")
        except MemoryError:
            return _problem(Category.MEMORY, f"Reading this file needs more memory than {self._allowance}.")
        except BrokenProcessPool as error:
            raise GuardError(f"The worker processes could not be kept running: {error}.") from error
        finally:
            self._pending.discard(future)

    def _death(self, exitcode: int) -> Problem:
        """What a worker that died twice says about the document it was reading."""
        if exitcode == -signal.SIGKILL:
            return _problem(Category.MEMORY, "The system ended the reader of this file twice; it ran out of memory.")
        how = signal.strsignal(-exitcode) if exitcode < 0 else f"exit code {exitcode}"
        return _problem(
            Category.CRASH,
            f"The reader crashed on this file twice ({how}): the file is damaged, or needs more memory than "
            f"{self._allowance}.",
        )

    @property
    def _allowance(self) -> str:
        return f"the {self.bounds.memory_mb} MiB a worker may use"


def _problem(category: Category, message: str) -> Problem:
    return Problem(stage=Stage.READ, category=category, message=message)


class _Turns:
    """Documents are read together; one that is tried again is read with nothing beside it.

    A readers-writer lock in which whoever wants to be alone goes first.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._wanting_alone = 0

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._wanting_alone)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._wanting_alone += 1
            self._changed.wait_for(lambda: not self._running)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._wanting_alone -= 1
                self._changed.notify_all()


# What follows runs in the worker process.

_prepared: list[Callable[[Any], Any]] = []
"""The work function of this worker process, from its start on."""


def _start_worker(prepare: Callable[[], Callable[[Any], Any]], bounds: Bounds, parent: int) -> None:
    """Load what the work needs, then set the limits, so that loading is not held against a document."""
    threading.Thread(target=_leave_with_parent, args=(parent,), daemon=True).start()
    _prepared.append(prepare())
    sys.dont_write_bytecode = True
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, bounds.file_mb * MEGABYTE)
    if bounds.memory_mb:
        _limit(resource.RLIMIT_AS, bounds.memory_mb * MEGABYTE)


def _limit(kind: int, value: int) -> None:
    """Lower a limit; a lower one that is already set stays. macOS refuses some, and then there is none."""
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (ceiling, hard))


def _leave_with_parent(parent: int) -> None:
    """End this worker when the process that started it is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(item: Any) -> Any:
    done = _prepared[0](item)
    if not gc.get_freeze_count():
        # What the first document loaded (rules, models) stays: it need not be searched for garbage ever again.
        gc.collect()
        gc.freeze()
    return done
