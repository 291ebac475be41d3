import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from models.contract import (
    Milestone,
    MilestoneKind,
    Outcome,
    Party,
    Rank,
    Reading,
    Recurrence,
    Renewal,
    Status,
    Term,
    TermField,
    TermState,
)
from models.evidence import Evidence, PageBox
from models.milestone_keys import contract_id, keys_of
from models.money import Amount
from models.part import DocumentPart, PartKind
from models.period import Direction, Period, Unit
from models.problem import Category, Problem, Stage
from models.sending import Addressee, NoticeCycle, Sending
from pipeline.output import document_object, evidence_object, length, milestone_object, term_value

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/extract-1.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)

EVIDENCE = Evidence(
    start=120,
    end=165,
    quote="may be terminated on sixty days' notice",
    page=1,
    section="9.2",
    boxes=(PageBox(1, 0.1, 0.9, 0.8, 0.92), PageBox(2, 0.1, 0.05, 0.3, 0.07)),
)


def term(field: TermField, **values: Any) -> Term:
    return Term(field=field, state=TermState.FOUND, confidence=0.9, evidence=(EVIDENCE,), **values)


def milestone(**values: Any) -> Milestone:
    return Milestone.model_validate(
        {
            "kind": MilestoneKind.NOTICE,
            "title": "Give notice of non-renewal",
            "evidence": (EVIDENCE,),
            "rule": "notice.non_renewal@1",
            "confidence": 0.9,
            **values,
        }
    )


CONTRACT = DocumentPart(kind=PartKind.MAIN, title="Supply Agreement", start=0, end=900)
FULL = Outcome(
    file="contracts/supply.pdf",
    parts=(CONTRACT, DocumentPart(kind=PartKind.EXHIBIT, title="Exhibit A", start=900, end=950)),
    sha256="0" * 64,
    status=Status.PARTIAL,
    pages=12,
    terms=(
        term(TermField.AGREEMENT_DATE, date=dt.date(2014, 5, 8), derivation="dated 8 May 2014 (p. 1)", rule="dated@1"),
        Term(field=TermField.EFFECTIVE_DATE, state=TermState.ABSENT, confidence=0.8),
        Term(
            field=TermField.EXPIRATION_DATE,
            state=TermState.BLOCKED,
            confidence=0.7,
            blocked_on="the delivery date is not known",
            alternatives=(Reading(text="two years", rule="term.years@1", evidence=EVIDENCE),),
            flags=("undefined_anchor",),
        ),
        term(
            TermField.RENEWAL_TERM,
            renewal=Renewal(period=Period(count=1, unit=Unit.YEAR), successive=True, automatic=True, times=3),
        ),
        term(TermField.NOTICE_PERIOD, notice=Period(count=10, unit=Unit.DAY, business=True)),
        term(TermField.TITLE, text="Supply Agreement"),
        term(
            TermField.PARTIES, parties=(Party(name="Acme Widgets Ltd", defined_as="Supplier"), Party(name="B. Jones"))
        ),
        term(TermField.CONTRACT_TYPE, text="supply"),
        term(TermField.GOVERNING_LAW, text="Delaware"),
        term(
            TermField.TOTAL_VALUE,
            amount=Amount(text="$1,000.50 to $2,000", value=Decimal("1000.50"), high=Decimal("2E+3"), currency="USD"),
        ),
    ),
    milestones=(
        milestone(
            date=dt.date(2015, 1, 15),
            offset=Period(count=10, unit=Unit.DAY, business=True),
            direction=Direction.BEFORE,
            anchor="end of the term",
            derivation="...",
            sending=Sending(
                methods=("certified mail", "courier"),
                slowest="certified mail",
                takes=Period(count=3, unit=Unit.DAY, business=True),
                why="deemed received",
                by_post=True,
                to=(Addressee(party="Supplier", address="12 Quay Street, Hull", email="md@acme.example"), Addressee()),
                evidence=EVIDENCE,
            ),
            send_by=dt.date(2015, 1, 12),
            cycles=(
                NoticeCycle(number=1, term_end=dt.date(2015, 1, 31), latest=dt.date(2015, 1, 15)),
                NoticeCycle(number=2, earliest=dt.date(2015, 12, 1), latest=dt.date(2016, 1, 15)),
            ),
            consequences=("auto_renewal",),
            rank=Rank(score=75, reasons=("notice", "the contract renews by itself")),
        ),
        milestone(
            kind=MilestoneKind.PAYMENT,
            earliest=dt.date(2015, 1, 1),
            latest=None,
            recurrence=Recurrence.QUARTERLY,
            rrule="FREQ=MONTHLY;INTERVAL=3",
            amount=Amount(text="[***]", redacted=True),
            who="Customer",
            vague=("promptly",),
            occurrences=(dt.date(2015, 1, 1), dt.date(2015, 4, 1)),
            depends_on=("0" * 32,),
        ),
        milestone(kind=MilestoneKind.CURE, blocked_on="the day of the notice is not known", method="registered mail"),
    ),
    problems=(Problem(stage=Stage.OCR, category=Category.NO_TEXT_LAYER, message="Page 7 is an image.", page=7),),
)


