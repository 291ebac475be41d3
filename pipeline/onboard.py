"""Onboarding a folder: from a listing of files to an outcome for each in the store.

The plain functions, without an orchestrator; ``pipeline.flows`` runs them as a Prefect flow. The ledger decides what
is done: a run that was killed is taken up by the next where it stopped, and a run that finished leaves nothing to
do. Worker processes read; this process alone writes, one transaction for each document.
"""

import contextlib
import datetime as dt
import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from models.contract import Status
from models.problem import Category, Problem, Stage
from pipeline.discovery import discover, settle
from pipeline.document import Job, Processed, failed, printable
from pipeline.guard import Guard
from pipeline.limits import Limits
from pipeline.listing import Listing
from pipeline.unpacking import Unpacked, take_apart
from pipeline.versions import Versions
from store.blobs import BlobStore
from store.engine import reading, writing
from store.ledger import (
    Claim,
    FileSeen,
    Manifest,
    begin_batch,
    claim,
    finish_batch,
    manifest,
    record,
    release,
    reset_running,
    retry,
    standings,
    todo,
)
from store.results import save_outcome
from store.tables import LedgerState
from store.texts import text_name
from store.verdicts import verdict

NOT_READ = (LedgerState.FAILED, LedgerState.NEEDS_OCR, LedgerState.ENCRYPTED, LedgerState.UNSUPPORTED)
"""States that another attempt may change: the file was mended, OCR was installed, a limit was raised."""

CHANGED = "The file changed while it was being read. Run the same command again."


class OnboardError(Exception):
    """Onboarding cannot go on; the message is a sentence for the operator."""


class Progress(NamedTuple):
    """How far a run is: of ``total`` files to read, ``done`` are."""

    total: int
    done: int


