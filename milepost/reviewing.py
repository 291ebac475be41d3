"""``milepost review`` and ``serve``: the web application, and the worker process that opens documents for it.

A contract that crashes, hangs or bloats what opens it must not take the server down with it. So texts are read and
pages drawn in a worker process with a deadline and a memory limit, the one that reads documents in bulk.
"""

import contextlib
import errno
import gc
import getpass
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, cast

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from upath import UPath

from milepost.console import tell
from milepost.doors import doors as entry
from milepost.opening import moment
from milepost.reckoning import reckoning
from milepost.replanning import replanning
from milepost.settings import Settings, load_settings
from milepost.tracking_web import mount_tracking, tracking_seat
from milepost.wiring import bounds, options, use_config
from models.contract import Status
from models.problem import DocumentError, Problem
from models.source import Box, SourceText, Span
from pipeline.document import Options, Processed, process
from pipeline.guard import Guard
from pipeline.identify import MediaType
from pipeline.read import locate, read
from pipeline.versions import Versions, versions
from review.accepting import accept_all
from review.amending import ReadDocument
from review.app import create_app
from review.consequence import adopt, catch_up
from review.library import Library
from review.pages import draw, sizes
from review.routing import hand_out
from review.services import Services
from rules.loader import installed_rules
from rules.review_policies import load_weights
from rules.routing import load_routing
from store.blobs import BlobStore
from store.engine import open_engine, writing
from store.search import index_missing

LOOPBACK = "127.0.0.1"
PORT = 8321


class ServeError(Exception):
    """The application cannot listen; the message says why and what to do."""


class ReadTask(NamedTuple):
    """Read a document's text."""

    name: str
    data: bytes


class MeasureTask(NamedTuple):
    """Measure the pages."""

    data: bytes


class DrawTask(NamedTuple):
    """Draw a page."""

    data: bytes
    page: int


class LocateTask(NamedTuple):
    """Find the boxes of words of a page. ``source`` holds what leads back to that page alone."""

    data: bytes
    source: SourceText
    spans: list[Span]


class TakeInTask(NamedTuple):
    """Read a new document and find what it says."""

    name: str
    data: bytes


Task = ReadTask | MeasureTask | DrawTask | LocateTask | TakeInTask
Answer = SourceText | bytes | list[Box | None] | list[tuple[float, float]] | Processed | Problem


def worker(given: Options) -> "partial[Answer]":
    """What the worker process does with a task."""
    return partial(_answer, given=given)


def _answer(task: Task, given: Options) -> Answer:
    try:
        match task:
            case ReadTask(name, data):
                return read(name, data, given.limits, ocr=given.ocr)[1]
            case MeasureTask(data):
                return sizes(data)
            case DrawTask(data, page):
                return draw(data, page)
            case TakeInTask(name, data):
                return process(name, data, installed_rules(), given)
            case LocateTask(data, source, spans):
                placed = locate(MediaType.PDF, data, source, spans)
                return [Box(*boxes[0][1:]) if boxes else None for boxes in placed]
    except DocumentError as error:
        return error.problem


class GuardedReader:
    """Opens documents in worker processes; what stops one is its problem alone.

    Texts are read by one worker and pages shown by another, so that no page waits for the OCR of another document.
    """

    def __init__(self, reading: Guard[Task, Answer], showing: Guard[Task, Answer], version: str) -> None:
        self._reading = reading
        self._showing = showing
        self.version = version

    def read(self, name: str, data: bytes) -> SourceText:
        """The text of a document."""
        answer = _ask(self._reading, ReadTask(name, data))
        assert isinstance(answer, SourceText)
        return answer

    def sizes(self, data: bytes) -> list[tuple[float, float]]:
        """Width and height of each page as displayed, in points."""
        return cast(list[tuple[float, float]], _ask(self._showing, MeasureTask(data)))

    def draw(self, data: bytes, page: int) -> bytes:
        """A page as a JPEG."""
        answer = _ask(self._showing, DrawTask(data, page))
        assert isinstance(answer, bytes)
        return answer

    def locate(self, data: bytes, source: SourceText, page: int, spans: list[Span]) -> list[Box | None]:
        """The box of each span of a page."""
        # Only what leads back to that page is sent to the worker.
        runs = tuple(run for run in source.runs if run.page == page)
        return cast(list[Box | None], _ask(self._showing, LocateTask(data, SourceText("", source.pages, runs), spans)))


class GuardedIntake:
    """Takes new documents in: reads them in the worker process, and keeps their bytes."""

    def __init__(self, reading: Guard[Task, Answer], blobs: BlobStore, known: Versions) -> None:
        self._reading = reading
        self._blobs = blobs
        self._known = known

    def __call__(self, name: str, data: bytes) -> ReadDocument:
        """The document; one that no contract can be read of keeps no bytes."""
        processed = _ask(self._reading, TakeInTask(name, data))
        assert isinstance(processed, Processed)
        if processed.outcome.status is not Status.FAILED:
            self._blobs.put(data)
        return ReadDocument(
            processed.outcome, self._known.ruleset, self._known.model, processed.size or len(data), processed.media_type
        )


