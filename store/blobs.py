"""Documents by the hash of their content, in a local folder or any store fsspec knows."""

from upath import UPath


class BlobStore:
    """Bytes under their SHA-256: ``root/ab/cd/abcd...``. Never half-written; verified when read."""

    def __init__(self, root: UPath) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its SHA-256. Storing again costs a look."""
        raise NotImplementedError

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises StoreError if they are missing, or no longer what their name says."""
        raise NotImplementedError

    def exists(self, sha256: str) -> bool:
        """Whether there is a blob of that hash (not whether it is whole)."""
        raise NotImplementedError

    def path(self, sha256: str) -> UPath:
        """Where the blob of that hash lies, or would lie. Raises ValueError if it is no SHA-256."""
        raise NotImplementedError
