"""Rule data: a mistake in it is found when it is loaded, and said with its place."""

from pathlib import Path

import pytest

from rules.loader import installed_rules, load_rules
from rules.schema import RuleDataError, Vocabulary, expand

RULE = "- {id: a.b, target: t, pattern: 'x', examples: [{text: x}]"


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULE + ", colour: red}", "colour"),
        ("- {id: a.b, target: t, pattern: 'x'}", "examples"),
        (RULE + "}\n" + RULE + "}", "two rules are called a.b"),
        (RULE + ", veto: [unheard_of]}", "unheard_of"),
        (RULE + ", needs: [[Word]]}", "lower-case"),
        ("- {id: a.b", "terms"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, "terms/rules.yaml", text)
    with pytest.raises(RuleDataError, match=said):
        load_rules(tmp_path)


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    write(tmp_path, "terms/rules.yaml", RULE + "}")
    first = load_rules(tmp_path).version
    assert load_rules(tmp_path).version == first
    write(tmp_path, "terms/rules.yaml", RULE + ", score: 0.9}")
    assert load_rules(tmp_path).version != first


def test_on_and_no_are_words_not_truth_values(tmp_path: Path) -> None:
    write(tmp_path, "terms/rules.yaml", RULE + ", needs: [[on, no]]}")
    assert load_rules(tmp_path).group("terms")[0].needs == (("on", "no"),)


def test_a_fragment_that_contains_itself_is_refused() -> None:
    with pytest.raises(RuleDataError, match="contains itself"):
        expand("{a}", Vocabulary(fragments={"a": "x{b}", "b": "{a}"}), {})


def test_an_unknown_fragment_is_refused() -> None:
    with pytest.raises(RuleDataError, match="missing"):
        expand("{missing}", Vocabulary(fragments={}), {})


def test_every_scope_cue_has_an_example_it_matches() -> None:
    import re

    from extractors.masking import SLOTS

    rules = installed_rules()
    for cue in rules.cues:
        pattern = re.compile(expand(cue.pattern, rules.vocabulary, SLOTS).rstrip("$"))
        texts = [re.sub(r"\{(\w+)\}", lambda slot: SLOTS[slot.group(1)], example.lower()) for example in cue.examples]
        assert all(pattern.search(text) for text in texts), cue.name
