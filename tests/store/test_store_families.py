"""Contract families in the store: links proposed from what documents say, and decided by people or a certain rule."""

import datetime as dt

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from models.contract import Outcome, Party, Status, Term, TermField, TermState
from models.dateexpr import Fixed
from models.evidence import Evidence
from models.family import FamilyRole, Operation, OperationKind, Reference
from store.engine import reading, writing
from store.families import (
    decide_link,
    find_link,
    link_by_person,
    links_from,
    links_to,
    operations_of,
    propose_links,
    sweep_links,
)
from store.family_tables import FamilyLink, FiledDocument, LinkState
from store.identity import contract_id
from store.results import save_outcome
from tests.review.desk import ANNA
from tests.store.samples import LATER, NOW, sha

SUPPLIER, BUYER, OTHER = "Nordwind Optik GmbH", "Quarz Labs Ltd", "Heron Foods Inc."
DATED = dt.date(2021, 3, 1)


def agreement(
    file: str,
    title: str = "Lens Supply Agreement",
    date: dt.date = DATED,
    parties: tuple[str, ...] = (SUPPLIER, BUYER),
    amends: tuple[Reference, ...] = (),
    operations: tuple[Operation, ...] = (),
) -> Outcome:
    found = {"state": TermState.FOUND, "confidence": 0.9}
    terms = (
        Term(field=TermField.TITLE, text=title, **found),
        Term(field=TermField.PARTIES, parties=tuple(Party(name=name) for name in parties), **found),
        Term(field=TermField.AGREEMENT_DATE, expr=Fixed(date=date), date=date, **found),
    )
    return Outcome(file=file, sha256=sha(file), status=Status.OK, terms=terms, amends=amends, operations=operations)


def reference(**changes: object) -> Reference:
    quote = "Amendment No. 1 to the Lens Supply Agreement dated as of March 1, 2021"
    values: dict[str, object] = {
        "role": FamilyRole.AMENDMENT,
        "number": 1,
        "title": "Lens Supply Agreement",
        "dated": DATED,
        "parties": (SUPPLIER, BUYER),
        "evidence": Evidence(start=0, end=len(quote), quote=quote),
        "rule": "amendment.to@1",
    }
    return Reference.model_validate(values | changes)


def amendment(file: str = "amendment-1.pdf", **changes: object) -> Outcome:
    return agreement(file, "Amendment No. 1", dt.date(2023, 5, 2), amends=(reference(**changes),))


def save(session: Session, outcome: Outcome, now: dt.datetime = NOW) -> str:
    save_outcome(session, outcome, ruleset_version="1", model_version="1", now=now, size=10)
    return contract_id(outcome.sha256 or "")


def links(engine: Engine) -> list[FamilyLink]:
    with reading(engine) as session:
        return list(session.exec(select(FamilyLink)))


@pytest.mark.parametrize("master_first", [True, False])
def test_an_amendment_is_linked_whichever_of_the_two_is_read_first(engine: Engine, master_first: bool) -> None:
    files = [agreement("supply.pdf"), amendment()]
    with writing(engine) as session:
        ids = {one.file: save(session, one) for one in (files if master_first else files[::-1])}
    found = links(engine)
    assert [(one.child_id, one.parent_id, one.number) for one in found] == [
        (ids["amendment-1.pdf"], ids["supply.pdf"], 1)
    ]
    assert (found[0].state, found[0].decided_by) == (LinkState.CONFIRMED, "program")
    assert any("2021-03-01" in reason for reason in found[0].reasons)


@pytest.mark.parametrize(
    ("what", "master"),
    [
        ("another date", agreement("a.pdf", date=dt.date(2020, 7, 7))),
        ("other parties", agreement("b.pdf", parties=(OTHER, "Kestrel AG"))),
        ("another title, and no date known of it", agreement("c.pdf", title="Lease of Land")),
        ("an amendment itself", amendment("d.pdf")),
    ],
)
def test_a_document_that_disagrees_is_not_linked(engine: Engine, what: str, master: Outcome) -> None:
    with writing(engine) as session:
        save(session, master)
        save(session, amendment())
    assert [one for one in links(engine) if one.state is LinkState.CONFIRMED] == [], what


def test_of_two_that_agree_equally_well_both_are_proposed_and_neither_is_certain(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, agreement("one.pdf"))
        save(session, agreement("two.pdf"))
        save(session, amendment())
    assert [one.state for one in links(engine)] == [LinkState.PROPOSED, LinkState.PROPOSED]


def test_reading_the_same_again_proposes_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, agreement("supply.pdf"))
        save(session, amendment())
    before = [one.model_dump() for one in links(engine)]
    with writing(engine) as session:
        save(session, agreement("supply.pdf"), LATER)
        child = save(session, amendment(), LATER)
        assert propose_links(session, child, LATER) == []
        assert sweep_links(session, LATER) == []
    assert [one.model_dump() for one in links(engine)] == before


def test_what_a_person_refused_is_not_proposed_again(engine: Engine) -> None:
    with writing(engine) as session:
        parent, child = save(session, agreement("supply.pdf")), save(session, amendment(title=None))
        link = find_link(session, child, parent)
        assert link is not None
        decide_link(session, link, LinkState.REFUSED, ANNA, NOW)
    with writing(engine) as session:
        save(session, amendment(title=None), LATER)
        assert sweep_links(session, LATER) == []
        assert [one.state for one in links_to(session, parent)] == [LinkState.REFUSED]
        assert links_to(session, parent, LinkState.CONFIRMED, LinkState.PROPOSED) == []


def test_a_person_links_what_says_nothing_of_itself(engine: Engine) -> None:
    with writing(engine) as session:
        parent, child = save(session, agreement("supply.pdf")), save(session, agreement("letter.pdf", "Letter"))
        assert links_from(session, child) == []
        link_by_person(session, child, parent, ANNA, NOW)
        link_by_person(session, child, parent, ANNA, LATER)
        (link,) = links_from(session, child)
    assert (link.state, link.decided_by, link.decided_at, link.reasons) == (
        LinkState.CONFIRMED,
        ANNA.id,
        NOW,
        ["Anna Berg said so."],
    )


def test_operations_come_back_whole_and_in_order(engine: Engine) -> None:
    quote = "Section 4.2 is deleted."
    evidence = (Evidence(start=5, end=5 + len(quote), quote=quote),)
    told = (
        Operation(kind=OperationKind.DELETE, section="4.2", evidence=evidence, rule="delete@1"),
        Operation(kind=OperationKind.CONFIRM, evidence=evidence, rule="confirm@1"),
    )
    with writing(engine) as session:
        child = save(session, agreement("a.pdf", operations=told))
        save(session, agreement("a.pdf", operations=told), LATER)
    with reading(engine) as session:
        assert operations_of(session, child) == told


def test_candidates_come_from_indexes_and_not_from_all_documents(engine: Engine) -> None:
    with writing(engine) as session:
        for number in range(60):
            parties = (f"Firma{number} GmbH", f"Kunde{number} AG")
            save(session, agreement(f"{number}.pdf", date=DATED - dt.timedelta(days=number + 1), parties=parties))
        save(session, agreement("supply.pdf"))
    fetched: list[int] = []

    def count(session: Session, row: object) -> None:
        fetched.append(1 if isinstance(row, FiledDocument) else 0)

    with writing(engine) as session:
        event.listen(session, "loaded_as_persistent", count)
        child = save(session, amendment())
        assert len(links_from(session, child)) == 1
    assert sum(fetched) < 5, "rows of documents that share neither date nor parties were read"
