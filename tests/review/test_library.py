"""The library: what was made of a document once is kept under its hash, and what is damaged or gone is said so."""

import threading
from pathlib import Path

import pytest
from typing_extensions import override
from upath import UPath

from models.problem import DocumentError
from models.source import Box, Line, Page, PageOrigin, SourceText, Span, Word
from review.library import Library, Reader
from review.text_layer import text_layer
from store.blobs import BlobStore
from store.texts import pack, text_name

TEXT = "Notice is due\nat once"


class CountingReader(Reader):
    """Reads a text of two lines, and counts what it was asked for."""

    @property
    @override
    def version(self) -> str:
        return "1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    @override
    def read(self, name: str, data: bytes) -> SourceText:
        self.asked.append("read")
        lines = (Line(0, 13, 1, Box(0.1, 0.1, 0.9, 0.12)), Line(14, 21, 1, Box(0.1, 0.2, 0.5, 0.22)))
        return SourceText(TEXT, (Page(1, 0, 21, 600, 800, PageOrigin.TEXT),), (), lines)

    @override
    def sizes(self, data: bytes) -> list[tuple[float, float]]:
        self.asked.append("sizes")
        return [(600, 800)]

    @override
    def draw(self, data: bytes, page: int) -> bytes:
        self.asked.append(f"draw {page}")
        return b"picture"

    @override
    def locate(self, data: bytes, source: SourceText, page: int, spans: list[Span]) -> list[Box | None]:
        self.asked.append(f"locate {len(spans)}")
        return [self._box(span) for span in spans]

    def _box(self, span: Span) -> Box:
        line, first = (0.1, 0) if span.start < 14 else (0.2, 14)
        return Box((span.start - first) / 40, line, (span.end - first) / 40, line + 0.02)


@pytest.fixture
def reader() -> CountingReader:
    return CountingReader()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(UPath(tmp_path / "documents"))


def library(blobs: BlobStore, reader: CountingReader, tmp_path: Path) -> Library:
    return Library(blobs, reader, tmp_path / "cache")


def test_a_document_is_opened_once_however_often_it_is_shown(
    blobs: BlobStore, reader: CountingReader, tmp_path: Path
) -> None:
    sha256 = blobs.put(b"a contract")
    first = library(blobs, reader, tmp_path)
    assert not first.at_hand(sha256)
    for shown in (first, first, library(blobs, reader, tmp_path)):
        assert shown.source(sha256).text == TEXT
        assert shown.picture(sha256, 1) == b"picture"
        assert shown.sizes(sha256) == [(600, 800)]
        assert shown.at_hand(sha256)
    assert sorted(reader.asked) == ["draw 1", "read", "sizes"]


def test_two_who_ask_at_once_read_it_once(blobs: BlobStore, reader: CountingReader, tmp_path: Path) -> None:
    sha256 = blobs.put(b"a contract")
    shared = library(blobs, reader, tmp_path)
    threads = [threading.Thread(target=shared.source, args=(sha256,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reader.asked == ["read"]


def test_a_damaged_copy_is_made_anew(blobs: BlobStore, reader: CountingReader, tmp_path: Path) -> None:
    sha256 = blobs.put(b"a contract")
    library(blobs, reader, tmp_path).source(sha256)
    [kept] = (tmp_path / "cache").rglob("text-*")
    kept.write_bytes(kept.read_bytes()[:20])
    assert library(blobs, reader, tmp_path).source(sha256).text == TEXT
    assert reader.asked == ["read", "read"]


def test_a_document_that_is_gone_says_what_to_do(blobs: BlobStore, reader: CountingReader, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="Onboard it again"):
        library(blobs, reader, tmp_path).picture("a" * 64, 1)


def test_words_have_places_and_passages_a_box_for_each_line(
    blobs: BlobStore, reader: CountingReader, tmp_path: Path
) -> None:
    sha256 = blobs.put(b"a contract")
    shared = library(blobs, reader, tmp_path)
    words = shared.words(sha256, 1)
    assert [word.text for word in words] == TEXT.split()
    assert len(shared.boxes(sha256, 0, 21, shared.source(sha256))) == 2
    lines = text_layer(words, 600, 800)
    assert [[word.text for word in line.words] for line in lines] == [["Notice ", "is ", "due"], ["at ", "once"]]
    assert [word.start for word in lines[0].words] == [0, 7, 10]
    assert lines[0].words[0].width == pytest.approx(lines[0].words[1].x - lines[0].words[0].x)


def test_a_text_kept_beside_its_document_is_not_read_again(reader: CountingReader, tmp_path: Path) -> None:
    blobs = BlobStore(UPath(tmp_path / "documents"))
    sha256 = blobs.put(b"scan")
    page = Page(1, 0, 7, 600, 800, PageOrigin.OCR, 0.9)
    kept = SourceText("Scanned", (page,), (), words=(Word(0, 7, 1, Box(0.1, 0.1, 0.4, 0.12), 0.9),))
    blobs.put_beside(sha256, text_name(reader.version), pack(kept))
    library = Library(blobs, reader, tmp_path / "cache")
    assert library.source(sha256) == kept
    assert [word.text for word in library.words(sha256, 1)] == ["Scanned"]
    assert reader.asked == []
    blobs.put_beside(sha256, text_name(reader.version), b"damaged")
    assert Library(blobs, reader, tmp_path / "cache").source(sha256).text == TEXT
    assert reader.asked == ["read"]