@dataclass
class Onboarding:
    """One run over one batch. ``read_some`` may be called from several threads."""

    engine: Engine
    blobs: BlobStore
    guard: Guard[Job, Processed]
    versions: Versions
    unpack_to: Path
    """A folder for the documents of containers; what is in it is deleted when a run begins and when it is closed."""
    limits: Limits = field(default_factory=Limits)
    batch_size: int = 25
    clock: Callable[[], dt.datetime] = field(default=partial(dt.datetime.now, dt.UTC))
    on_progress: Callable[[Progress], None] = lambda _: None
    batch_id: str = ""
    _places: dict[str, str] = field(default_factory=dict)
    _total: int = 0
    _done: int = 0
    _writer: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, listing: Listing, *, again: bool = False, places: Mapping[str, str] | None = None) -> int:
        """Write the listing to the ledger, take back what a killed run left; how many files are to be read.

        Containers are unpacked first. ``again`` also tries anew what could not be read before. ``places`` says where
        the bytes of files lie that are listed by another name than their path on this machine.
        """
        self.close()
        self._places = dict(places or {})
        known = {"ruleset_version": self.versions.ruleset, "model_version": self.versions.model}
        with reading(self.engine) as session:
            standing = standings(session, root=listing.root, **known)
        seen = [look(self._place(path))._replace(path=path) for path in listing.files]
        found = discover(seen, standing, self._open, again=again)
        self._places |= found.places
        with self._writer, writing(self.engine) as session:
            batch = begin_batch(
                session,
                root=listing.root,
                files=found.files,
                **known,
                now=self.clock(),
                settings={"left_aside": [list(path) for path in listing.left_aside]},
            )
            self.batch_id = batch.id
            reset_running(session, batch.id, now=self.clock())
            if again:
                retry(session, batch.id, NOT_READ)
            settle(session, batch.id, found, self.clock())
            self._total = todo(session, batch.id)
        self.on_progress(Progress(self._total, 0))
        return self._total

    @property
    def tasks(self) -> int:
        """How many calls of ``read_some`` empty the ledger."""
        return -(-self._total // self.batch_size)

    def read_some(self) -> int:
        """Claim some files, read them, store what each gave; how many. Claimed files that were not read go back."""
        unread: dict[Job, Claim] = {}
        kept = 0
        try:
            for job, answer in self.guard.run(self._jobs(unread), ahead=self.guard.workers):
                self._keep(unread[job], answer)
                del unread[job]
                kept += 1
        finally:
            if unread:
                with self._writer, writing(self.engine) as session:
                    release(session, [one.entry_id for one in unread.values()])
        return kept

    def close(self) -> None:
        """Delete what was unpacked."""
        shutil.rmtree(self.unpack_to, ignore_errors=True)

    def _open(self, paths: Sequence[str]) -> Mapping[str, Unpacked]:
        by_place = {self._place(path): path for path in paths}
        opened = take_apart(by_place, self.unpack_to, self.limits, self.guard.bounds, self.guard.workers)
        return {by_place[place]: _named(by_place[place], place, parts) for place, parts in opened.items()}

    def _place(self, path: str) -> str:
        """Where the bytes of a file of the ledger lie."""
        return self._places.get(path, path)

    def _jobs(self, unread: dict[Job, Claim]) -> Iterator[Job]:
        """Claim files one at a time: the ledger blames a killed run on all files that it had claimed."""
        for _ in range(self.batch_size):
            with self._writer, writing(self.engine) as session:
                claims = claim(session, self.batch_id, 1, now=self.clock())
            if not claims:
                return
            job = Job(self._place(claims[0].path), printable(Path(claims[0].path).name))
            unread[job] = claims[0]
            yield job

    def finish(self) -> Manifest:
        """Close the batch and account for every file of it."""
        with self._writer, writing(self.engine) as session:
            finish_batch(session, self.batch_id, now=self.clock())
        with reading(self.engine) as session:
            return manifest(session, self.batch_id)

    def _keep(self, claimed: Claim, answer: Processed | Problem) -> None:
        """Store what a file gave: the document first, then all else in one transaction."""
        processed = self._checked(claimed, answer)
        outcome = processed.outcome
        if outcome.sha256 is not None and processed.text is not None:
            self.blobs.put_beside(outcome.sha256, text_name(self.versions.model), processed.text)
        with self._writer, writing(self.engine) as session:
            if outcome.sha256 is None:
                state, category, reason = verdict(outcome)
                record(session, claimed.entry_id, state, now=self.clock(), category=category, reason=reason)
            else:
                save_outcome(
                    session,
                    outcome,
                    ruleset_version=self.versions.ruleset,
                    model_version=self.versions.model,
                    now=self.clock(),
                    size=processed.size or claimed.size or 0,
                    media_type=processed.media_type,
                    entry_id=claimed.entry_id,
                    seconds=processed.seconds,
                )
            self._done += 1
            self.on_progress(Progress(self._total, self._done))

    def _checked(self, claimed: Claim, answer: Processed | Problem) -> Processed:
        """The answer, unless the file is no longer the one that was listed."""
        name = printable(Path(claimed.path).name)
        if isinstance(answer, Problem):
            return Processed(failed(name, answer, sha256=claimed.sha256), claimed.size)
        if answer.outcome.sha256 is None:
            return answer
        changed = answer.outcome.sha256 != claimed.sha256
        if not changed and answer.outcome.status is not Status.FAILED:
            changed = self.blobs.put(Path(self._place(claimed.path)).read_bytes()) != claimed.sha256
        if changed:
            problem = Problem(stage=Stage.READ, category=Category.MISSING, message=CHANGED)
            return Processed(failed(name, problem))
        return answer


def look(path: str) -> FileSeen:
    """Hash a file. What cannot be read has no hash, and gets its outcome when its turn comes."""
    file = Path(path)
    try:
        if not file.is_file():  # a pipe would never end
            return FileSeen(path, None, None)
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256")
            return FileSeen(path, digest.hexdigest(), content.tell())
    except OSError:
        return FileSeen(path, None, None)


def _named(path: str, place: str, parts: Unpacked) -> Unpacked:
    """The documents of a container by the name that it is listed by."""
    if isinstance(parts, Problem):
        return parts
    return tuple(part._replace(path=path + part.path.removeprefix(place)) for part in parts)


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Let one onboarding at a time work with a data folder. The lock goes with the process that holds it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "onboard.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise OnboardError(
                f"Another onboarding (process {holder}) is using {data_dir}. Wait until it is done."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
