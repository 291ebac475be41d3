"""The texts of scans, kept beside their documents: reading a picture takes seconds a page, and once is enough."""

import gzip
import zlib

from pydantic import TypeAdapter, ValidationError

from models.source import PageOrigin, SourceText

_SOURCE = TypeAdapter(SourceText)


def text_name(version: str) -> str:
    """What a text is kept as that a reader of that version made."""
    return f"text-{version}.json.gz"


def dear(source: SourceText) -> bool:
    """Whether a text is worth keeping: some of it was read from pictures."""
    return any(page.origin is PageOrigin.OCR for page in source.pages)


def pack(source: SourceText) -> bytes:
    """The text as bytes, the same each time."""
    return gzip.compress(_SOURCE.dump_json(source), 5, mtime=0)


def unpack(data: bytes | None) -> SourceText | None:
    """The text of such bytes; None where there are none, or where they are damaged: it is then read anew."""
    if data is None:
        return None
    try:
        return _SOURCE.validate_json(gzip.decompress(data))
    except (OSError, EOFError, zlib.error, ValidationError):
        return None
