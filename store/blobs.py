"""Documents by the hash of their content, in a local folder or any store fsspec knows."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from upath import UPath

from store.errors import StoreError

_SHA256 = re.compile("[0-9a-f]{64}")

_LOCAL = ("", "file", "local")
"""fsspec's names for the machine's own files."""


class BlobStore:
    """Bytes under their SHA-256: ``root/ab/cd/abcd...``. Never half-written; verified when read.

    What is made of them may be kept beside them: ``root/ab/cd/abcd....name``.
    """

    def __init__(self, root: UPath) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its SHA-256. Storing again costs a look; a damaged blob is mended."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if not (path.exists() and path.stat().st_size == len(data)):
            self._write(path, data)
        return sha256

    def put_beside(self, sha256: str, name: str, data: bytes) -> None:
        """Keep what was made of a document, by a name of its own. What it is made with belongs into the name."""
        self._write(self._beside(sha256, name), data)

    def get_beside(self, sha256: str, name: str) -> bytes | None:
        """What was made of a document, None if nothing is kept by that name. It is not verified."""
        try:
            return bytes(self._beside(sha256, name).read_bytes())
        except FileNotFoundError:
            return None

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises StoreError if they are missing, or no longer what their name says."""
        path = self.path(sha256)
        try:
            data = bytes(path.read_bytes())
        except FileNotFoundError:
            raise StoreError(
                f"The document {sha256} is not kept under {self.root}.", "Onboard its file again."
            ) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreError(
                f"The document at {path} is damaged: its bytes are not those that were kept.",
                "Restore a backup, or delete it and onboard its file again.",
            )
        return data

    def exists(self, sha256: str) -> bool:
        """Whether there is a blob of that hash (not whether it is whole)."""
        return bool(self.path(sha256).exists())

    def path(self, sha256: str) -> UPath:
        """Where the blob of that hash lies, or would lie. Raises ValueError if it is no SHA-256."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def _beside(self, sha256: str, name: str) -> UPath:
        path = self.path(sha256)
        return path.parent / f"{path.name}.{name}"

    def _write(self, path: UPath, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.protocol in _LOCAL:
                _write_whole(Path(path.path), data)
            else:
                # Object stores show an object only once it is complete.
                path.fs.pipe_file(path.path, data)
        except OSError as error:
            raise StoreError(
                f"A document cannot be kept under {self.root} ({error.strerror or error}).",
                "Check that the folder can be written to and has room.",
            ) from error


def _write_whole(path: Path, data: bytes) -> None:
    """Write beside ``path``, then rename over it: a reader sees all of it or none, a crash leaves none."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
