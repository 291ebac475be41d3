"""Labelled contracts, from either of two layouts.

- A folder with ``gold.jsonl`` (five terms for each contract, several accepted values) and, optionally,
  ``milestones.jsonl`` (every milestone of some of the contracts) and ``pdf/``.
- A folder of folders, each a contract with its ``expected.json`` beside it (the fixtures). It names its ``files``:
  the same contract in several forms has several. A term whose ``state`` is conflict, blocked or partial has no value
  to state: saying none is right, saying one (a reading of a conflict, too) is an invention.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.contract import FIVE_TERMS, TermState


class GoldError(Exception):
    """The folder holds no labelled contracts, or labels that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Gold:
    """What is true of one contract.

    ``terms`` maps a field to its accepted values: empty for an absent one; a field that is missing is not scored.
    ``milestones`` is None where they were not annotated. ``path`` is the contract itself.
    """

    file: str
    path: Path
    terms: dict[str, tuple[Any, ...]]
    milestones: tuple[dict[str, Any], ...] | None


def load_gold(folder: Path) -> list[Gold]:
    """All labelled contracts of ``folder``, sorted by file name."""
    found = list(_benchmark(folder) if (folder / "gold.jsonl").exists() else _fixtures(folder))
    if not found:
        raise GoldError(f"{folder} holds neither a gold.jsonl with contracts nor folders with an expected.json.")
    return sorted(found, key=lambda gold: gold.file)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _object(line, f"{path}, line {number}")


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except ValueError as error:
        raise GoldError(f"{where}: not JSON ({error}).") from error
    if not isinstance(row, dict):
        raise GoldError(f"{where}: not a JSON object.")
    return row


def _benchmark(folder: Path) -> Iterator[Gold]:
    annotated = folder / "milestones.jsonl"
    milestones: dict[str, tuple[dict[str, Any], ...]] = {}
    if annotated.exists():
        for row in _lines(annotated):
            milestones[_named(row, "file", annotated)] = tuple(_named(row, "milestones", annotated))
    gold = folder / "gold.jsonl"
    for row in _lines(gold):
        file = _named(row, "file", gold)
        labels = {str(field): _named(row, str(field), gold) for field in FIVE_TERMS}
        terms = {
            field: tuple(label.get("any_of", ())) for field, label in labels.items() if label["state"] != "unscored"
        }
        yield Gold(file, folder / "pdf" / file, terms, milestones.get(file))


def _fixtures(folder: Path) -> Iterator[Gold]:
    for expected in folder.glob("*/expected.json"):
        row = _object(expected.read_text(encoding="utf-8"), str(expected))
        labels = _named(row, "terms", expected)
        terms = {str(field): _accepted(labels[field], expected) for field in FIVE_TERMS if field in labels}
        milestones = tuple(_named(row, "milestones", expected))
        for file in _named(row, "files", expected):
            name = _named(file, "file", expected)
            yield Gold(f"{expected.parent.name}/{name}", expected.parent / name, terms, milestones)


def _accepted(label: dict[str, Any], where: Path) -> tuple[Any, ...]:
    if _named(label, "state", where) != TermState.FOUND:
        return ()
    return (_named(label, "value", where),)


def _named(row: dict[str, Any], key: str, where: Path) -> Any:
    try:
        return row[key]
    except KeyError:
        raise GoldError(f"{where}: a label without {key!r}.") from None
