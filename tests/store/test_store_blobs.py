import hashlib
import threading
import uuid
from pathlib import Path

import pytest
from upath import UPath

from store.blobs import BlobStore
from store.errors import StoreError

DATA = b"%PDF-1.7 contract \x00\xff"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "file url", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    match request.param:
        case "folder":
            return BlobStore(UPath(tmp_path / "blobs"))
        case "file url":
            return BlobStore(UPath(f"file://{tmp_path}/blobs"))
        case _:
            return BlobStore(UPath(f"memory://{uuid.uuid4().hex}/blobs"))


def test_bytes_come_back_under_their_hash(store: BlobStore) -> None:
    assert not store.exists(SHA)
    assert store.put(DATA) == SHA
    assert store.exists(SHA)
    assert store.get(SHA) == DATA
    assert store.put(b"") == hashlib.sha256(b"").hexdigest()
    assert store.get(hashlib.sha256(b"").hexdigest()) == b""


def test_blobs_fan_out_over_folders_and_nothing_else_is_left_there(store: BlobStore) -> None:
    store.put(DATA)
    store.put(DATA)
    assert store.path(SHA) == store.root / SHA[:2] / SHA[2:4] / SHA
    files = [path for path in store.root.glob("**/*") if path.is_file()]
    assert [path.name for path in files] == [SHA]


def test_a_damaged_blob_is_noticed_and_mended_by_putting_it_again(store: BlobStore) -> None:
    store.put(DATA)
    store.path(SHA).write_bytes(DATA[:-1])
    with pytest.raises(StoreError, match="is damaged") as refused:
        store.get(SHA)
    assert "backup" in refused.value.next_step
    store.put(DATA)
    assert store.get(SHA) == DATA


def test_a_missing_blob_is_told(store: BlobStore) -> None:
    with pytest.raises(StoreError, match="is not kept under"):
        store.get(SHA)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA.upper(), SHA + "\n", "0" * 63])
def test_only_a_hash_names_a_blob(store: BlobStore, name: str) -> None:
    for act in (store.get, store.exists, store.path):
        with pytest.raises(ValueError, match="not a SHA-256"):
            act(name)


def test_writers_of_the_same_bytes_do_not_disturb_one_another(tmp_path: Path) -> None:
    store = BlobStore(UPath(tmp_path))
    data = DATA * 50_000
    sha256 = hashlib.sha256(data).hexdigest()
    torn: list[object] = []

    def write_and_read() -> None:
        for _ in range(5):
            store.put(data)
            try:
                store.get(sha256)
            except StoreError as error:
                torn.append(error)

    threads = [threading.Thread(target=write_and_read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torn == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be kept under"):
        BlobStore(UPath(tmp_path / "blobs")).put(DATA)
