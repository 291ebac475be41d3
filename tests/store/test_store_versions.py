"""Versions of one contract: the same file again, the signed copy of a draft, a newer draft, another contract alike."""

import datetime as dt
import hashlib

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.contract import Outcome, Party, Status, Term, TermField, TermState
from models.contract_resolution import resolve_contract
from models.decision import ItemState
from models.family import Certainty, FamilyRole
from models.period import Period, Unit
from models.sketch import similarity, sketch_of
from store.amending import decide, effects, warning_of
from store.engine import reading, writing
from store.families import links_to
from store.family_tables import FamilyLink, LinkState
from store.fingerprint import fingerprint
from store.identity import contract_id
from store.review_queue import items_of
from store.review_tables import DecisionRow
from store.tables import Contract
from tests.review.desk import ANNA, after, item, milestones, terms
from tests.store.test_store_amending import NOTICE, confirm, named, save

WORDS = " ".join(
    f"The supplier shall deliver part {number} to the buyer within {number} days." for number in range(300)
)


def version(file: str, *, draft: bool, text: str = WORDS, notice: int = 90, day: str | None = None) -> Outcome:
    found = [*terms(), named()]
    found = [one for one in found if one.field is not TermField.AGREEMENT_DATE]
    length = Period(count=notice, unit=Unit.DAY)
    found = [
        one.model_copy(update={"notice": length}) if one.field is TermField.NOTICE_PERIOD else one for one in found
    ]
    if day:
        date = dt.date.fromisoformat(day)
        found.append(Term(field=TermField.AGREEMENT_DATE, state=TermState.FOUND, confidence=0.9, date=date))
    due = milestones()
    if notice != 90:
        (old,) = (one for one in due if one.title == NOTICE)
        assert old.expr is not None
        moved = old.model_copy(update={"expr": old.expr.model_copy(update={"period": length}), "offset": length})
        due = tuple(moved if one is old else one for one in due)
    dated, resolved = resolve_contract(tuple(found), tuple(due))
    return Outcome(
        file=file,
        sha256=hashlib.sha256(file.encode()).hexdigest(),
        status=Status.OK,
        draft=draft,
        terms=dated,
        milestones=resolved,
        sketch=sketch_of(text),
    )


def misread(text: str) -> str:
    """The text as OCR may read it: every fortieth word is another."""
    words = text.split()
    return " ".join("rn" if number % 40 == 39 else word for number, word in enumerate(words))


def only_link(session: Session) -> FamilyLink:
    return session.exec(select(FamilyLink)).one()


def test_a_scan_is_like_its_original_and_unlike_another_text() -> None:
    assert similarity(sketch_of(WORDS), sketch_of(misread(WORDS))) > 0.7
    assert similarity(sketch_of(WORDS), sketch_of("Alder leases the plant to Birch for a year.")) < 0.1


def test_the_signed_scan_of_a_known_draft_is_its_execution_copy(engine: Engine) -> None:
    with writing(engine) as session:
        draft = save(session, version("draft.docx", draft=True))
        confirm(session, "Notice period", NOTICE, "First instalment")
        signed = save(session, version("signed.pdf", draft=False, text=misread(WORDS), day="2024-09-20"), after(1))
        link = only_link(session)
        assert (link.child_id, link.parent_id, link.role) == (signed, draft, FamilyRole.EXECUTION_COPY)
        assert (link.certainty, link.state) == (Certainty.PROPOSED, LinkState.PROPOSED)
        decide(session, link, LinkState.CONFIRMED, ANNA, after(2))
    with reading(engine) as session:
        contract = session.get(Contract, draft)
        assert contract is not None
        assert not contract.draft, "it is signed now"
        assert items_of(session, signed) == [], "it is decided once"
        for title in ("Notice period", NOTICE, "First instalment"):
            assert item(session, title, draft).state is ItemState.ACCEPTED, "what both say keeps its decision"


