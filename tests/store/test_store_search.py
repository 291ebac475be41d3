import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import select

from models.contract import Milestone, MilestoneKind, Outcome, Party, Status, Term, TermField, TermState
from models.evidence import Evidence
from store.engine import reading, writing
from store.results import save_outcome
from store.search import (
    MOST_COUNTED,
    EntryKind,
    Hit,
    Snippet,
    count,
    index_contract,
    index_missing,
    search,
    snippet,
    wanted_of,
)
from store.search_tables import SearchEntry
from store.tables import Contract
from tests.store.samples import NOW, sha

CONTRACT, PARTY, QUOTE = EntryKind.CONTRACT, EntryKind.PARTY, EntryKind.QUOTE


def save(
    engine: Engine,
    name: str,
    *quotes: str,
    title: str = "Supply Agreement",
    parties: tuple[Party, ...] = (),
    version: str = "1",
    content: str | None = None,
) -> Contract:
    def found(field: TermField, **value: object) -> Term:
        return Term.model_validate({"field": field, "state": TermState.FOUND, "confidence": 0.9, **value})

    milestones = tuple(
        Milestone(
            kind=MilestoneKind.PAYMENT,
            title="Payment",
            evidence=(Evidence(start=100 * n, end=100 * n + len(quote), quote=quote, page=n + 1),),
            rule="payment.test@1",
            confidence=0.9,
            blocked_on="receipt",
        )
        for n, quote in enumerate(quotes)
    )
    outcome = Outcome(
        file=name,
        sha256=sha(content or name),
        status=Status.OK,
        pages=9,
        terms=(found(TermField.TITLE, text=title), found(TermField.PARTIES, parties=parties)),
        milestones=milestones,
    )
    with writing(engine) as session:
        save_outcome(session, outcome, ruleset_version=version, model_version="1", now=NOW, size=1)
        return session.exec(select(Contract).where(Contract.document_sha256 == outcome.sha256)).one()


def find(engine: Engine, query: str, kind: EntryKind = QUOTE, **page: int) -> list[str]:
    with reading(engine) as session:
        return [hit.snippet.text for hit in search(session, query, kind, **page)]


FEE = "Customer shall pay the Fee within forty-five (45) days after receipt of each invoice."
NOTICE = "Either party may give ninety (90) days' notice of non-renewal."
CAFE = "Die Gebühr für das Café wird jährlich erhöht."


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("invoice", [FEE]),
        ("INVOICE", [FEE]),
        ("inv", [FEE]),
        ("renew", [NOTICE]),
        ("renewal", [NOTICE]),
        ("non-renewal", [NOTICE]),
        ("non renew", [NOTICE]),
        ("days", [FEE, NOTICE]),
        ("days notice", [NOTICE]),
        ("notice days", [NOTICE]),
        ('"days notice"', [NOTICE]),
        ('"notice days"', []),
        ('"forty-five (45) days"', [FEE]),
        ('"forty five 45 day"', []),
        ("45", [FEE]),
        ("(45)", [FEE]),
        ("gebuhr", [CAFE]),
        ("GEBÜHR", [CAFE]),
        ("cafe jahr", [CAFE]),
        ("cafe\u0301", [CAFE]),
        ("payment", []),
        ("payment invoice", [FEE]),
        ("nordwind", []),
        ("nordwind invoice", [FEE]),
        ("nordwind supply pdf", []),
        ("absent invoice", []),
        ("s", []),
        ("non", [NOTICE]),
        ("", []),
        ("   ", []),
        ("§ ... -- *", []),
    ],
)
def test_a_passage_is_found_by_its_words_and_narrowed_by_its_contract(
    engine: Engine, query: str, found: list[str]
) -> None:
    save(engine, "supply.pdf", FEE, NOTICE, CAFE, parties=(Party(name="Nordwind Optik GmbH", defined_as="Supplier"),))
    assert find(engine, query) == found
    with reading(engine) as session:
        assert count(session, query, QUOTE) == len(found)


def test_a_contract_is_found_by_its_title_file_and_parties_and_a_party_by_its_name_and_term(engine: Engine) -> None:
    nordwind = Party(name="Nordwind Optik GmbH", defined_as="Supplier")
    save(engine, "2024 supply.pdf", title="Master Supply Agreement", parties=(nordwind, Party(name="Λάμδα A.E.")))
    save(engine, "lease.pdf", title="Lease", parties=(nordwind,))
    with reading(engine) as session:
        titles = {
            query: [hit.contract.title for hit in search(session, query, CONTRACT)]
            for query in ("supply", "2024", "nordwind lease", "λαμδα", "pdf", "gmbh")
        }
    assert titles == {
        "supply": ["Master Supply Agreement"],
        "2024": ["Master Supply Agreement"],
        "nordwind lease": ["Lease"],
        "λαμδα": ["Master Supply Agreement"],
        "pdf": ["Master Supply Agreement", "Lease"],
        "gmbh": ["Master Supply Agreement", "Lease"],
    }
    assert find(engine, "optik", PARTY) == ["Nordwind Optik GmbH Supplier"] * 2
    assert find(engine, "optik lease", PARTY) == ["Nordwind Optik GmbH Supplier"]
    assert find(engine, "lease", PARTY) == [], "the contract alone does not make a party"


