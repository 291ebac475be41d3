"""How much of a document is read before it is refused: sizes, counts and depths, as settings with sane defaults.

The defaults stand far above real contracts (the largest real Word contract measured expands to 1.1 MB) and far
below what hurts a machine. Declared sizes are checked before anything is inflated.
"""

from pydantic import Field

from models.base import Value

KIB = 1024
MIB = 1024 * KIB


class Limits(Value):
    """Bounds on one document or container. Sizes are bytes, times are seconds."""

    bytes: int = Field(default=100 * 1000 * 1000, gt=0)
    """A file as it was handed in, and a file inside a container."""
    pages: int = Field(default=2000, gt=0)
    characters: int = Field(default=20_000_000, gt=0)
    """Text of one document; a contract of 2,000 pages has about 6 million."""
    entries: int = Field(default=5000, gt=0)
    """Entries of a ZIP file, which is also what DOCX and ODT are."""
    part_bytes: int = Field(default=64 * MIB, gt=0)
    """One part of a DOCX once inflated."""
    expanded_bytes: int = Field(default=256 * MIB, gt=0)
    """All parts of a DOCX that are read, or all documents of a container, once inflated."""
    nesting: int = Field(default=3, ge=1)
    """Containers within containers."""
    members: int = Field(default=500, gt=0)
    """Documents of one container, those of its inner containers included."""
    conversion_seconds: float = Field(default=120, gt=0)
    """Time LibreOffice may take for one legacy document."""
    ocr_seconds: float = Field(default=90, ge=0)
    """Time OCR may take for the pages of one document, at 1 to 3 seconds a page; those left over are reported."""
