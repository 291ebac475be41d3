"""Annotated milestones without the contract's words.

Labels made for training are kept in the project; the contracts are not ours to keep. A label therefore names its
passage by place: page and character of the page's raw text, where it begins and where it ends. That survives every
change of how white space, furniture and hyphens are read, and holds no text.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.source import SourceText, Span

_SIGN = re.compile(r"[A-Za-z0-9]")
_TIMING = ("date", "offset", "unit", "direction", "recurrence")


@dataclass(frozen=True, slots=True)
class Label:
    """An annotated milestone: its kind, the span of its passage in the text as read, and its timing as annotated."""

    kind: str
    span: Span
    timing: dict[str, Any]


class QuoteIndex:
    """Finds quotes whatever their white space and punctuation."""

    def __init__(self, text: str) -> None:
        self._places = [match.start() for match in _SIGN.finditer(text)]
        self._signs = "".join(text[place] for place in self._places).lower()

    def find(self, quote: str) -> Span | None:
        """The characters a quote takes in the text, None where it does not stand there in one run."""
        signs = "".join(_SIGN.findall(quote)).lower()
        first = self._signs.find(signs) if signs else -1
        if first < 0:
            return None
        return Span(self._places[first], self._places[first + len(signs) - 1] + 1)


class PlaceIndex:
    """Translates between characters of the text and places on raw pages."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._runs = sorted(source.runs, key=lambda run: (run.page, run.raw))
        self._keys = [(run.page, run.raw) for run in self._runs]

    def place(self, span: Span) -> list[int] | None:
        """``[page, raw, page, raw]`` of the first and last character, None for characters that have no place."""
        runs = self._source.runs_of(span)
        if not runs:
            return None
        first, last = runs[0], runs[-1]
        return [first.page, first.raw, last.page, last.raw + last.end - last.start - 1]

    def span(self, place: list[int]) -> Span | None:
        """The characters between two places; where they were removed since, the next that are left."""
        first, last = self._position(place[0], place[1]), self._position(place[2], place[3])
        return Span(first, last + 1) if first is not None and last is not None and first <= last else None

    def _position(self, page: int, raw: int) -> int | None:
        index = bisect_right(self._keys, (page, raw)) - 1
        if index >= 0:
            run = self._runs[index]
            if run.page == page and raw < run.raw + run.end - run.start:
                return run.start + raw - run.raw
        return self._runs[index + 1].start if index + 1 < len(self._runs) else None


def quoted_labels(milestones: list[dict[str, Any]], source: SourceText) -> Iterator[Label]:
    """Labels of milestones annotated with quotes; those whose quote is not found are left out."""
    index = QuoteIndex(source.text)
    for milestone in milestones:
        span = index.find(milestone["quote"])
        if span:
            yield Label(milestone["kind"], span, _timing(milestone))


def placed_labels(placed: list[dict[str, Any]], source: SourceText) -> Iterator[Label]:
    """Labels kept by place, as spans of the text as it is read now."""
    index = PlaceIndex(source)
    for milestone in placed:
        span = index.span(milestone["place"])
        if span:
            yield Label(milestone["kind"], span, _timing(milestone))


def without_words(milestones: list[dict[str, Any]], source: SourceText) -> list[dict[str, Any]]:
    """Quoted annotations as labels by place."""
    index = PlaceIndex(source)
    labels = []
    for label in quoted_labels(milestones, source):
        place = index.place(label.span)
        if place:
            labels.append({"kind": label.kind, "place": place, **label.timing})
    return labels


def load_placed(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The labels kept by place, by hash of the contract's file; none where there is no such file."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as lines:
        return {row["sha256"]: row["milestones"] for row in map(json.loads, lines)}


def _timing(milestone: dict[str, Any]) -> dict[str, Any]:
    return {key: milestone[key] for key in _TIMING if key in milestone}
