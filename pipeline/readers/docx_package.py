"""The parts of a Word file, taken from its ZIP within limits and parsed without ever touching the network.

python-docx opens a file by inflating every part, pictures included, so that a bomb among the media ends the
process. Only the parts that carry text or say how it is shown are inflated here, after their declared sizes were
checked; Python's zipfile reads no more than the declared size, so a header that lies is an error, not a bomb.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from docx.oxml.ns import nsmap
from lxml import etree

from models.problem import Category, DocumentError, Problem, Stage
from pipeline.limits import Limits

W = f"{{{nsmap['w']}}}"
R = f"{{{nsmap['r']}}}"
_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"

# "Strict Open XML" (ISO/IEC 29500-1) differs from what Word writes by default in its namespaces only.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", nsmap["w"].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", nsmap["r"].encode()),
    (b"http://purl.oclc.org/ooxml/drawingml/main", nsmap["a"].encode()),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
)


def attribute(element: etree._Element | None, name: str = "val") -> str | None:
    """A ``w:`` attribute of an element that may be missing."""
    return None if element is None else element.get(W + name)


def number(text: str | None) -> int | None:
    """A whole number as Word writes it; None for anything else, however odd."""
    try:
        return None if text is None or len(text) > 12 else int(text)
    except ValueError:
        return None


def is_on(element: etree._Element | None) -> bool | None:
    """An on/off property: None where it is not set (ISO/IEC 29500-1, 17.17.4)."""
    return None if element is None else element.get(W + "val", "true") not in ("0", "false", "off")


class Relationship(NamedTuple):
    """A link from one part to another; ``kind`` is the last word of the relationship's type."""

    kind: str
    target: str
    external: bool


class DocxPackage:
    """An opened Word file: parts by name, parsed on demand.

    Raises:
        DocumentError: the ZIP is damaged or over a limit, or the file has no main document.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        self._inflated = 0
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise damaged("Its ZIP structure is broken or incomplete") from error
        entries = self._archive.infolist()
        if len(entries) > limits.entries:
            raise too_large(f"It holds {len(entries):,} parts; at most {limits.entries:,} are opened")
        self._entries = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in entries}
        self.main = self._find_main()

    def _find_main(self) -> str:
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and not relation.external and self.has(relation.target):
                return relation.target
        if self.has("word/document.xml"):
            return "word/document.xml"
        raise damaged("It has no main document part")

    def has(self, name: str) -> bool:
        """Whether the file has a part of that name."""
        return name.lower() in self._entries

    def xml(self, name: str) -> etree._Element | None:
        """The root element of a part, None where the file has no such part.

        Raises:
            DocumentError: too large, not XML, or XML with a DOCTYPE, which no Word file has and attacks need.
        """
        data = self.bytes(name)
        if data is None:
            return None
        for strict, transitional in _STRICT:
            if strict in data:
                data = data.replace(strict, transitional)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise damaged(f"The part {name} is not well-formed XML") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise damaged(f"The part {name} carries a DOCTYPE, which no Word file needs; it was not read")
        return root

    def bytes(self, name: str) -> bytes | None:
        """A part's content, None where the file has no such part.

        Raises:
            DocumentError: the part declares a size over the limits, is encrypted or cannot be inflated.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            return None
        if entry.flag_bits & 0x1:
            raise DocumentError(
                Problem(
                    stage=Stage.READ,
                    category=Category.ENCRYPTED,
                    message="The ZIP of this Word file is encrypted. Remove the password and add it again.",
                )
            )
        if entry.file_size > self._limits.part_bytes:
            raise too_large(f"The part {name} would take {entry.file_size:,} bytes")
        self._inflated += entry.file_size
        if self._inflated > self._limits.expanded_bytes:
            raise too_large(f"Its parts would take more than {self._limits.expanded_bytes:,} bytes together")
        try:
            return self._archive.read(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise damaged(f"The part {name} cannot be unpacked") from error

    def relations(self, part: str) -> dict[str, Relationship]:
        """The relationships of a part by id; of the whole file for an empty name."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        return {} if root is None else dict(_relations_of(root, folder))

    def related(self, kind: str) -> etree._Element | None:
        """The part that the main document names as its ``kind`` ("styles", "numbering", "footnotes" ...)."""
        for relation in self.relations(self.main).values():
            if relation.kind == kind and not relation.external:
                return self.xml(relation.target)
        return None


def _relations_of(root: etree._Element, folder: str) -> Iterator[tuple[str, Relationship]]:
    for element in root.iter(_RELATIONSHIPS):
        target, external = element.get("Target", ""), element.get("TargetMode") == "External"
        if not external:
            absolute = target.startswith("/")
            target = posixpath.normpath(target if absolute else posixpath.join(folder, target)).lstrip("/")
        yield element.get("Id", ""), Relationship(element.get("Type", "").rsplit("/", 1)[-1], target, external)


def damaged(what: str) -> DocumentError:
    """A Word file that cannot be read as it is."""
    message = f"{what}. Open the file in Word, save it as a new .docx and add that one."
    return DocumentError(Problem(stage=Stage.READ, category=Category.DAMAGED, message=message))


def too_large(what: str) -> DocumentError:
    """A Word file beyond the limits."""
    message = f"{what}, far more than a contract has. If it is genuine, raise the limits in the settings."
    return DocumentError(Problem(stage=Stage.READ, category=Category.TOO_LARGE, message=message))
