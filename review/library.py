"""The documents that are reviewed: their text, their pages as pictures, and where each word of a page stands.

All three are made from the bytes that the store keeps by hash, so they are kept in turn under that hash and never
grow stale: pictures and texts in a folder that may be deleted at any time, the texts of the last documents in memory.
Who makes them is given (``Reader``): libraries that open strangers' files belong in a worker process.
"""

import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

from pydantic import TypeAdapter

from models.evidence import PageBox
from models.problem import Category, DocumentError, Problem, Stage
from models.source import Box, SourceText, Span
from store.blobs import BlobStore
from store.errors import StoreError
from store.texts import pack, text_name, unpack

_SIZES = TypeAdapter(list[tuple[float, float]])
_WORD = re.compile(r"\S+")


class PlacedWord(NamedTuple):
    """A word of a page: its characters in the document's text, and its box."""

    start: int
    end: int
    text: str
    box: Box


class Reader(Protocol):
    """What opens files. Each method raises DocumentError for a file that cannot be read or shown."""

    @property
    def version(self) -> str:
        """Names all that decides how a text comes out; texts of other versions are not used."""
        ...

    def read(self, name: str, data: bytes) -> SourceText:
        """The text of a document."""
        ...

    def sizes(self, data: bytes) -> list[tuple[float, float]]:
        """Width and height of each page as displayed, in points."""
        ...

    def draw(self, data: bytes, page: int) -> bytes:
        """A page as a JPEG."""
        ...

    def locate(self, data: bytes, source: SourceText, page: int, spans: list[Span]) -> list[Box | None]:
        """The box of each span that lies on one line of a page."""
        ...


class Library:
    """Documents by hash, for showing. May be used from several threads."""

    def __init__(self, blobs: BlobStore, reader: Reader, folder: Path, *, kept: int = 16) -> None:
        self._blobs = blobs
        self._reader = reader
        self._folder = folder
        self._kept = kept
        self._sources: OrderedDict[str, SourceText] = OrderedDict()
        self._words: OrderedDict[tuple[str, int], tuple[PlacedWord, ...]] = OrderedDict()
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def source(self, sha256: str, name: str = "") -> SourceText:
        """The text of a document; ``name`` is its file's name.

        Raises:
            DocumentError: its bytes are gone, or can no longer be read.
        """
        with self._lock:
            if (known := self._sources.get(sha256)) is not None:
                self._sources.move_to_end(sha256)
                return known
        with self._reading(sha256):
            with self._lock:
                if (known := self._sources.get(sha256)) is not None:
                    return known
            kept = text_name(self._reader.version)
            path = self._path(sha256, kept)
            source = unpack(_stored(path)) or unpack(self._blobs.get_beside(sha256, kept))
            if source is None:
                source = self._reader.read(name, self._bytes(sha256))
                _keep(path, pack(source))
            with self._lock:
                self._sources[sha256] = source
                while len(self._sources) > self._kept:
                    self._sources.popitem(last=False)
            return source

    def at_hand(self, sha256: str) -> bool:
        """Whether a document has been opened before, so that showing it keeps nobody waiting."""
        with self._lock:
            if sha256 in self._sources:
                return True
        names = ("sizes.json", text_name(self._reader.version))
        return any(self._path(sha256, name).exists() for name in names)

    def sizes(self, sha256: str) -> list[tuple[float, float]]:
        """Width and height of each page of a PDF as displayed, in points.

        Raises:
            DocumentError: its bytes are gone, or are no PDF.
        """
        made = self._made(sha256, "sizes.json", lambda: _SIZES.dump_json(self._reader.sizes(self._bytes(sha256))))
        return _SIZES.validate_json(made)

    def picture(self, sha256: str, page: int) -> bytes:
        """A page of a PDF as a JPEG.

        Raises:
            DocumentError: its bytes are gone, or have no such page.
        """
        return self._made(sha256, f"page-{page}.jpg", lambda: self._reader.draw(self._bytes(sha256), page))

    def words(self, sha256: str, page: int, name: str = "") -> tuple[PlacedWord, ...]:
        """The words of a page with their boxes, in reading order; those without a box are left out."""
        with self._lock:
            if (known := self._words.get((sha256, page))) is not None:
                return known
        source = self.source(sha256, name)
        read_by_ocr = tuple(
            PlacedWord(word.start, word.end, source.text[word.start : word.end], word.box)
            for word in source.words
            if word.page == page
        )
        words = read_by_ocr or self._located(sha256, source, page)
        with self._lock:
            self._words[sha256, page] = words
            while len(self._words) > self._kept * 8:
                self._words.popitem(last=False)
        return words

    def boxes(self, sha256: str, start: int, end: int, source: SourceText) -> tuple[PageBox, ...]:
        """Where a passage stands on its pages, a box for each line; none for a document without pages."""
        first, last = source.page_of(start), source.page_of(max(start, end - 1))
        if first is None or last is None:
            return ()
        found: list[PageBox] = []
        for page in range(first, last + 1):
            for word in self.words(sha256, page):
                if word.start < end and word.end > start:
                    _join(found, PageBox(page, *word.box))
        return tuple(found)

    @contextmanager
    def _reading(self, sha256: str) -> Iterator[None]:
        """One thread at a time reads a document: OCR is not done twice because two pages are looked at."""
        with self._lock:
            lock = self._locks.setdefault(sha256, Lock())
        try:
            with lock:
                yield
        finally:
            with self._lock:
                self._locks.pop(sha256, None)

    def _located(self, sha256: str, source: SourceText, page: int) -> tuple[PlacedWord, ...]:
        spans = [
            Span(match.start(), match.end())
            for line in source.lines
            if line.page == page
            for match in _WORD.finditer(source.text, line.start, line.end)
        ]
        if not spans:
            return ()
        boxes = self._reader.locate(self._bytes(sha256), source, page, spans)
        return tuple(
            PlacedWord(span.start, span.end, source.text[span.start : span.end], box)
            for span, box in zip(spans, boxes, strict=True)
            if box is not None
        )

    def _made(self, sha256: str, name: str, make: Callable[[], bytes]) -> bytes:
        path = self._path(sha256, name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            made = make()
            _keep(path, made)
            return made

    def _path(self, sha256: str, name: str) -> Path:
        return self._folder / sha256[:2] / sha256 / name

    def _bytes(self, sha256: str) -> bytes:
        try:
            return self._blobs.get(sha256)
        except StoreError as error:
            message = str(error)
            if not self._blobs.exists(sha256):  # its hash says nothing to who reviews
                message = "Its file is no longer where documents are kept. Onboard it again, or restore a backup."
            problem = Problem(stage=Stage.STORE, category=Category.MISSING, message=message)
            raise DocumentError(problem) from error


def _join(boxes: list[PageBox], box: PageBox) -> None:
    """Add a word's box to that of its line."""
    if boxes and boxes[-1].page == box.page and box.x0 >= boxes[-1].x1 - 0.02:
        last = boxes[-1]
        shared = min(last.y1, box.y1) - max(last.y0, box.y0)
        if shared > 0.5 * min(last.y1 - last.y0, box.y1 - box.y0):
            boxes[-1] = PageBox(box.page, last.x0, min(last.y0, box.y0), max(last.x1, box.x1), max(last.y1, box.y1))
            return
    boxes.append(box)


def _stored(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # a copy that cannot be read is made anew
        return None


def _keep(path: Path, data: bytes) -> None:
    """Write beside ``path``, then rename. A full disk costs speed, not the page."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        return
