"""Writes compound files (OLE2, [MS-CFB] version 3) for tests: old Office files and Outlook messages in small."""

import struct
from collections.abc import Mapping

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF
_CUTOFF = 4096


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams; "a/b" is stream b in storage a."""
    tree: dict[str, object] = {}
    for path, content in streams.items():
        *folders, name = path.split("/")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})  # type: ignore[assignment]
        node[name] = content
    small, big = bytearray(), []
    small_fat: list[int] = []
    records: list[list[object]] = [["Root Entry", 5, _NONE, _NONE, 0, 0]]

    def add(children: dict[str, object]) -> int:
        first = previous = _NONE
        for name, content in children.items():
            index = len(records)
            if isinstance(content, dict):
                records.append([name, 1, _NONE, _NONE, 0, 0])
                records[index][3] = add(content)
            else:
                assert isinstance(content, bytes)
                records.append([name, 2, _NONE, _NONE, 0, len(content)])
                if len(content) >= _CUTOFF:
                    big.append((index, content))
                else:
                    count = (len(content) + 63) // 64
                    begin = len(small) // 64
                    records[index][4] = begin if count else _END
                    small_fat.extend(begin + n + 1 if n < count - 1 else _END for n in range(count))
                    small.extend(content.ljust(count * 64, b"\0"))
            if previous == _NONE:
                first = index
            else:
                records[previous][2] = index
            previous = index
        return first

    records[0][3] = add(tree)
    fat: list[int] = []
    sectors: list[bytes] = []

    def store(content: bytes) -> int:
        if not content:
            return _END
        count, begin = (len(content) + 511) // 512, len(sectors)
        fat.extend(begin + n + 1 if n < count - 1 else _END for n in range(count))
        sectors.extend(content[n * 512 : (n + 1) * 512].ljust(512, b"\0") for n in range(count))
        return begin

    for index, content in big:
        records[index][4] = store(content)
    records[0][4], records[0][5] = store(bytes(small)), len(small)
    small_fat_at = store(struct.pack(f"<{len(small_fat)}I", *small_fat))
    directory = b"".join(_record(*record) for record in records)  # type: ignore[arg-type]
    directory_at = store(directory)
    count = 1
    while (len(fat) + count) > count * 128:
        count += 1
    fat_at = len(sectors)
    fat.extend([_FAT] * count)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(count * 512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, count, directory_at, 0, _CUTOFF, small_fat_at,
                          (len(small_fat) + 127) // 128, _END, 0)  # fmt: skip
    blocks = [fat_at + n for n in range(count)] + [_FREE] * (109 - count)
    return header + struct.pack("<109I", *blocks) + b"".join(sectors) + table


def _record(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, _NONE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
