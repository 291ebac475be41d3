"""Sweeping inboxes: what is new in a folder or an object store is read, whatever else happens there.

An inbox is a folder or any URL that fsspec knows (``s3://bucket/contracts``). A file is taken once it is whole: its
size and stamp stay the same for a while. It is not moved; what was taken is remembered by place and content, so that
the same bytes are not read again and other bytes at the same place are a new version. What cannot be read is said
once, and holds up nothing. How documents are read, and what follows from it, is onboarding's matter.
"""

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from upath import UPath

from models.base import Value
from pipeline.document import printable
from pipeline.listing import Listing, why_left_aside
from store import inboxes
from store.engine import reading, writing
from store.family_tables import FamilyLink
from store.identity import contract_id
from store.inboxes import Seen
from store.ledger import Manifest, ManifestRow
from store.recurring_tables import InboxFile, InboxState
from store.tables import Contract, LedgerState

LOCAL = ("", "file", "local")
"""fsspec's names for the machine's own files."""

_PARTIAL = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".!ut")
"""Endings that programs give to what they have not written to its end."""

_READ = (LedgerState.DONE, LedgerState.UNPACKED)
_STAMPS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")
"""What file systems call the last change, the surest first."""

_CHUNK = 1024 * 1024


class Arrived(Value):
    """A file that was taken: where it lies, what it is, and what follows from it, in sentences."""

    path: str
    contract: str | None = None
    title: str | None = None
    notes: tuple[str, ...] = ()
    reason: str | None = None


