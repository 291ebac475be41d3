"""ZIP files and e-mails (.eml, .msg) to the documents in them, within limits and without writing anything to disk.

What lies in a container is handed on as it is: whether it can be read is said when it is read. Left out are the
litter of desktop systems and the pictures of an e-mail's signature. The text of an e-mail is a document only if
nothing is attached to it; otherwise it is the letter around the contract.
"""

import codecs
import email
import email.policy
import io
import mimetypes
import zipfile
import zlib
from collections.abc import Iterator
from email.message import EmailMessage
from typing import NamedTuple

from models.problem import Category, DocumentError, Problem, Stage
from pipeline.compound import CompoundError, CompoundFile, Entry
from pipeline.identify import MediaType, identify
from pipeline.limits import Limits

_LITTER = frozenset(("thumbs.db", "desktop.ini", "icon\r"))
_DATA, _LONG_NAME, _SHORT_NAME, _CONTENT_ID = "37010102", "3707", "3704", "3712"
_EMBEDDED, _PLAIN_BODY, _HTML_BODY = "3701000D", "1000", "1013"


INSIDE = "!/"
"""Stands between the name of a container and the path of a document in it."""

_LONGEST_NAME = 255
_LONGEST_PATH = 1000


class Member(NamedTuple):
    """A document of a container, by its path in it; or the problem for which it was not taken out."""

    name: str
    data: bytes
    problem: Problem | None = None


def unpack(name: str, data: bytes, limits: Limits) -> list[Member]:
    """The documents in a container and in the containers within it, each under ``name!/path``.

    Raises:
        DocumentError: the container itself is empty, damaged, too large, or no container.
    """
    media = identify(name, data, limits)
    if not media.is_container:
        raise DocumentError(_problem(Category.CONTAINER, f"{name} is a document, not a container."))
    budget = _Budget(limits)
    members = list(_members(name, data, media, 1, budget))
    if not members:
        raise DocumentError(_problem(Category.EMPTY, f"{name} holds no documents. Add the documents themselves."))
    return members


class _Budget:
    """What the whole container may still take, its inner containers included."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members = limits.members
        self.bytes = limits.expanded_bytes

    def refuse(self, name: str, size: int) -> Problem | None:
        """Take a member of this size from the budget, or say why it does not fit."""
        if size > self.limits.bytes:
            return _too_large(f"{name} would take {size:,} bytes")
        if self.members <= 0:
            return _too_large(f"{name} is beyond the {self.limits.members:,} documents taken from one container")
        if size > self.bytes:
            return _too_large(f"{name} is beyond the {self.limits.expanded_bytes:,} bytes taken from one container")
        self.members -= 1
        self.bytes -= size
        return None


def _members(name: str, data: bytes, media: MediaType, depth: int, budget: _Budget) -> Iterator[Member]:
    if media is MediaType.ZIP:
        found = _from_zip(name, data, budget)
    elif media is MediaType.EML:
        found = _from_mail(name, data, budget)
    else:
        found = _from_outlook(name, data, budget)
    for member in found:
        inner = None if member.problem else _container(member, budget.limits)
        if inner is None:
            yield member
        elif depth >= budget.limits.nesting:
            message = f"{member.name} lies {depth + 1} containers deep. Unpack it and add its documents."
            yield Member(member.name, b"", _problem(Category.CONTAINER, message))
        else:
            budget.members += 1  # the inner container is no document itself
            try:
                yield from _members(member.name, member.data, inner, depth + 1, budget)
            except DocumentError as error:
                yield Member(member.name, b"", error.problem)


def _container(member: Member, limits: Limits) -> MediaType | None:
    try:
        media = identify(member.name, member.data, limits)
    except DocumentError:
        return None  # it is told when the member is read
    return media if media.is_container else None


def _from_zip(name: str, data: bytes, budget: _Budget) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocumentError(_damaged(name)) from error
    with archive:
        entries = archive.infolist()
        if len(entries) > budget.limits.entries:
            raise DocumentError(_too_large(f"{name} lists {len(entries):,} files"))
        for entry in entries:
            if entry.is_dir() or _is_litter(entry.filename):
                continue
            path = f"{name}{INSIDE}{_shown(entry.filename)}"
            problem = _locked(path) if entry.flag_bits & 0x1 else budget.refuse(path, entry.file_size)
            if problem is not None:
                yield Member(path, b"", problem)
                continue
            try:
                content = archive.read(entry)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
                yield Member(path, b"", _damaged(path))
            else:
                yield Member(path, content)


def _from_mail(name: str, data: bytes, budget: _Budget) -> Iterator[Member]:
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        parts = list(_parts(message))
    except (RecursionError, ValueError, LookupError) as error:  # parts within parts within parts, or no headers at all
        raise DocumentError(_damaged(name)) from error
    bodies: dict[str, bytes] = {}
    count = 0
    for index, part in enumerate(parts, 1):
        kind, attached = part.get_content_type(), part.get_filename()
        if kind in ("text/plain", "text/html") and not attached and not part.is_attachment():
            bodies.setdefault(kind, _content(part))
            continue
        if part.get_content_maintype() in ("image", "audio", "video") and not part.is_attachment():
            continue
        if kind == "application/ms-tnef" or kind.startswith(("application/pkcs7-sig", "application/pgp-sig")):
            continue
        unnamed = f"part {index}{mimetypes.guess_extension(kind) or ''}"
        path = f"{name}{INSIDE}{_shown(attached or unnamed)}"
        content = _content(part)
        count += 1
        problem = budget.refuse(path, len(content))
        yield Member(path, b"" if problem else content, problem)
    if not count:
        yield from _body(name, bodies.get("text/html"), bodies.get("text/plain"), budget)


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """The leaves of a message; a message attached to it is one leaf, and unpacked as a container in its turn."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    for part in message.iter_parts():
        if isinstance(part, EmailMessage):
            yield from _parts(part)


