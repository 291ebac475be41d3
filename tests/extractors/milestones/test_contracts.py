"""The milestones of the sample contracts in depth: when to send notices, what waits for what, and nothing invented."""

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from extractors.extract import extract
from models.business import WEEKENDS_ONLY, BusinessCalendar, calendar_for
from models.contract import Milestone, Outcome, Status, Term
from models.contract_resolution import contract_resolver, resolve_contract
from models.derivation import date_words, window_words
from models.resolution import Blocked
from models.source import SourceText
from pipeline.limits import Limits
from pipeline.output import document_object
from pipeline.read import read
from rules.loader import installed_rules

CONTRACTS = Path(__file__).parents[3] / "fixtures" / "contracts"
FILES = sorted(
    path
    for path in CONTRACTS.glob("*/*.*")
    if path.suffix in (".pdf", ".docx") and path.stem not in ("maintenance-agreement-scanned", "sponsorship-agreement")
)
"""All that can be read without OCR."""
HOLIDAYS = {
    "master-services-agreement": "US-OH",
    "facilities-services-agreement": "DE",
    "manufacturing-supply-agreement": "US",
    "distribution-agreement": "GB-ENG",
}
"""Whose bank holidays count, by the law of the contract."""


class Contract(NamedTuple):
    source: SourceText
    terms: tuple[Term, ...]
    milestones: tuple[Milestone, ...]
    calendar: BusinessCalendar


@cache
def contract(path: Path) -> Contract:
    _, source = read(path.name, path.read_bytes(), Limits(), ocr=False)
    findings = extract(source, installed_rules())
    calendar = calendar_for(HOLIDAYS[path.stem]) if path.stem in HOLIDAYS else WEEKENDS_ONLY
    terms, milestones = resolve_contract(findings.terms, findings.milestones, calendar)
    return Contract(source, terms, milestones, calendar)


def expected(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((path.parent / "expected.json").read_text(encoding="utf-8"))["milestones"]
    return found


def plain(words: str) -> str:
    return " ".join(words.split())


def output(path: Path) -> list[dict[str, Any]]:
    found = contract(path)
    outcome = Outcome(file=path.name, sha256="0" * 64, status=Status.OK, terms=found.terms, milestones=found.milestones)
    milestones: list[dict[str, Any]] = document_object(outcome)["milestones"]
    return milestones


def named(found: list[dict[str, Any]], kind: str, quote: str) -> list[dict[str, Any]]:
    """The milestones of a kind whose passage holds the words."""
    return [
        one
        for one in found
        if one["kind"] == kind and (plain(quote) in plain(one["quote"]) or plain(one["quote"]) in plain(quote))
    ]


NOTICES = [path for path in FILES if any("send_by" in one for one in expected(path))]
WAITING = [path for path in FILES if any("depends_on" in one for one in expected(path))]


@pytest.mark.parametrize("path", NOTICES, ids=lambda path: path.name)
def test_a_notice_has_its_deadlines_and_the_day_to_send_it_by(path: Path) -> None:
    for stated in expected(path):
        if "send_by" not in stated:
            continue
        (found,) = named(output(path), "notice", stated["quote"])
        assert (found["date"] or found["window"]["latest"], found["send_by"]) == (
            stated["deadlines"][0],
            stated["send_by"],
        )
        assert [cycle["latest"] for cycle in found["cycles"]] == stated["deadlines"]
        assert found["sending"]["stated"]
        assert "auto_renewal" in found["consequences"]


@pytest.mark.parametrize("path", WAITING, ids=lambda path: path.name)
def test_what_waits_for_another_milestone_names_it(path: Path) -> None:
    found = output(path)
    by_id = {one["id"]: one for one in found}
    for stated in expected(path):
        for waited in stated.get("depends_on", ()):
            (waiting,) = [
                one for one in named(found, stated["kind"], stated["quote"]) if one["anchor"] and one["depends_on"]
            ]
            assert [
                (by_id[id_]["kind"], plain(waited["quote"]) in plain(by_id[id_]["quote"])
                 or plain(by_id[id_]["quote"]) in plain(waited["quote"]))
                for id_ in waiting["depends_on"]
            ] == [(waited["kind"], True)]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_date_follows_from_its_derivation_and_what_is_blocked_has_none(path: Path) -> None:
    found = contract(path)
    resolver = contract_resolver(found.terms, found.calendar)
    assert found.milestones
    for one in found.milestones:
        span = one.evidence[0]
        assert one.quote == found.source.text[span.start : span.end]
        dates = (one.date, one.earliest, one.latest, one.send_by)
        if one.blocked_on or one.expr is None:
            assert dates == (None, None, None, None)
            assert (one.cycles, one.occurrences, one.derivation) == ((), (), None)
            continue
        outcome = resolver.resolve(one.expr, span.where)
        assert not isinstance(outcome, Blocked)
        assert (one.date or one.earliest, one.date or one.latest) == (outcome.earliest, outcome.latest)
        assert one.derivation is not None
        assert window_words(outcome.earliest, outcome.latest) in one.derivation
        assert one.send_by is None or date_words(one.send_by) in one.derivation


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_sent_after_its_deadline_and_dates_of_a_recurrence_go_on(path: Path) -> None:
    for one in contract(path).milestones:
        latest = one.date or one.latest
        assert one.send_by is None or (latest is not None and one.send_by <= latest)
        ends = [cycle.latest for cycle in one.cycles if cycle.latest]
        assert ends == sorted(set(ends))
        for cycle in one.cycles:
            assert cycle.latest is not None
            assert cycle.term_end is not None
            assert cycle.send_by is None or cycle.send_by <= cycle.latest <= cycle.term_end
        assert list(one.occurrences) == sorted(set(one.occurrences))
        assert not one.occurrences or one.occurrences[0] == latest


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_ids_are_each_their_own_and_whoever_is_waited_for_is_there(path: Path) -> None:
    found = output(path)
    ids = [one["id"] for one in found]
    assert len(set(ids)) == len(ids)
    for one in found:
        assert set(one["depends_on"]) <= set(ids) - {one["id"]}
        assert one["rank"]["reasons"][0] == one["kind"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_title_is_short_and_ends_like_one(path: Path) -> None:
    for one in contract(path).milestones:
        assert 2 <= len(one.title) <= 110
        assert one.title == plain(one.title)
        assert one.title[0].isupper()
        assert one.title.split()[-1].lower() not in {"the", "of", "a", "an", "and", "or", "to", "shall"}


def test_the_terms_ahead_move_with_the_day_that_is_asked_about() -> None:
    path = CONTRACTS / "master-services-agreement" / "master-services-agreement.docx"
    found = contract(path)
    _, later = resolve_contract(found.terms, found.milestones, found.calendar, as_of=dt.date(2028, 6, 1))
    (notice,) = [one for one in later if one.cycles]
    assert [cycle.number for cycle in notice.cycles] == [3, 4, 5, 6]
    assert notice.date == dt.date(2026, 12, 1), "the milestone itself is the one of the initial term"
