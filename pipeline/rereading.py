"""Reading the portfolio anew after an upgrade, from the documents that were kept. Changes nothing that people see.

The plain functions, without an orchestrator; ``pipeline.flows`` runs them as a Prefect flow. What is left to read
stands in the store, so a run that was killed is taken up by the next. Worker processes read; this process alone writes.
"""

import datetime as dt
import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from models.contract import Outcome
from models.problem import Problem
from pipeline.document import Job, Processed, printable
from pipeline.guard import Guard
from pipeline.onboard import Progress
from pipeline.versions import Versions
from store import rereads
from store.blobs import BlobStore
from store.engine import writing
from store.errors import StoreError
from store.reread_effects import Versions as StoredVersions
from store.rereads import Summary, Waiting

_LOCAL = ("", "file", "local")


@dataclass
class Rereading:
    """One new reading of all that other rules or models had read. ``read_some`` may be called from several threads."""

    engine: Engine
    blobs: BlobStore
    guard: Guard[Job, Processed]
    versions: Versions
    scratch: Path
    """A folder for documents that are not kept on this machine; deleted when the reading is closed."""
    batch_size: int = 25
    clock: Callable[[], dt.datetime] = field(default=partial(dt.datetime.now, dt.UTC))
    on_progress: Callable[[Progress], None] = lambda _: None
    reread_id: str = ""
    _waiting: deque[Waiting] = field(default_factory=deque)
    _total: int = 0
    _done: int = 0
    _writer: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, *, again: bool = False) -> int:
        """Find what is to be read anew, or is left of a run that was killed; how many contracts.

        ``again`` also reads what was dropped, or could not be read.
        """
        with self._writer, writing(self.engine) as session:
            batch = rereads.begin_reread(session, StoredVersions(*self.versions), self.clock(), again=again)
            if batch is None:
                return 0
            self.reread_id = batch.id
            self._waiting = deque(rereads.waiting(session, batch.id))
        self._total = len(self._waiting)
        self.on_progress(Progress(self._total, 0))
        return self._total

    @property
    def tasks(self) -> int:
        """How many calls of ``read_some`` read everything."""
        return -(-self._total // self.batch_size)

    def read_some(self) -> int:
        """Read some contracts and keep what that gave; how many."""
        kept = 0
        here: dict[Job, Waiting] = {}
        try:
            for job, answer in self.guard.run(self._jobs(here), ahead=self.guard.workers):
                self._keep(here[job], answer.outcome if isinstance(answer, Processed) else answer)
                del here[job]
                kept += 1
        finally:
            self._waiting.extend(here.values())
        return kept

    def finish(self) -> Summary:
        """Compare what was read with what was read before, a family in each transaction; the sum of it."""
        with self._writer, writing(self.engine) as session:
            groups = rereads.uncompared(session, self.reread_id)
        for group in groups:
            with self._writer, writing(self.engine) as session:
                rereads.compare(session, self.reread_id, group, self.clock())
        with self._writer, writing(self.engine) as session:
            return rereads.finish_reread(session, self.reread_id, self.clock())

    def close(self) -> None:
        """Delete the copies of documents."""
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _jobs(self, here: dict[Job, Waiting]) -> Iterator[Job]:
        for _ in range(self.batch_size):
            try:
                one = self._waiting.popleft()
            except IndexError:
                return
            try:
                job = Job(str(self._place(one.sha256)), printable(one.name))
            except StoreError as error:
                self._keep(one, str(error))
                continue
            here[job] = one
            yield job

    def _place(self, sha256: str) -> Path:
        """Where the bytes of a document lie on this machine; a copy of those that are kept elsewhere."""
        path = self.blobs.path(sha256)
        if path.protocol in _LOCAL:
            if not path.exists():
                self.blobs.get(sha256)  # says that it is missing
            return Path(path.path)
        self.scratch.mkdir(parents=True, exist_ok=True)
        copy = self.scratch / sha256
        copy.write_bytes(self.blobs.get(sha256))
        return copy

    def _keep(self, one: Waiting, answer: Outcome | Problem | str) -> None:
        found = answer.message if isinstance(answer, Problem) else answer
        if isinstance(found, Outcome) and found.sha256 not in (None, one.sha256):
            found = "The document that was kept is damaged: its bytes are not those that were read before."
        (self.scratch / one.sha256).unlink(missing_ok=True)
        with self._writer, writing(self.engine) as session:
            rereads.keep(session, self.reread_id, one.contract_id, found)
        self._done += 1
        self.on_progress(Progress(self._total, self._done))
