"""Which files of the given paths are handed in: all of them, less what no one would call a document.

Left aside, and listed as such: hidden files and folders, the lock files that Office keeps beside an open
document (``~$contract.docx``), the litter of desktop systems, and what is no regular file. A file that is named
itself is always taken, whatever it is called. Links to files are followed, links to folders are not.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_SPELLED_OUT = 3
"""As many paths make a readable name."""

LITTER = frozenset({"thumbs.db", "desktop.ini", "icon\r", "__macosx"})


class LeftAside(NamedTuple):
    """A path below a given folder that is not handed in, and why."""

    path: str
    reason: str


class Listing(NamedTuple):
    """``files``: absolute paths in order, each once; missing ones are among them, so that they get an outcome.

    ``empty``: given folders that hold no document at all.
    """

    roots: tuple[str, ...]
    files: tuple[str, ...]
    left_aside: tuple[LeftAside, ...]
    empty: tuple[str, ...]

    @property
    def root(self) -> str:
        """The given paths as one name for the batch; many (``folder/*.pdf``) by their folder and a digest."""
        if len(self.roots) <= _SPELLED_OUT:
            return os.pathsep.join(self.roots)
        digest = hashlib.sha256("\0".join(self.roots).encode("utf-8", "surrogatepass")).hexdigest()
        return f"{os.path.commonpath(self.roots)} ({len(self.roots)} paths, {digest[:8]})"


def list_files(paths: Iterable[Path]) -> Listing:
    """Every document below ``paths``."""
    roots = sorted({_absolute(path) for path in paths})
    files: set[str] = set()
    left_aside: list[LeftAside] = []
    empty: list[str] = []
    for root in roots:
        if not Path(root).is_dir():
            files.add(root)
            continue
        below: set[str] = set()
        for found in _walk(root):
            if isinstance(found, LeftAside):
                left_aside.append(found)
            else:
                below.add(found)
        if not below:
            empty.append(root)
        files |= below
    return Listing(tuple(roots), tuple(sorted(files)), tuple(sorted(left_aside)), tuple(empty))


def _absolute(path: Path) -> str:
    """Absolute, but with links left as they are: the path a person knows the file by."""
    path = path.expanduser()
    return str(path.resolve() if ".." in path.parts else path.absolute())


def _walk(root: str) -> Iterator[str | LeftAside]:
    # A folder that may not be entered is handed in itself: reading it fails, with the reason.
    denied: list[str] = []
    for folder, folders, names in os.walk(root, onerror=lambda error: denied.append(error.filename)):
        for name in sorted(folders):
            reason = why_left_aside(name)
            if reason or Path(folder, name).is_symlink():
                folders.remove(name)
                yield LeftAside(str(Path(folder, name)), reason or "a link to a folder")
        for name in names:
            path = Path(folder, name)
            reason = why_left_aside(path.name)
            if not reason and path.exists() and not path.is_file():
                reason = "not a regular file"
            yield LeftAside(str(path), reason) if reason else str(path)
    yield from denied


def why_left_aside(name: str) -> str:
    """Why the file or folder of a name is no document's; empty if it may be one's."""
    if name.startswith("~$"):
        return "a lock file of an open document"
    if name.startswith("."):
        return "hidden"
    if name.lower() in LITTER:
        return "kept by the desktop system"
    return ""
