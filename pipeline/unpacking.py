"""Containers among the files that were handed in: taken apart before anything is read.

A ZIP file or an e-mail is opened in a worker process, like all that comes from outside. The documents in it go to a
folder that lasts as long as the run; from then on each is a file like any other, known as
``archive.zip!/folder/contract.pdf``.
"""

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from models.problem import Category, DocumentError, Problem, Stage
from pipeline.containers import INSIDE, Member, unpack
from pipeline.guard import Bounds, Guard
from pipeline.identify import MediaType, identify, may_be_container
from pipeline.limits import Limits

__all__ = ["INSIDE", "Part", "Unpacked", "UnpackingError", "take_apart"]

log = logging.getLogger(__name__)

_HEAD = 64 * 1024


class UnpackingError(Exception):
    """The documents of containers cannot be put anywhere; the message is a sentence for the operator."""


class Part(NamedTuple):
    """A document of a container: its path in it, and where its bytes lie; or why it was not taken out."""

    path: str
    file: str | None = None
    sha256: str | None = None
    size: int | None = None
    problem: Problem | None = None


Unpacked = tuple[Part, ...] | Problem
"""What was in a container, or why it could not be unpacked."""


def take_apart(
    paths: Iterable[str], folder: Path, limits: Limits, bounds: Bounds, workers: int = 1
) -> dict[str, Unpacked]:
    """What is in those of ``paths`` that are containers, their documents written below ``folder``.

    Paths that are no containers, or cannot be read at all, are not in the answer. Without any, no worker is started.

    Raises:
        UnpackingError: ``folder`` cannot be written to.
    """
    suspects = [path for path in paths if _is_suspect(path)]
    if not suspects:
        return {}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnpackingError(f"Archives cannot be unpacked to {folder} ({error.strerror or error}).") from error
    prepare = partial(_unpacker, str(folder), limits)
    found: dict[str, Unpacked] = {}
    with Guard[str, Unpacked | None](prepare, min(workers, len(suspects)), bounds) as guard:
        for path, answer in guard.run(suspects):
            if answer is not None:
                found[path] = answer
    return found


def _is_suspect(path: str) -> bool:
    try:
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            return may_be_container(file.read(_HEAD))
    except OSError:
        return False


# What follows runs in the worker process.


def _unpacker(folder: str, limits: Limits) -> Callable[[str], Unpacked | None]:
    return partial(_unpack, folder=Path(folder), limits=limits)


def _unpack(path: str, folder: Path, limits: Limits) -> Unpacked | None:
    """Take one file apart; None if it is no container, or cannot be read, which is told when its turn comes."""
    try:
        if Path(path).stat().st_size > limits.bytes:
            return None
        data = Path(path).read_bytes()
    except OSError:
        return None
    name = os.fsencode(Path(path).name).decode("utf-8", "replace")
    try:
        if not _is_container(name, data, limits):
            return None
        members = unpack(name, data, limits)
    except DocumentError as error:
        return error.problem
    except MemoryError:
        return _problem(Category.MEMORY, "There was not enough memory to unpack this file.")
    except Exception as error:  # the trap at the edge of a container: a defect costs this one only
        log.info("%s: a defect, please report it", name, exc_info=True)
        return _problem(Category.INTERNAL, f"A defect of the program stopped it here ({type(error).__name__}).")
    return tuple(_parts(path, name, members, folder))


def _is_container(name: str, data: bytes, limits: Limits) -> bool:
    try:
        media: MediaType = identify(name, data, limits)
    except DocumentError:
        return False
    return media.is_container


def _parts(path: str, name: str, members: Iterable[Member], folder: Path) -> Iterator[Part]:
    for inner, member in zip(_distinct(member.name.removeprefix(name) for member in members), members, strict=True):
        if member.problem is not None:
            yield Part(path + inner, problem=member.problem)
            continue
        sha256 = hashlib.sha256(member.data).hexdigest()
        file = folder / sha256
        try:
            file.write_bytes(member.data)
        except OSError as error:
            raise UnpackingError(f"Archives cannot be unpacked to {folder} ({error.strerror or error}).") from error
        yield Part(path + inner, str(file), sha256, len(member.data))


def _distinct(names: Iterable[str]) -> Iterator[str]:
    """The same names, later ones of a kind numbered: a ZIP may hold several files of one name."""
    given: set[str] = set()
    count: Counter[str] = Counter()
    for name in names:
        shown = name
        while shown in given:
            count[name] += 1
            path = PurePosixPath(name)
            shown = f"{name.removesuffix(path.suffix)} ({count[name] + 1}){path.suffix}"
        given.add(shown)
        yield shown


def _problem(category: Category, message: str) -> Problem:
    return Problem(stage=Stage.IDENTIFY, category=category, message=message)