def _content(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0) if part.is_multipart() else None
        return inner.as_bytes() if isinstance(inner, EmailMessage) else b""
    content = part.get_payload(decode=True)
    content = content if isinstance(content, bytes) else b""
    charset = part.get_content_charset()
    if part.get_content_maintype() == "text" and charset is not None:
        try:  # the mark tells readers that this is UTF-8 now, whatever a web page says of itself
            return codecs.BOM_UTF8 + content.decode(charset, "replace").encode()
        except (LookupError, UnicodeError):
            return content
    return content


def _body(name: str, web: bytes | None, plain: bytes | None, budget: _Budget) -> Iterator[Member]:
    """The text of an e-mail without attachments; its web form has the tables."""
    for content, path in ((web, f"{name}{INSIDE}message.html"), (plain, f"{name}{INSIDE}message.txt")):
        if content and content.strip():
            problem = budget.refuse(path, len(content))
            yield Member(path, b"" if problem else content, problem)
            return


def _from_outlook(name: str, data: bytes, budget: _Budget) -> Iterator[Member]:
    try:
        file = CompoundFile(data)
        yield from _from_message(name, file, (), budget, 0)
    except CompoundError as error:
        raise DocumentError(_damaged(name)) from error


def _from_message(name: str, file: CompoundFile, at: tuple[str, ...], budget: _Budget, depth: int) -> Iterator[Member]:
    """Attachments of the message stored below ``at`` ([MS-OXMSG] 2.2); an attached message is a storage in it."""
    here = [entry for entry in file.entries if entry.path[: len(at)] == at]
    storages = sorted(
        entry.path
        for entry in here
        if len(entry.path) == len(at) + 1 and not entry.stream and entry.path[-1].startswith("__attach_version1.0_")
    )
    count = 0
    for index, storage in enumerate(storages, 1):
        streams = {entry.path[-1]: entry for entry in here if entry.path[:-1] == storage}
        attached = _text(file, streams, _LONG_NAME) or _text(file, streams, _SHORT_NAME) or f"part {index}"
        path = f"{name}{INSIDE}{_shown(attached)}"
        if f"__substg1.0_{_EMBEDDED}" in streams:
            count += 1
            if depth + 1 >= budget.limits.nesting:
                message = f"{path} lies {depth + 2} containers deep. Save it on its own and add it."
                yield Member(path, b"", _problem(Category.CONTAINER, message))
            else:
                inner = (*storage, f"__substg1.0_{_EMBEDDED}")
                yield from _from_message(path, file, inner, budget, depth + 1)
            continue
        content = streams.get(f"__substg1.0_{_DATA}")
        picture = (mimetypes.guess_type(attached)[0] or "").startswith("image/")
        if content is None or (picture and _text(file, streams, _CONTENT_ID)):
            continue
        count += 1
        problem = budget.refuse(path, content.size)
        yield Member(path, b"" if problem else file.read(content), problem)
    if not count:
        streams = {entry.path[-1]: entry for entry in here if len(entry.path) == len(at) + 1 and entry.stream}
        web = streams.get(f"__substg1.0_{_HTML_BODY}0102")
        plain = _text(file, streams, _PLAIN_BODY)
        yield from _body(name, None if web is None else file.read(web), plain.encode(), budget)


def _text(file: CompoundFile, streams: dict[str, Entry], tag: str) -> str:
    """A text property: UTF-16 as type 001F, or in the sender's code page as 001E."""
    for kind, encoding in (("001F", "utf-16-le"), ("001E", "cp1252")):
        entry = streams.get(f"__substg1.0_{tag}{kind}")
        if entry is not None:
            return file.read(entry).decode(encoding, "replace").strip("\0 ")
    return ""


def _is_litter(path: str) -> bool:
    names = path.replace("\\", "/").split("/")
    last = names[-1].lower()
    return "__MACOSX" in names or last in _LITTER or last.startswith((".", "~$"))


def _shown(path: str) -> str:
    """A member's path as a name: it is never opened, but nobody should be led to believe it lies elsewhere."""
    names = [name for name in path.replace("\\", "/").split("/") if name not in ("", ".", "..")]
    # The end of a name holds its suffix; no file system takes longer ones, and no index of a database either.
    shown = "/".join(name[-_LONGEST_NAME:] for name in names)[-_LONGEST_PATH:].strip("/")
    return "".join(char if char.isprintable() else "_" for char in shown) or "unnamed"


def _problem(category: Category, message: str) -> Problem:
    return Problem(stage=Stage.IDENTIFY, category=category, message=message)


def _too_large(what: str) -> Problem:
    return _problem(
        Category.TOO_LARGE, f"{what}, more than is unpacked. Unpack it, or raise the limits in the settings."
    )


def _damaged(name: str) -> Problem:
    return _problem(Category.DAMAGED, f"{name} is damaged or incomplete. Get the file again from its source.")


def _locked(name: str) -> Problem:
    return _problem(Category.ENCRYPTED, f"{name} is protected by a password. Unpack it with the password and add it.")