@pytest.mark.parametrize(
    "outcome",
    [
        FULL,
        Outcome(file="empty.pdf", sha256=None, status=Status.FAILED),
        Outcome(
            file="locked.pdf",
            sha256="f" * 64,
            status=Status.FAILED,
            problems=(Problem(stage=Stage.IDENTIFY, category=Category.ENCRYPTED, message="It needs a password."),),
        ),
    ],
    ids=["full", "unreadable", "failed"],
)
def test_every_outcome_gives_an_object_that_the_documented_schema_accepts(outcome: Outcome) -> None:
    given = json.loads(json.dumps(document_object(outcome)))
    VALIDATOR.validate(given)
    assert given["status"] == str(outcome.status)


def test_the_schema_itself_is_one_and_refuses_what_it_does_not_name() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    good = document_object(FULL)
    for spoiled in (
        {**good, "more": 1},
        {**good, "status": "fine"},
        {**good, "terms": {"effective_date": {**good["terms"]["agreement_date"], "value": "8 May 2014"}}},
        {**good, "terms": {"notice_period": {**good["terms"]["notice_period"], "value": {"days": 30, "months": 1}}}},
        {**good, "milestones": [{**good["milestones"][0], "kind": "party"}]},
    ):
        assert not VALIDATOR.is_valid(spoiled)


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (TermField, ("properties", "terms", "properties")),
        (Status, ("properties", "status", "enum")),
        (TermState, ("$defs", "term", "properties", "state", "enum")),
        (MilestoneKind, ("$defs", "milestone", "properties", "kind", "enum")),
        (Recurrence, ("$defs", "milestone", "properties", "recurrence", "enum")),
        (Direction, ("$defs", "milestone", "properties", "direction", "enum")),
        (Stage, ("$defs", "problem", "properties", "stage", "enum")),
        (Category, ("$defs", "problem", "properties", "category", "enum")),
    ],
)
def test_the_schema_names_exactly_the_words_of_the_models(words: Any, path: tuple[str, ...]) -> None:
    found = SCHEMA
    for key in path:
        found = found[key]
    assert {word for word in found if word is not None} == {str(word) for word in words}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (term(TermField.EXPIRATION_DATE, perpetual=True), "perpetual"),
        (term(TermField.EXPIRATION_DATE, date=dt.date(2019, 5, 8)), "2019-05-08"),
        (term(TermField.EFFECTIVE_DATE), None),
        (term(TermField.RENEWAL_TERM, renewal=Renewal(perpetual=True)), "perpetual"),
        (term(TermField.RENEWAL_TERM, renewal=Renewal(automatic=True)), None),
        (
            term(TermField.RENEWAL_TERM, renewal=Renewal(period=Period(count=30, unit=Unit.DAY))),
            {"days": 30, "successive": False, "automatic": False},
        ),
        (
            term(TermField.RENEWAL_TERM, renewal=Renewal(period=Period(count=2, unit=Unit.YEAR), automatic=True)),
            {"months": 24, "successive": False, "automatic": True},
        ),
        (term(TermField.NOTICE_PERIOD, notice=Period(count=6, unit=Unit.MONTH)), {"months": 6}),
        (term(TermField.PARTIES), None),
        (term(TermField.GOVERNING_LAW, text="England and Wales"), "England and Wales"),
    ],
)
def test_a_term_has_the_value_its_field_asks_for(given: Term, expected: Any) -> None:
    assert term_value(given) == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period(count=60, unit=Unit.DAY), {"days": 60}),
        (Period(count=5, unit=Unit.DAY, business=True), {"days": 5, "business": True}),
        (Period(count=2, unit=Unit.WEEK), {"days": 14}),
        (Period(count=6, unit=Unit.MONTH), {"months": 6}),
        (Period(count=1, unit=Unit.QUARTER), {"months": 3}),
        (Period(count=3, unit=Unit.YEAR), {"months": 36}),
    ],
)
def test_a_month_is_never_turned_into_days_and_business_is_never_dropped(
    period: Period, expected: dict[str, Any]
) -> None:
    assert length(period) == expected


