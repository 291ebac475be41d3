"""The texts of scans beside their documents."""

import hashlib
import uuid
from pathlib import Path

import pytest
from upath import UPath

from models.source import Box, Page, PageOrigin, SourceText, Word
from store.blobs import BlobStore
from store.texts import dear, pack, text_name, unpack

SHA = hashlib.sha256(b"scan").hexdigest()
SCAN = SourceText(
    "Notice is due",
    (Page(1, 0, 13, 600, 800, PageOrigin.OCR, 0.93),),
    (),
    words=(Word(0, 6, 1, Box(0.1, 0.1, 0.2, 0.12), 0.95),),
)
TYPED = SourceText("Notice is due", (Page(1, 0, 13, 600, 800, PageOrigin.TEXT),), ())


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_what_was_made_of_a_document_is_kept_beside_it_by_its_name(kind: str, tmp_path: Path) -> None:
    root = UPath(tmp_path) if kind == "folder" else UPath(f"memory://{uuid.uuid4().hex}/blobs")
    store = BlobStore(root)
    assert store.get_beside(SHA, text_name("1")) is None
    store.put_beside(SHA, text_name("1"), pack(SCAN))
    assert unpack(store.get_beside(SHA, text_name("1"))) == SCAN
    assert store.get_beside(SHA, text_name("2")) is None
    assert not store.exists(SHA)


def test_only_what_was_read_from_pictures_is_dear() -> None:
    assert dear(SCAN)
    assert not dear(TYPED)


@pytest.mark.parametrize("damaged", [None, b"", b"no gzip", pack(SCAN)[:-9], pack(SCAN)[:20] + b"x" + pack(SCAN)[21:]])
def test_what_is_gone_or_damaged_is_nothing(damaged: bytes | None) -> None:
    assert unpack(damaged) is None