def test_what_the_signed_copy_says_otherwise_is_opened_again(engine: Engine) -> None:
    with writing(engine) as session:
        draft = save(session, version("draft.docx", draft=True))
        confirm(session, "Notice period", NOTICE, "First instalment")
        save(session, version("signed.pdf", draft=False, notice=120), after(1))
        link = only_link(session)
        key = item(session, NOTICE, draft).milestone_key or ""
        assert {one.what for one in effects(session, link, after(1))} == {"notice_period", NOTICE}
        assert warning_of(session, draft, key) is not None
        decide(session, link, LinkState.CONFIRMED, ANNA, after(2))
        assert item(session, NOTICE, draft).state is ItemState.PENDING
        assert item(session, NOTICE, draft).milestone_key == key
        assert item(session, "First instalment", draft).state is ItemState.ACCEPTED


def test_a_newer_draft_replaces_what_the_older_one_says_once_it_is_confirmed(engine: Engine) -> None:
    with writing(engine) as session:
        draft = save(session, version("draft-1.docx", draft=True))
        newer = version("draft-2.docx", draft=True, notice=60)
        save(session, newer.model_copy(update={"milestones": newer.milestones[:-1]}), after(1))
        link = only_link(session)
        assert (link.role, link.state) == (FamilyRole.NEWER_DRAFT, LinkState.PROPOSED)
        decide(session, link, LinkState.CONFIRMED, ANNA, after(2))
        gone = newer.milestones[-1].title
        assert gone not in {one.title for one in items_of(session, draft)}
        contract = session.get(Contract, draft)
        assert contract is not None
        assert contract.draft


def test_a_second_signed_copy_changes_nothing_and_is_not_asked_about(engine: Engine) -> None:
    with writing(engine) as session:
        first = save(session, version("signed.pdf", draft=False, day="2024-09-20"))
        copy = save(session, version("signed-again.pdf", draft=False, day="2024-09-20"), after(1))
        link = only_link(session)
        assert (link.role, link.parent_id, link.state) == (FamilyRole.COPY, first, LinkState.PROPOSED)
        assert items_of(session, copy), "until somebody says so it is a contract of its own"
        decide(session, link, LinkState.CONFIRMED, ANNA, after(2))
        assert effects(session, link, after(1)) == ()
        assert items_of(session, copy) == []


def test_the_same_file_again_is_no_version_of_itself(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, version("draft.docx", draft=True))
        before, rows = fingerprint(session), len(session.exec(select(DecisionRow)).all())
    with writing(engine) as session:
        save(session, version("draft.docx", draft=True), after(1))
        assert session.exec(select(FamilyLink)).all() == []
        assert (fingerprint(session), len(session.exec(select(DecisionRow)).all())) == (before, rows)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"day": "2025-09-20"}, id="of another date"),
        pytest.param({"text": "Alder leases the plant to Birch for a year. " * 90}, id="in other words"),
        pytest.param({"parties": ("Alder GmbH", "Birch Ltd")}, id="between others"),
    ],
)
def test_another_contract_is_no_version(engine: Engine, changed: dict[str, object]) -> None:
    parties = changed.get("parties")
    changed = {name: value for name, value in changed.items() if name != "parties"}
    with writing(engine) as session:
        save(session, version("a.pdf", draft=False, day="2024-09-20"))
        other = version("b.pdf", draft=False, **{"day": "2024-09-20", **changed})  # type: ignore[arg-type]
        if isinstance(parties, tuple):
            others = tuple(Party(name=name) for name in parties)
            found = tuple(
                one.model_copy(update={"parties": others}) if one.field is TermField.PARTIES else one
                for one in other.terms
            )
            other = other.model_copy(update={"terms": found})
        second = save(session, other, after(1))
        assert session.exec(select(FamilyLink)).all() == []
        assert links_to(session, contract_id(other.sha256 or "")) == []
        assert items_of(session, second)
