"""What kind of document some bytes are, by their content: names lie, and one reader only may claim a file.

Signatures are looked for at the first byte, except PDF's, which may stand within the first 1,024 (ISO 32000-1,
annex H). ZIP and OLE files are opened far enough to tell a Word file from its many relatives.
"""

import io
import re
import struct
import zipfile
import zlib
from enum import StrEnum

from models.problem import Category, DocumentError, Problem, Stage
from pipeline.compound import MAGIC as COMPOUND
from pipeline.compound import CompoundError, CompoundFile
from pipeline.limits import Limits

_HEAD = 1024
_SNIFFED = 64 * 1024
_CONTENT_TYPES = 4 * 1024 * 1024


class MediaType(StrEnum):
    """Kinds of files that are read, or unpacked into files that are."""

    PDF = "pdf"
    DOCX = "docx"
    DOC = "doc"
    RTF = "rtf"
    ODT = "odt"
    TEXT = "text"
    HTML = "html"
    ZIP = "zip"
    EML = "eml"
    MSG = "msg"

    @property
    def is_container(self) -> bool:
        """Whether it holds documents rather than being one."""
        return self in (MediaType.ZIP, MediaType.EML, MediaType.MSG)


_PICTURE = "a picture", "Scan or save it as PDF, so that its text can be read by OCR."
_ARCHIVE = "an archive of a kind that is not unpacked", "Unpack it, or pack the documents into a ZIP file."
_NOT_TEXT = "a file of an unknown kind", "Save the contract as PDF or Word and add that file."
_SHEET = "a spreadsheet", "Save the sheet that belongs to a contract as PDF and add that file."
_SLIDES = "a presentation", "Save it as PDF and add that file."
_OTHER = "not a contract document", "Save the contract as PDF or Word and add that file."

_UNSUPPORTED: tuple[tuple[bytes, tuple[str, str]], ...] = (
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE),
    (b"\0\0\0\x0cjP  ", _PICTURE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\0", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (b"\xffWPC", ("a WordPerfect file", "Open it in Word or LibreOffice and save it as .docx.")),
    (b"%!PS", ("a PostScript file", "Convert it to PDF and add that file.")),
    (b"\x7fELF", ("a program", _OTHER[1])),
    (b"SQLite format 3\0", ("a database", _OTHER[1])),
)
_PACKAGES = (
    ("wordprocessingml", None),
    ("ms-word", None),
    ("spreadsheetml", _SHEET),
    ("ms-excel", _SHEET),
    ("presentationml", _SLIDES),
    ("ms-powerpoint", _SLIDES),
    ("visio", ("a drawing", _SLIDES[1])),
)
_MAIN_TYPE = re.compile(rb'ContentType="([^"]+(?:\.main\+xml|binary\.macroEnabled\.main))"')
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": None,
    b"application/vnd.oasis.opendocument.text-template": None,
    b"application/vnd.oasis.opendocument.spreadsheet": _SHEET,
    b"application/vnd.oasis.opendocument.presentation": _SLIDES,
    b"application/epub+zip": ("an e-book", _OTHER[1]),
}
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|table|div|font|center|p|h[1-6])\b[^<>]*>", re.IGNORECASE)
_FILING = (b"<SEC-DOCUMENT>", b"<SEC-HEADER>", b"<DOCUMENT>", b"-----BEGIN PRIVACY-ENHANCED MESSAGE")
"""How EDGAR's filings begin: long headers, then the pages they are about."""
_MAIL_HEADER = re.compile(rb"(?P<name>[A-Za-z][A-Za-z0-9-]{1,40}):[ \t]?\S?")
_MAIL_NAMES = frozenset(b"from to cc subject date reply-to".split())
_MACHINE_NAMES = frozenset(
    b"received return-path delivered-to message-id mime-version content-type x-mailer dkim-signature envelope-to "
    b"authentication-results x-mozilla-status x-unsent".split()
)
_LOCAL_HEADER = 30
_OFFICE_ENTRIES = (b"[Content_Types].xml", b"word/document.xml")
"""First entries of ZIP files that are one document."""
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def identify(name: str, data: bytes, limits: Limits | None = None) -> MediaType:
    """Name the one kind of document that ``data`` is. ``name`` is used in messages only.

    Raises:
        DocumentError: empty, too large, encrypted, damaged beyond telling, or of a kind that is not read.
    """
    limits = limits or Limits()
    if not data.strip(b"\0 \t\r\n"):
        raise _refused(Category.EMPTY, f"{name} is empty. Check the file where it came from and add it again.")
    if len(data) > limits.bytes:
        size = f"{len(data) / 1e6:,.0f} MB, more than the {limits.bytes / 1e6:,.0f} MB that are read"
        raise _refused(Category.TOO_LARGE, f"{name} has {size}. Reduce it, or raise the limit in the settings.")
    if data.startswith(COMPOUND):
        return _compound(name, data)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(name, data)
    if data.startswith(b"{\\rtf"):
        return MediaType.RTF
    for magic, what in _UNSUPPORTED:
        if data.startswith(magic):
            raise _unsupported(name, *what)
    if b"%PDF-" in data[:_HEAD]:
        return MediaType.PDF
    if data[4:8] == b"ftyp" or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        raise _unsupported(name, *_PICTURE)
    if data[257:262] == b"ustar":
        raise _unsupported(name, *_ARCHIVE)
    return _textual(name, data)