class SweepReport(Value):
    """What a sweep did. ``problems`` are inboxes that could not be looked into."""

    read: tuple[Arrived, ...] = ()
    known: tuple[Arrived, ...] = ()
    failed: tuple[Arrived, ...] = ()
    waiting: int = 0
    problems: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nobody has to look."""
        return not self.failed and not self.problems

    @property
    def sentence(self) -> str:
        """The sum of it."""
        parts = [f"{_count(len(self.read), 'document')} read"]
        parts += [f"{len(self.known)} known already"] if self.known else []
        parts += [f"{len(self.failed)} could not be read"] if self.failed else []
        parts += [f"{self.waiting} still being written"] if self.waiting else []
        parts += [f"{_count(len(self.problems), 'inbox', 'inboxes')} out of reach"] if self.problems else []
        return ", ".join(parts) + "."


class _Taken(NamedTuple):
    """A file on its way: its row, the name it has in the ledger, where its bytes lie, and their hash."""

    row: InboxFile
    name: str
    place: Path
    sha256: str


Read = Callable[[Listing, Mapping[str, str]], Manifest]
"""Onboards what is listed; the mapping says where the bytes of files lie that are not on this machine."""


@dataclass
class Sweep:
    """One sweep of all inboxes."""

    engine: Engine
    inboxes: Sequence[str]
    settle: dt.timedelta
    staging: Path
    """A folder for copies of what lies elsewhere; deleted when the sweep ends."""
    largest: int
    """Bytes of a file that is fetched at all."""
    clock: Callable[[], dt.datetime] = field(default=partial(dt.datetime.now, dt.UTC))
    _whole: dict[str, InboxFile] = field(default_factory=dict)
    _waiting: int = 0
    _problems: dict[str, str] = field(default_factory=dict)

    def look(self) -> int:
        """Look into every inbox; how many files may still be written. Twice finds out which of them are."""
        self._whole, self._waiting, self._problems = {}, 0, {}
        for inbox in map(address, self.inboxes):
            try:
                files = list(files_of(inbox))
            except Exception as error:  # every store has errors of its own; one inbox must not hold up the others
                self._problems[inbox] = f"{inbox} cannot be looked into: {' '.join(str(error).split()) or error!r}"
                continue
            with writing(self.engine) as session:
                looked = inboxes.look(session, inbox, files, self.clock(), self.settle)
            self._whole |= {row.id: row for row in looked.whole}
            self._waiting += looked.waiting
        return self._waiting

    @property
    def arrived(self) -> bool:
        """Whether there is anything to take."""
        return bool(self._whole)

    @property
    def report(self) -> SweepReport:
        """What looking alone found."""
        return SweepReport(waiting=self._waiting, problems=tuple(self._problems.values()))

    def take(self, read: Read) -> SweepReport:
        """Have everything that is whole and new read, and say what became of it."""
        try:
            taken, known, failed = self._fetch()
            listing = Listing(
                tuple(sorted(map(address, self.inboxes))), tuple(sorted(one.name for one in taken)), (), ()
            )
            rows: Mapping[str, ManifestRow] = {}
            if taken:
                manifest = read(listing, {one.name: str(one.place) for one in taken})
                rows = {row.path: row for row in manifest.rows}
            arrived: list[Arrived] = []
            for one in taken:
                found = self._record(one, rows.get(one.name))
                {InboxState.READ: arrived, InboxState.KNOWN: known, InboxState.FAILED: failed}[found[0]].append(
                    found[1]
                )
        finally:
            shutil.rmtree(self.staging, ignore_errors=True)
        return SweepReport(
            read=tuple(arrived),
            known=tuple(known),
            failed=tuple(failed),
            waiting=self._waiting,
            problems=tuple(self._problems.values()),
        )

    def _fetch(self) -> tuple[list[_Taken], list[Arrived], list[Arrived]]:
        """Bring what is whole onto this machine; what is known already, or cannot be had, goes no further."""
        taken: list[_Taken] = []
        known: list[Arrived] = []
        failed: list[Arrived] = []
        for row in self._whole.values():
            name = name_of(row.inbox, row.path)
            if row.size > self.largest:
                reason = f"The file has {row.size:,} bytes; more than {self.largest:,} are not read (limits.bytes)."
                failed.append(self._failed(row, name, reason))
                continue
            try:
                place, sha256 = self._bring(row)
            except Exception as error:  # as in look: every store has errors of its own
                reason = f"It cannot be fetched: {' '.join(str(error).split()) or repr(error)}."
                if row.reason != reason:  # told once, and tried again by every sweep
                    failed.append(self._failed(row, name, reason, InboxState.WAITING))
                continue
            with reading(self.engine) as session:
                contract = inboxes.known_as(session, sha256)
                elsewhere = inboxes.other_place(session, row, sha256) if contract else None
            if contract is not None and (elsewhere or contract.name != PurePosixPath(row.path).name):
                reason = f"The same file as {contract.name}, which was read before."
                with writing(self.engine) as session:
                    inboxes.take(session, row.id, sha256, InboxState.KNOWN, self.clock(), reason)
                known.append(Arrived(path=name, contract=contract.id, title=contract.title, reason=reason))
                continue
            taken.append(_Taken(row, name, place, sha256))
        return taken, known, failed

    def _bring(self, row: InboxFile) -> tuple[Path, str]:
        source = UPath(row.inbox) / row.path
        if source.protocol in LOCAL:
            place = Path(source.path)
        else:
            # The name stays: what a file is called says something of what it is.
            place = self.staging / row.id / printable(PurePosixPath(row.path).name)
            place.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as there, place.open("wb") as here:
                shutil.copyfileobj(there, here, _CHUNK)
        with place.open("rb") as content:
            return place, hashlib.file_digest(content, "sha256").hexdigest()

    def _failed(self, row: InboxFile, name: str, reason: str, state: InboxState = InboxState.FAILED) -> Arrived:
        with writing(self.engine) as session:
            inboxes.take(session, row.id, None, state, self.clock(), reason)
        return Arrived(path=name, reason=reason)

    def _record(self, one: _Taken, row: ManifestRow | None) -> tuple[InboxState, Arrived]:
        state, reason = InboxState.FAILED, "It was not read."
        if row is not None:
            state = InboxState.READ if row.state in _READ else InboxState.FAILED
            state = InboxState.KNOWN if row.state is LedgerState.DUPLICATE else state
            reason = row.reason or ""
            if row.state is LedgerState.DUPLICATE:
                reason = f"The same file as {row.duplicate_of}."
        with writing(self.engine) as session:
            changed = inboxes.take(session, one.row.id, one.sha256, state, self.clock(), reason or None)
            contract = session.get(Contract, contract_id(one.sha256))
            notes: tuple[str, ...] = ()
            if contract is not None and state is InboxState.READ:
                before = changed.earlier_sha256 if changed else None
                earlier = inboxes.known_as(session, before) if before else None
                links = _links(session, contract.id, but=earlier.id if earlier else None)
                notes = (*_version(session, one.row.path, earlier, contract, self.clock()), *links)
            found = Arrived(
                path=one.name,
                contract=contract.id if contract else None,
                title=contract.title if contract else None,
                notes=notes,
                reason=reason if state is not InboxState.READ else None,
            )
        return state, found


def address(inbox: str) -> str:
    """What an inbox is known by: the whole path of a folder of this machine, else its URL."""
    if "://" in inbox and not inbox.startswith(("file://", "local://")):
        return inbox.rstrip("/")
    path = unquote(urlsplit(inbox).path) if "://" in inbox else inbox
    return str(Path(path).expanduser().absolute())


def files_of(inbox: str) -> Iterator[Seen]:
    """The files of an inbox that may be documents, folders within it included.

    Raises:
        FileNotFoundError: a folder of this machine that does not exist.
        Exception: what the store of the inbox raises.
    """
    root = UPath(inbox)
    if root.protocol in LOCAL and not Path(root.path).is_dir():
        raise FileNotFoundError("there is no such folder")
    base = str(root.path).rstrip("/")
    root.fs.invalidate_cache()
    for path, about in root.fs.find(root.path, detail=True).items():
        within = path.removeprefix(base).lstrip("/")
        if about.get("type", "file") != "file" or not within or _left_aside(within):
            continue
        yield Seen(within, int(about.get("size") or 0), _stamp(about))


def name_of(inbox: str, path: str) -> str:
    """What a file of an inbox is called in the ledger: its path on this machine, else its address."""
    root = UPath(inbox)
    return str(Path(root.path, path)) if root.protocol in LOCAL else f"{inbox.rstrip('/')}/{path}"


def _left_aside(path: str) -> bool:
    parts = PurePosixPath(path)
    return any(why_left_aside(part) for part in parts.parts) or parts.suffix.lower() in _PARTIAL


def _stamp(about: Mapping[str, Any]) -> str:
    return next((str(about[name]) for name in _STAMPS if about.get(name) is not None), "")


def _version(
    session: Session, path: str, earlier: Contract | None, contract: Contract, now: dt.datetime
) -> tuple[str, ...]:
    """Propose that a document takes the place of the one that lay there before, if they are of the same parties."""
    if earlier is None or earlier.id == contract.id:
        return ()
    name = earlier.title or earlier.name
    if not inboxes.alike(session, contract.id, earlier.id):
        return (f"Another document lay there before ({name}); the two have no party in common.",)
    reason = f"It lies where {name} lay before ({path}), between the same parties: a new version."
    inboxes.propose_version(session, contract.id, earlier.id, reason, now)
    return (f"A new version of {name}: a person confirms that it takes its place.",)


def _links(session: Session, id_: str, *, but: str | None) -> tuple[str, ...]:
    """What belongs together with a document that has arrived; ``but`` is told already."""
    statement = select(FamilyLink).where((col(FamilyLink.child_id) == id_) | (col(FamilyLink.parent_id) == id_))
    notes = []
    for link in session.exec(statement.order_by(col(FamilyLink.id))):
        other = session.get(Contract, link.parent_id if link.child_id == id_ else link.child_id)
        if other is None or other.id == but:
            continue
        role, name = str(link.role).replace("_", " "), other.title or other.name
        notes.append(
            f"{role.capitalize()} of {name} ({link.state})."
            if link.child_id == id_
            else f"{name} is its {role} ({link.state})."
        )
    return tuple(notes)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