@pytest.mark.parametrize(
    ("period", "offset", "unit"),
    [
        (Period(count=10, unit=Unit.DAY, business=True), 10, "business_day"),
        (Period(count=2, unit=Unit.WEEK), 2, "week"),
        (Period(count=2, unit=Unit.QUARTER), 6, "month"),
        (Period(count=1, unit=Unit.YEAR), 1, "year"),
        (None, None, None),
    ],
)
def test_an_offset_keeps_the_unit_it_was_written_in(
    period: Period | None, offset: int | None, unit: str | None
) -> None:
    given = milestone_object(milestone(offset=period))
    assert (given["offset"], given["unit"]) == (offset, unit)


def test_a_milestone_has_a_date_or_a_window_but_a_date_is_no_window() -> None:
    day = dt.date(2020, 2, 29)
    dated = milestone_object(milestone(date=day, earliest=day, latest=day))
    assert (dated["date"], dated["window"]) == ("2020-02-29", None)
    window = milestone_object(milestone(earliest=day, latest=dt.date(2020, 3, 30)))
    assert (window["date"], window["window"]) == (None, {"earliest": "2020-02-29", "latest": "2020-03-30"})


def test_ids_are_the_databases_and_what_waits_names_them() -> None:
    report = milestone(kind=MilestoneKind.REPORT, title="Report")
    paid = milestone(kind=MilestoneKind.PAYMENT, title="Pay", depends_on=(*keys_of([report]), "0" * 32))
    outcome = FULL.model_copy(update={"milestones": (paid, report)})
    first, second = document_object(outcome)["milestones"]
    assert [first["id"], second["id"]] == keys_of([paid, report], contract_id("0" * 64))
    assert first["depends_on"] == [second["id"]], "what is not in the contract is left out"


def test_a_notice_says_how_long_its_way_takes_and_the_deadlines_of_each_term() -> None:
    notice = document_object(FULL)["milestones"][0]
    assert notice["sending"]["takes"] == {"days": 3, "business": True}
    assert notice["send_by"] == "2015-01-12"
    assert [(one["number"], one["earliest"], one["latest"], one["send_by"]) for one in notice["cycles"]] == [
        (1, None, "2015-01-15", None),
        (2, "2015-12-01", "2016-01-15", None),
    ]


def test_amounts_are_written_out_in_full() -> None:
    value = document_object(FULL)["terms"]["total_value"]["value"]
    assert (value["value"], value["high"]) == ("1000.50", "2000")


def test_a_passage_over_two_pages_has_its_boxes_on_each() -> None:
    given = evidence_object(EVIDENCE)
    assert given["page"] == 1
    assert given["boxes"] == [[0.1, 0.9, 0.8, 0.92]]
    assert given["continued"] == [{"page": 2, "boxes": [[0.1, 0.05, 0.3, 0.07]]}]


def test_every_value_says_which_part_of_the_file_it_governs() -> None:
    shown = document_object(FULL)
    contract = {"kind": "main", "title": "Supply Agreement", "start": 0, "end": 900}
    assert shown["parts"] == [contract, {"kind": "exhibit", "title": "Exhibit A", "start": 900, "end": 950}]
    assert {name: term["part"] for name, term in shown["terms"].items()} == {
        name: contract if term["evidence"] else None for name, term in shown["terms"].items()
    }
    assert [one["part"] for one in shown["milestones"]] == [contract] * len(FULL.milestones)
