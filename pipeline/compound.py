"""Compound files (OLE2, [MS-CFB]): the container of old Office files, of encrypted new ones, and of Outlook's .msg.

Only what is needed to name a file's kind and to take a message apart: the directory tree and the streams. Every
chain is followed at most as far as the file has sectors, so a file that points in circles ends with an error.
"""

import struct
from typing import NamedTuple

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # this and above are markers, not sector numbers
_NONE = 0xFFFFFFFF
_HEADER = 512
_ENTRY = 128
_MAX_ENTRIES = 20_000


class CompoundError(ValueError):
    """The file is not a compound file, or its chains are broken."""


class Entry(NamedTuple):
    """A directory entry: a storage (folder) or a stream, by its path from the root."""

    path: tuple[str, ...]
    stream: bool
    start: int
    size: int


class CompoundFile:
    """A compound file in memory.

    Raises:
        CompoundError: when opened, if the header or directory cannot be followed.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER or not data.startswith(MAGIC):
            raise CompoundError("no compound file")
        self._data = data
        major, _order, shift, small_shift = struct.unpack_from("<HHHH", data, 26)
        if shift not in (9, 12) or small_shift != 6 or major not in (3, 4):
            raise CompoundError("unknown sector size")
        self._sector, self._small = 1 << shift, 1 << small_shift
        self._sectors = max(0, (len(data) - 1) // self._sector)
        directory, self._cutoff, small_fat, _count, next_fat = struct.unpack_from("<I4xIIII", data, 48)
        self._fat = self._read_fat(next_fat)
        self.entries = self._read_directory(self._chain(directory))
        self._small_fat = _numbers(self._chain(small_fat)) if small_fat < _END else ()
        self._small_data = self._chain(self._root[0])[: self._root[1]] if self._root[0] < _END else b""

    def names(self) -> frozenset[str]:
        """Names of the entries at the top level, which say what kind of file it is."""
        return frozenset(entry.path[0] for entry in self.entries if len(entry.path) == 1)

    def read(self, entry: Entry) -> bytes:
        """The content of a stream.

        Raises:
            CompoundError: the stream's chain is broken.
        """
        if entry.size >= self._cutoff:
            return self._chain(entry.start)[: entry.size]
        content, place = bytearray(), entry.start
        for _ in range(len(self._small_fat) + 1):
            if place >= _END or len(content) >= entry.size:
                return bytes(content[: entry.size])
            content += self._small_data[place * self._small : (place + 1) * self._small]
            place = self._small_fat[place] if place < len(self._small_fat) else _NONE
        raise CompoundError("a stream runs in circles")

    def _read_fat(self, more: int) -> tuple[int, ...]:
        blocks = [sector for sector in struct.unpack_from("<109I", self._data, 76) if sector < _END]
        for _ in range(self._sectors + 1):
            if more >= _END:
                break
            listed = _numbers(self._at(more))
            blocks.extend(sector for sector in listed[:-1] if sector < _END)
            more = listed[-1]
        if len(blocks) > self._sectors:
            raise CompoundError("more tables than sectors")
        return _numbers(b"".join(map(self._at, blocks)))

    def _at(self, sector: int) -> bytes:
        start = (sector + 1) * self._sector
        part = self._data[start : start + self._sector]
        if not part:
            raise CompoundError("a sector lies outside the file")
        return part.ljust(self._sector, b"\0")

    def _chain(self, sector: int) -> bytes:
        content: list[bytes] = []
        for _ in range(self._sectors + 1):
            if sector >= _END:
                return b"".join(content)
            content.append(self._at(sector))
            if sector >= len(self._fat):
                raise CompoundError("a chain leaves the table")
            sector = self._fat[sector]
        raise CompoundError("a chain runs in circles")

    def _read_directory(self, data: bytes) -> tuple[Entry, ...]:
        records = []
        for offset in range(0, min(len(data), _MAX_ENTRIES * _ENTRY), _ENTRY):
            length, kind = struct.unpack_from("<HB", data, offset + 64)
            left, right, child = struct.unpack_from("<III", data, offset + 68)
            start, size = struct.unpack_from("<II", data, offset + 116)
            name = data[offset : offset + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            records.append((name, kind, left, right, child, start, size))
        if not records or records[0][1] != 5:
            raise CompoundError("no root entry")
        self._root = (records[0][5], records[0][6])
        found: list[Entry] = []
        todo: list[tuple[int, tuple[str, ...]]] = [(records[0][4], ())]
        seen: set[int] = set()
        while todo:
            index, parent = todo.pop()
            if index >= len(records) or index in seen:
                continue
            seen.add(index)
            name, kind, left, right, child, start, size = records[index]
            todo += [(left, parent), (right, parent)]
            if kind in (1, 2):
                found.append(Entry((*parent, name), kind == 2, start, size))
                todo.append((child, (*parent, name)))
        return tuple(found)


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
