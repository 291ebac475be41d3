import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluation.gold import GoldError, load_gold

ABSENT = {"state": "absent"}
ROW: dict[str, Any] = {
    "file": "lease.pdf",
    "agreement_date": {"state": "present", "any_of": ["2020-01-02", "2020-01-03"]},
    "effective_date": {"state": "unscored"},
    "expiration_date": ABSENT,
    "renewal_term": ABSENT,
    "notice_period": {"state": "present", "any_of": [{"days": 30}]},
}
MILESTONE = {"kind": "payment", "quote": "pays within thirty days"}
EXPECTED: dict[str, Any] = {
    "files": [{"file": "lease.pdf", "pages": 3}, {"file": "lease.docx", "pages": None}],
    "terms": {
        "agreement_date": {"state": "found", "value": "2020-01-02"},
        "effective_date": {"state": "blocked", "value": None},
        "expiration_date": {"state": "partial", "value": None, "readings": ["2021"]},
        "notice_period": {"state": "conflict", "value": None, "readings": [{"days": 60}, {"days": 90}]},
    },
    "milestones": [MILESTONE],
}


def write(path: Path, *rows: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


def test_a_list_of_labels_gives_every_accepted_value_and_leaves_out_what_is_not_scored(tmp_path: Path) -> None:
    write(tmp_path / "gold.jsonl", ROW, ROW | {"file": "a.pdf"})
    write(tmp_path / "milestones.jsonl", {"file": "lease.pdf", "milestones": [MILESTONE]})
    first, lease = load_gold(tmp_path)
    assert (first.file, first.milestones) == ("a.pdf", None)
    assert (lease.path, lease.milestones) == (tmp_path / "pdf" / "lease.pdf", (MILESTONE,))
    assert lease.terms == {
        "agreement_date": ("2020-01-02", "2020-01-03"),
        "expiration_date": (),
        "renewal_term": (),
        "notice_period": ({"days": 30},),
    }


def test_an_expectation_counts_for_each_form_of_its_contract(tmp_path: Path) -> None:
    write(tmp_path / "lease" / "expected.json", EXPECTED)
    (tmp_path / "lease" / "notes.pdf").touch()
    word, pdf = load_gold(tmp_path)
    assert (word.file, pdf.file) == ("lease/lease.docx", "lease/lease.pdf")
    assert pdf.path == tmp_path / "lease" / "lease.pdf"
    assert word.terms == pdf.terms
    assert pdf.milestones == (MILESTONE,)


def test_what_is_blocked_partial_or_in_conflict_has_no_value_to_state(tmp_path: Path) -> None:
    write(tmp_path / "lease" / "expected.json", EXPECTED)
    terms = load_gold(tmp_path)[0].terms
    assert terms == {
        "agreement_date": ("2020-01-02",),
        "effective_date": (),
        "expiration_date": (),
        "notice_period": (),
    }


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("notes.txt", "", "holds neither"),
        ("gold.jsonl", "", "holds neither"),
        ("gold.jsonl", "{", "gold.jsonl, line 1: not JSON"),
        ("gold.jsonl", "[1]", "gold.jsonl, line 1: not a JSON object"),
        ("gold.jsonl", '{"file": "a.pdf"}', "without 'agreement_date'"),
        ("lease/expected.json", '{"terms": {}, "milestones": []}', "without 'files'"),
        ("lease/expected.json", '{"terms": {"agreement_date": {"state": "found"}}}', "without 'value'"),
    ],
)
def test_labels_that_cannot_be_understood_are_named(tmp_path: Path, name: str, text: str, words: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GoldError, match=words):
        load_gold(tmp_path)


def test_the_fixtures_are_labelled_contracts() -> None:
    contracts = load_gold(Path(__file__).parents[3] / "fixtures" / "contracts")
    assert len(contracts) > 15
    assert all(contract.path.is_file() for contract in contracts)
    assert all(len(contract.terms) == 5 and contract.milestones for contract in contracts)
