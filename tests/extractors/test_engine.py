"""The engine: finds by rules it does not understand, fills in what they mean, and explains itself."""

import pytest

from extractors.engine import Engine, Hit, bits, prepare
from models.dateexpr import Fixed
from models.period import Period, Unit
from models.source import SourceText
from rules.schema import Cue, CueSide, Example, Rule, RuleSet, Vocabulary

ANY = (Example(text="not run here"),)
FRAGMENTS = {"soon": "soon|shortly", "very_soon": "very {soon}"}
CUES = (
    Cue(name="no", pattern=r"\bno\b", side=CueSide.BEFORE, reach=20, stop=";", examples=("no",)),
    Cue(name="perhaps", pattern="perhaps", side=CueSide.PASSAGE, examples=("perhaps",)),
)


def run(text: str, **fields: object) -> list[Hit]:
    rule = Rule.model_validate({"id": "test.rule", "target": "t", "examples": ANY, "pattern": "x", **fields})
    return Engine(RuleSet("v", Vocabulary(fragments=FRAGMENTS), CUES, {}), [rule]).run(
        prepare(SourceText(text, (), ()))
    )


def test_slots_capture_values_of_their_kind_alone() -> None:
    (hit,) = run("Pay within ten days of 3 May 2014.", pattern="within {period} of {date:start}")
    assert hit.slots["period"].text == "ten days"
    assert hit.slots["start"].text == "3 May 2014"
    assert run("Pay within 3 May 2014.", pattern="within {period}") == []


def test_templates_are_filled_with_values() -> None:
    (hit,) = run("ten days after 3 May 2014", pattern="{period} after {date}", value={"n": "$period", "d": ["$date"]})
    value = hit.value()
    assert value is not None
    assert value["n"] == Period(count=10, unit=Unit.DAY)
    assert isinstance(value["d"], list)
    assert isinstance(value["d"][0], Fixed)


def test_a_redacted_value_is_not_filled_in() -> None:
    (hit,) = run("for [***] years from now", pattern="for {period}", value={"n": "$period"})
    assert hit.value() is None
    assert "redacted" in hit.flags


def test_an_optional_slot_that_is_absent_is_left_out() -> None:
    (hit,) = run("ten days", pattern="{period}(?: of {date})?", value={"n": "$period", "d": "$date?"})
    assert hit.value() is not None
    assert set(hit.value() or ()) == {"n"}


def test_fragments_expand_within_fragments() -> None:
    assert len(run("He comes very shortly.", pattern="comes {very_soon}")) == 1


@pytest.mark.parametrize(
    ("text", "hits"), [("no word", 0), ("a word", 1), ("no; word", 1), ("no" + " far" * 9 + " word", 1)]
)
def test_a_cue_silences_a_rule_within_its_reach_and_until_it_is_stopped(text: str, hits: int) -> None:
    assert len(run(text, pattern="word", veto=["no"])) == hits


def test_a_cue_can_qualify_a_hit() -> None:
    assert run("perhaps a word", pattern="word", flag=["perhaps"])[0].flags == ("perhaps",)


def test_a_rule_is_not_tried_where_a_needed_word_is_missing() -> None:
    assert run("a word", pattern="word", needs=[["missing"]]) == []
    assert len(run("a word", pattern="word", needs=[["missing", "a "], ["word"]])) == 1


def test_a_rule_can_ask_for_a_place_and_a_heading() -> None:
    assert run("9. Term. A word here.", pattern="word", heading="^price") == []
    assert len(run("9. Term. A word here.", pattern="word", heading="term")) == 1
    assert run("A word.", pattern="word", where=["attachment"]) == []


def test_a_hit_shows_the_tree_of_its_parts() -> None:
    text = "ten days after 3 May 2014"
    (hit,) = run(text, pattern="{period} after {date}")
    part = hit.why(text)
    assert part.rule == "test.rule@1"
    assert [child.text for child in part.parts] == ["ten days", "3 May 2014"]


def test_patterns_see_through_line_breaks_quotes_and_dashes() -> None:
    assert len(run("the “initial\n  term” – here", pattern='the "initial term" - here')) == 1


@pytest.mark.parametrize(
    ("literal", "passages"),
    [
        ("renew", [0, 2]),
        ("new", [0, 1, 2]),
        ("shall renew", [0]),
        ("all re", [0]),
        (" renew", [0, 2]),
        ("delivers. it", []),
        ("terminate", []),
    ],
)
def test_passages_are_found_by_words_parts_of_words_and_several_words(literal: str, passages: list[int]) -> None:
    text = "The Agreement shall renew yearly. The Seller delivers new goods. It may be renewed in writing."
    document = prepare(SourceText(text, (), ()))
    assert list(bits(document.passages_with(literal))) == passages