HOSTILE = [
    '"',
    '""',
    '" " "',
    'invoice"',
    '"invoice',
    "invoice*",
    "*",
    "inv*oice",
    "own:invoice",
    "{own} : invoice",
    "kind:quote",
    "invoice OR fee",
    "invoice AND NOT fee",
    "NEAR(invoice fee)",
    "^invoice",
    "(invoice",
    "invoice)",
    "invoice & fee",
    "invoice | fee",
    "!invoice",
    "invoice:*A",
    "invoice <-> fee",
    "' OR 1=1 --",
    "'; DROP TABLE search_entry; --",
    "\\",
    "\\'",
    "%",
    "_",
    "\x00",
    "invoice\x00fee",
    "\ud800",
    "½",
    "ﬁ",
    "\u202e",
    "💥",
    "契約",
    "<script>alert(1)</script>",
    ":words",
    "{own context}",
    "a " * 5000,
    "x" * 100_000,
    '"' + "a " * 5000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_is_typed_is_an_error_or_an_operator(engine: Engine, query: str) -> None:
    save(engine, "supply.pdf", FEE)
    for kind in EntryKind:
        find(engine, query, kind)
    assert find(engine, "invoice fee") == [FEE]


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_whatever_is_typed_finds_a_text_that_is_the_same(sqlite_engine: Engine, typed: str) -> None:
    with writing(sqlite_engine) as session:
        session.execute(text("DELETE FROM search_entry"))
    if not wanted_of(typed):
        return
    words = [word for want in wanted_of(typed) for word in want.words]
    assert all(word == unicodedata.normalize("NFKD", word) for word in words)
    found = snippet(typed, wanted_of(typed))
    assert found.marks or len(words) == 12


def test_operators_are_words_like_others(engine: Engine) -> None:
    save(engine, "a.pdf", "Pay or return the goods.", "Pay the goods.", "Nothing near this.")
    assert find(engine, "pay OR return") == ["Pay or return the goods."]
    assert find(engine, "NOT") == ["Nothing near this."]
    assert find(engine, "NEAR(this") == ["Nothing near this."]


def marked(found: Snippet) -> str:
    return "".join(f"[{piece}]" if is_marked else piece for piece, is_marked in found.pieces())


@pytest.mark.parametrize(
    ("content", "query", "shown"),
    [
        (FEE, "days inv", "Customer shall pay the Fee within forty-five (45) [days] after receipt of each [invoice]."),
        (NOTICE, '"90 days"', "Either party may give ninety ([90) days]' notice of non-renewal."),
        (NOTICE, "non-renewal", "Either party may give ninety (90) days' notice of [non-renewal]."),
        (NOTICE, "notice non-renewal renewal", "Either party may give ninety (90) days' [notice] of [non-renewal]."),
        (CAFE, "cafe GEBUHR", "Die [Gebühr] für das [Café] wird jährlich erhöht."),
        ("Cafe\u0301s and ½ a ﬁne", "cafe 2 fin", "[Cafe\u0301s] and [½] a [ﬁne]"),
        ("<b>Pay</b> & go", "pay", "<b>[Pay]</b> & go"),
        ("nothing of it", "payment", "nothing of it"),
        ("pay pay pay", "pay", "[pay] [pay] [pay]"),
    ],
)
def test_a_snippet_marks_what_was_found_as_characters_of_the_text(content: str, query: str, shown: str) -> None:
    assert marked(snippet(content, wanted_of(query))) == shown


@pytest.mark.parametrize("at", [0, 1, 50, 120, 199])
def test_a_long_passage_is_shown_around_the_first_word_found(at: int) -> None:
    words = [f"filler{n}" for n in range(200)]
    words[at] = "invoice"
    long = " ".join(words)
    found = snippet(long, wanted_of("invoice"))
    assert len(found.text) <= 320
    assert [found.text[start:end] for start, end in found.marks] == ["invoice"]
    assert found.text in long
    assert (found.before, found.after) == (not long.startswith(found.text), not long.endswith(found.text))


def test_a_word_without_end_is_cut_and_nothing_is_lost_before_it() -> None:
    found = snippet("x" * 5000, wanted_of("x" * 64))
    assert len(found.text) == 320
    assert found.after


def test_pages_go_on_where_the_last_one_ended(engine: Engine) -> None:
    for n in range(3):
        save(engine, f"{n}.pdf", *(f"Payment number {n}{m} is due." for m in range(5)))
    pages: list[list[Hit]] = []
    after = None
    with reading(engine) as session:
        while page := search(session, "due", QUOTE, limit=4, after=after):
            pages.append(page)
            after = page[-1].id
    assert [len(page) for page in pages] == [4, 4, 4, 3]
    texts = [hit.snippet.text for page in pages for hit in page]
    assert len(set(texts)) == 15
    names = [hit.contract.name for page in pages for hit in page]
    assert names == sorted(names), "passages of a contract stand together"
    assert {(hit.page, hit.item_id is not None) for page in pages for hit in page} == {(n, True) for n in range(1, 6)}


def test_a_new_reading_changes_what_is_found_in_the_same_transaction(engine: Engine) -> None:
    save(engine, "a.pdf", FEE, NOTICE)
    save(engine, "a.pdf", NOTICE, title="Amended Supply Agreement", version="2")
    assert find(engine, "invoice") == []
    assert find(engine, "notice") == [NOTICE]
    assert find(engine, "amended", CONTRACT) == ["Amended Supply Agreement\na.pdf"]
    with pytest.raises(RuntimeError, match="half way"):
        rename_and_fail(engine)
    assert find(engine, "lost", CONTRACT) == []
    assert find(engine, "amended", CONTRACT) == ["Amended Supply Agreement\na.pdf"]


def rename_and_fail(engine: Engine) -> None:
    with writing(engine) as session:
        contract = session.exec(select(Contract)).one()
        contract.title = "Lost"
        session.add(contract)
        session.flush()
        index_contract(session, contract)
        assert search(session, "lost", CONTRACT, limit=1)
        raise RuntimeError("half way")


def test_the_same_reading_again_leaves_the_index_as_it_is(engine: Engine) -> None:
    save(engine, "a.pdf", FEE, NOTICE)
    with reading(engine) as session:
        before = session.exec(select(SearchEntry.id)).all()
    save(engine, "a.pdf", FEE, NOTICE)
    with reading(engine) as session:
        assert session.exec(select(SearchEntry.id)).all() == before


def test_words_of_a_title_and_of_a_text_that_follows_it_are_no_phrase(engine: Engine) -> None:
    save(engine, "a.pdf", "Pay the fee.", title="Supply Agreement")
    assert find(engine, '"fee payment"') == []
    assert find(engine, '"fee supply"') == []
    assert find(engine, 'fee "supply agreement"') == ["Pay the fee."]


def test_the_same_words_twice_in_a_contract_are_found_once(engine: Engine) -> None:
    save(engine, "a.pdf", FEE)
    save(engine, "b.pdf", FEE)
    assert find(engine, "invoice") == [FEE, FEE]
    with reading(engine) as session:
        assert len({hit.contract.id for hit in search(session, "invoice", QUOTE)}) == 2


def test_a_text_of_any_length_can_be_indexed(engine: Engine) -> None:
    long = " ".join(f"word{n}" for n in range(30_000))
    save(engine, "a.pdf", long, "x" * 100_000, parties=(Party(name="\ud800 odd \x00 name"),))
    assert len(find(engine, "word29999")) == 1
    assert len(find(engine, "x" * 100_000)) == 1
    assert len(find(engine, "odd name", PARTY)) == 1


def test_contracts_from_before_there_was_a_search_are_indexed_bit_by_bit(engine: Engine) -> None:
    for n in range(5):
        save(engine, f"{n}.pdf", FEE)
    with writing(engine) as session:
        session.execute(text("DELETE FROM search_entry"))
    assert find(engine, "invoice") == []
    done = []
    for _ in range(4):
        with writing(engine) as session:
            done.append(index_missing(session, limit=2))
    assert done == [2, 2, 1, 0]
    assert len(find(engine, "invoice")) == 5


def test_a_great_many_are_counted_as_a_great_many(engine: Engine) -> None:
    contract = save(engine, "a.pdf", *(f"Payment number {n} is due." for n in range(MOST_COUNTED + 5)))
    with reading(engine) as session:
        assert count(session, "due", QUOTE) == MOST_COUNTED + 1
        assert count(session, "due", CONTRACT) == 0
        assert contract.id == search(session, "due", QUOTE, limit=1)[0].contract.id