def _ask(guard: Guard[Task, Answer], task: Task) -> Answer:
    answer = guard.call(task)
    if isinstance(answer, Problem):
        raise DocumentError(answer)
    return answer


def run(
    host: str | None,
    port: int | None,
    data: Path | None,
    config: Path | None,
    *,
    browse: bool = False,
    verbose: bool = False,
) -> None:
    """Serve the web application until it is told to stop.

    Raises:
        ServeError: the address or port cannot be used.
    """
    use_config(config)
    settings = load_settings(data_dir=data)
    address = host or LOOPBACK
    with ExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        engine = open_engine(settings.url, create=True)
        stack.callback(engine.dispose)
        listening = stack.enter_context(listen(address, port))
        catch_up(engine, moment())
        while _indexed(engine):
            pass
        hand_out(engine, load_routing(settings.policies), moment())
        accept_all(engine, moment(), using=reckoning(options(settings)))
        app = build(settings, engine, stack, address)
        # An address with every interface is none that a browser can go to.
        shown = "127.0.0.1" if address in ("0.0.0.0", "::") else address
        url = f"http://{f'[{shown}]' if ':' in shown else shown}:{listening.getsockname()[1]}/"
        print(f"The review is at {url}", flush=True)
        tell("Stop it with Ctrl-C.")
        if browse:
            threading.Timer(1.0, webbrowser.open, [url]).start()
        _serve(app, listening, settings.trusted_proxies, verbose=verbose)


def _indexed(engine: Engine) -> int:
    """Make contracts of before there was a search findable, some at a time; how many."""
    with writing(engine) as session:
        return index_missing(session)


def build(settings: Settings, engine: Engine, stack: ExitStack, address: str = LOOPBACK) -> FastAPI:
    """The application on an open database; its workers end with ``stack``.

    Raises:
        OpenDoorError: ``address`` can be reached from other machines, and there are no accounts.
    """
    given = options(settings)
    doors = entry(settings, engine, address, now=moment, user=user_name())
    guards = [Guard[Task, Answer](partial(worker, given), 1, bounds(settings)) for _ in range(2)]
    for guard in guards:
        stack.callback(guard.__exit__, KeyboardInterrupt, None, None)
    known, blobs = versions(installed_rules(), given), BlobStore(UPath(settings.blob_root))
    reader = GuardedReader(guards[0], guards[1], known.model)
    services = Services(
        engine=engine,
        library=Library(blobs, reader, settings.data_dir / "cache"),
        now=moment,
        using=reckoning(given),
        weights=load_weights(settings.policies),
        routing=load_routing(settings.policies),
        intake=GuardedIntake(guards[0], blobs, known),
        replan=replanning(settings),
    )
    adopt(engine, services.weights, services.now())
    app = create_app(
        services,
        doors.access,
        doors.perimeter,
        service=doors.service,
        base_url=doors.base_url,
        version=version("milepost"),
    )
    mount_tracking(app, tracking_seat(settings, engine, moment))
    return app


def user_name() -> str:
    """What the operating system calls who runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return "local user"


@contextmanager
def listen(address: str, port: int | None) -> Iterator[socket.socket]:
    """A socket that listens: on ``port``, else on the usual one, else on any that is free.

    Raises:
        ServeError: the port is taken, or the address is not this machine's.
    """
    try:
        listening = _bound(address, PORT if port is None else port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE or port is not None:
            raise ServeError(_cannot_listen(address, PORT if port is None else port, error)) from error
        tell(f"Port {PORT} is taken, perhaps by another milepost; another one was chosen.")
        listening = _bound(address, 0)
    with listening:
        yield listening


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            # A server that was stopped a moment ago keeps no one from starting again.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def _cannot_listen(address: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Choose another one, or leave --port out to get a free one."
    if error.errno == errno.EACCES:
        return f"You may not listen on port {port}. Choose one above 1023."
    return f"Cannot listen on {address}: {error.strerror or error}."


def _serve(app: FastAPI, listening: socket.socket, proxies: tuple[str, ...], *, verbose: bool) -> None:
    level = "info" if verbose else "warning"
    config = uvicorn.Config(
        app,
        log_level=level,
        access_log=verbose,
        server_header=False,
        # Who a request comes from is taken from its headers only where a proxy that is trusted wrote them.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=5,
        lifespan="off",
    )
    # What is there by now stays: looking through all of it for garbage would hold up a request, time and again.
    gc.collect()
    gc.freeze()
    # uvicorn raises anew the signal that ended it, which is nothing to whoever ignores signals, as background jobs do.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
    tell("Stopped.")
