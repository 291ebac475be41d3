"""Labelled contracts, from either of two layouts.

- A folder with ``gold.jsonl`` (five terms for each contract, several accepted values) and, optionally,
  ``milestones.jsonl`` (every milestone of some of the contracts) and ``pdf/``.
- A folder of folders, each a contract with its ``expected.json`` beside it (the fixtures).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.contract import FIVE_TERMS

CONTRACT_SUFFIXES = (".pdf", ".docx")


class GoldError(Exception):
    """The folder holds no labelled contracts."""


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
        raise GoldError(f"{folder} holds neither gold.jsonl nor folders with an expected.json.")
    return sorted(found, key=lambda gold: gold.file)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _benchmark(folder: Path) -> Iterator[Gold]:
    annotated = folder / "milestones.jsonl"
    milestones = {row["file"]: tuple(row["milestones"]) for row in _lines(annotated)} if annotated.exists() else {}
    for row in _lines(folder / "gold.jsonl"):
        terms = {
            str(field): tuple(row[field].get("any_of", ())) for field in FIVE_TERMS if row[field]["state"] != "unscored"
        }
        yield Gold(row["file"], folder / "pdf" / row["file"], terms, milestones.get(row["file"]))


def _fixtures(folder: Path) -> Iterator[Gold]:
    for expected in folder.glob("*/expected.json"):
        row = json.loads(expected.read_text(encoding="utf-8"))
        terms: dict[str, tuple[Any, ...]] = {}
        for field in FIVE_TERMS:
            value = row["terms"].get(field, {}).get("value")
            terms[field] = () if value is None else (value,)
        for path in sorted(expected.parent.iterdir()):
            if path.suffix.lower() in CONTRACT_SUFFIXES:
                yield Gold(f"{expected.parent.name}/{path.name}", path, terms, tuple(row["milestones"]))