def may_be_container(head: bytes) -> bool:
    """Whether a file that begins like this can be a container at all: a quick look, before all of it is opened."""
    if head.startswith(COMPOUND):
        return True
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return not head.startswith(_OFFICE_ENTRIES, _LOCAL_HEADER)
    try:
        return identify("", head) is MediaType.EML
    except DocumentError:
        return False


def _compound(name: str, data: bytes) -> MediaType:
    try:
        file = CompoundFile(data)
    except (CompoundError, struct.error) as error:
        raise _damaged(name, "an old Office file") from error
    names = file.names()
    if "EncryptedPackage" in names or "EncryptionInfo" in names or "\tDRMContent" in names:
        raise _encrypted(name)
    if "WordDocument" in names:
        head = next(file.read(entry)[:12] for entry in file.entries if entry.path == ("WordDocument",))
        # FibBase.fEncrypted, [MS-DOC] 2.5.2
        if len(head) == 12 and struct.unpack_from("<H", head, 10)[0] & 0x0100:
            raise _encrypted(name)
        return MediaType.DOC
    if any(entry.startswith("__substg1.0_") for entry in names):
        return MediaType.MSG
    if names & {"Workbook", "Book"}:
        raise _unsupported(name, *_SHEET)
    if "PowerPoint Document" in names:
        raise _unsupported(name, *_SLIDES)
    raise _unsupported(name, "an Office file of a kind that is not read", _OTHER[1])


def _zip(name: str, data: bytes) -> MediaType:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            types = _small(archive, entries.get("[Content_Types].xml"))
            kind = _small(archive, entries.get("mimetype")).strip()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise _damaged(name, "a Word or ZIP file") from error
    if kind in _OPEN_DOCUMENT:
        what = _OPEN_DOCUMENT[kind]
        if what is not None:
            raise _unsupported(name, *what)
        return MediaType.ODT
    for main in _MAIN_TYPE.findall(types):
        for mark, other in _PACKAGES:
            if mark.encode() in main:
                if other is None:
                    return MediaType.DOCX
                raise _unsupported(name, *other)
    if "word/document.xml" in entries:
        return MediaType.DOCX
    if types:
        raise _unsupported(name, "an Office file of a kind that is not read", _OTHER[1])
    if any(entry.endswith(".iwa") for entry in entries):
        raise _unsupported(name, "an Apple iWork file", "Export it as Word or PDF and add that file.")
    return MediaType.ZIP


def _small(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | None) -> bytes:
    """A small entry's content; nothing where it is missing, encrypted, or larger than it could honestly be."""
    if entry is None or entry.file_size > _CONTENT_TYPES or entry.flag_bits & 0x1:
        return b""
    return archive.read(entry)


def _textual(name: str, data: bytes) -> MediaType:
    head = data[:_SNIFFED]
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_wide(head)
    if wide:
        encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-16-le"
        head = head[: len(head) // 2 * 2].decode(encoding, "replace").encode("utf-8", "replace")
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if len(_BINARY.findall(head)) > len(head) // 1000:
        raise _unsupported(name, *_NOT_TEXT)
    start = head[:_HEAD]
    if start.startswith(b"<?xml") and not _HTML.search(start):
        raise _unsupported(name, "an XML file", "Open it in the program it came from and save it as PDF or Word.")
    if start.startswith(b"<") and _HTML.search(start):
        return MediaType.HTML
    if start.startswith(_FILING) and _HTML.search(head):
        return MediaType.HTML
    return MediaType.EML if _is_mail(start) else MediaType.TEXT


def _looks_wide(head: bytes) -> bool:
    """Whether it is UTF-16 without a mark: every second byte of western text is zero then."""
    sample = head[:_HEAD]
    return len(sample) >= 8 and sample[1::2].count(0) > 0.7 * len(sample[1::2]) and sample[::2].count(0) == 0


def _is_mail(start: bytes) -> bool:
    """Whether it opens with mail header fields (RFC 5322, 2.2).

    A memorandum has To, From and Date as well, so at least one field must be of those that only programs write.
    """
    names = set()
    for line in start.splitlines()[:40]:
        match = _MAIL_HEADER.match(line)
        if match is not None:
            names.add(match["name"].lower())
        elif not line.strip():
            break
        elif not line[:1].isspace() and not line.startswith(b"From "):
            return False
    return len(names & _MACHINE_NAMES) >= 1 and len(names & (_MAIL_NAMES | _MACHINE_NAMES)) >= 2


def _refused(category: Category, message: str) -> DocumentError:
    return DocumentError(Problem(stage=Stage.IDENTIFY, category=category, message=message))


def _unsupported(name: str, what: str, next_step: str) -> DocumentError:
    return _refused(Category.UNSUPPORTED, f"{name} is {what}. {next_step}")


def _encrypted(name: str) -> DocumentError:
    return _refused(
        Category.ENCRYPTED,
        f"{name} is protected by a password. Open it in Word, remove the password "
        "(File > Info > Protect Document) and add it again.",
    )


def _damaged(name: str, what: str) -> DocumentError:
    return _refused(
        Category.DAMAGED, f"{name} looks like {what} but is damaged or incomplete. Get the file again from its source."
    )
