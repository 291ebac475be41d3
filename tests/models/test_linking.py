"""A document is linked by what it says of the other, never by a shared party alone."""

import datetime as dt
from typing import Any

import pytest

from models.evidence import Evidence
from models.family import Certainty, FamilyRole, Reference
from models.linking import Filed, links, links_of, normalised_party

PARTIES = ("Alder Systems, Inc.", "Birch Foods LLC")
MASTER = Filed(
    key="master",
    title="SUPPLY AGREEMENT",
    parties=("ALDER SYSTEMS, INC.", "Birch Foods, L.L.C."),
    agreement_date=dt.date(2020, 3, 1),
    effective_date=dt.date(2020, 4, 1),
)


def reference(**said: Any) -> Reference:
    usual: dict[str, Any] = {
        "role": FamilyRole.AMENDMENT,
        "number": 1,
        "title": "Supply Agreement",
        "dated": dt.date(2020, 3, 1),
        "parties": PARTIES,
    }
    return Reference(evidence=Evidence(start=0, end=1, quote="x"), rule="test", **{**usual, **said})


def amendment(*references: Reference, **facts: Any) -> Filed:
    return Filed(
        key="amendment",
        title="Amendment No. 1",
        references=references,
        **({"parties": PARTIES, **facts} if facts else {}),
    )


def changed(**update: Any) -> Filed:
    return MASTER.model_copy(update=update)


def test_date_title_and_both_parties_make_a_link_certain_and_say_why() -> None:
    [link] = links_of(amendment(reference()), [MASTER])
    assert (link.child, link.parent, link.role, link.number) == ("amendment", "master", FamilyRole.AMENDMENT, 1)
    assert link.certainty is Certainty.CERTAIN
    assert link.reasons == (
        "It says the other is dated 2020-03-01, which is its date.",
        'It names "Supply Agreement"; the title is "SUPPLY AGREEMENT".',
        "The parties are the same: Alder Systems, Inc. and Birch Foods LLC.",
    )


@pytest.mark.parametrize(
    ("said", "known", "expected"),
    [
        pytest.param({"dated": dt.date(2020, 4, 1)}, {}, Certainty.CERTAIN, id="dated by its effective date"),
        pytest.param({"dated": None}, {}, Certainty.PROPOSED, id="no date said"),
        pytest.param({"title": None}, {}, Certainty.PROPOSED, id="no title said"),
        pytest.param({"parties": PARTIES[:1]}, {}, Certainty.PROPOSED, id="one party"),
        pytest.param({"dated": None, "title": None}, {}, None, id="parties alone"),
        pytest.param({"dated": None, "parties": PARTIES[:1]}, {}, None, id="title and one party"),
        pytest.param({"dated": dt.date(2019, 3, 1)}, {}, None, id="another date"),
        pytest.param({"title": "Lease"}, {}, None, id="another title"),
        pytest.param({}, {"parties": ("Cedar Ltd", "Drake Ltd")}, None, id="other parties"),
        pytest.param(
            {"title": "Distribution Agreement"}, {"title": "Distributor Agreement"}, Certainty.CERTAIN, id="alike"
        ),
        pytest.param({}, {"agreement_date": None, "effective_date": None}, Certainty.PROPOSED, id="its date unknown"),
        pytest.param(
            {}, {"title": "COVER", "parties": (), "opening": "COVER Supply Agreement of Alder Systems and Birch Foods"},
            Certainty.CERTAIN, id="names in the opening",
        ),
        pytest.param(
            {"dated": None, "reference": "DS/C-39/14"}, {"opening": "Contract No. DS/C-39/14"}, Certainty.CERTAIN,
            id="contract number",
        ),
    ],
)  # fmt: skip
def test_what_agrees_decides(said: dict[str, Any], known: dict[str, Any], expected: Certainty | None) -> None:
    found = links_of(amendment(reference(**said)), [changed(**known)])
    assert [link.certainty for link in found] == ([expected] if expected else [])


def test_two_documents_that_agree_alike_are_both_proposed_and_neither_is_certain() -> None:
    found = links_of(amendment(reference()), [MASTER, changed(key="copy")])
    assert [(link.parent, link.certainty) for link in found] == [
        ("copy", Certainty.PROPOSED),
        ("master", Certainty.PROPOSED),
    ]
    assert all("2 documents agree equally well." in link.reasons for link in found)


def test_an_amendment_is_linked_to_the_agreement_and_not_to_another_amendment_of_it() -> None:
    other = Filed(
        key="other",
        title="Amendment No. 2 to Supply Agreement",
        parties=PARTIES,
        agreement_date=dt.date(2020, 3, 1),
        references=(reference(number=2),),
    )
    assert [(link.child, link.parent) for link in links([MASTER, other, amendment(reference())])] == [
        ("other", "master"),
        ("amendment", "master"),
    ]


def test_a_document_that_refers_to_nothing_is_not_linked() -> None:
    assert links([MASTER, changed(key="twin")]) == ()


def test_the_parties_of_the_document_itself_count_where_it_says_the_same_parties() -> None:
    [link] = links_of(amendment(reference(parties=()), parties=PARTIES), [MASTER])
    assert link.certainty is Certainty.CERTAIN


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alder Systems, Inc.", "ALDER SYSTEMS INCORPORATED"),
        ("The Birch Company", "Birch Co."),
        ("Alder's Mill Ltd", "Alders Mill Limited"),
        ("Società Ácero S.p.A.", "Societa Acero SpA"),
    ],
)
def test_the_same_party_is_written_in_different_ways(one: str, other: str) -> None:
    assert normalised_party(one) == normalised_party(other)
