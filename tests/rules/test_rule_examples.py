"""Every rule proves itself: it reads each of its examples once and wholly, and none of its counter-examples."""

import pytest

from extractors.engine import Engine, Hit, prepare
from extractors.grammar.mentions import RecurrenceValue
from models.dateexpr import Fixed
from models.period import Period
from models.source import Cell, SourceText, Table
from rules.loader import installed_rules
from rules.schema import Example, Rule

RULES = [(group, rule) for group, rules in sorted(installed_rules().rules.items()) for rule in rules]
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for _, rule in RULES
    for number, example in enumerate(rule.examples)
]
COUNTER_EXAMPLES = [
    pytest.param(rule, text, id=f"{rule.id}-{number}")
    for _, rule in RULES
    for number, text in enumerate(rule.counter_examples)
]


def hits_of(rule: Rule, text: str) -> list[Hit]:
    """The rule's hits in ``text``, as a row of a table for rules that read tables."""
    row = (Cell(0, len(text), text),)
    tables = (Table(0, len(text), 1, (row,), True),) if "table" in rule.where else ()
    return Engine(installed_rules(), [rule]).run(prepare(SourceText(text, (), (), tables=tables)))


def read(hit: Hit, slot: str) -> str:
    """A slot's value as an example writes it."""
    captured = hit.slots[slot]
    value = captured.mention.value if captured.mention else None
    if isinstance(value, Period):
        return str(value)
    if isinstance(value, Fixed):
        return value.date.isoformat()
    if isinstance(value, RecurrenceValue):
        return str(value.recurrence)
    return captured.text


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_reads_its_example_in_exactly_one_way(rule: Rule, example: Example) -> None:
    hits = hits_of(rule, example.text)
    assert hits, f"zero readings: {rule.id} does not match its example"
    readings = [{slot: read(hit, slot) for slot in example.reads if slot in hit.slots} for hit in hits]
    whole = [reading for reading in readings if reading.keys() == example.reads.keys()]
    assert whole, f"partial reading: {rule.id} finds only {readings}"
    assert example.reads in whole, f"wrong reading: {rule.id} reads {whole}"
    assert len(hits) == 1, f"ambiguous: {rule.id} reads its example in {len(hits)} ways: {readings}"


@pytest.mark.parametrize(("rule", "text"), COUNTER_EXAMPLES)
def test_a_rule_passes_over_its_counter_example(rule: Rule, text: str) -> None:
    assert hits_of(rule, text) == []


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for _, rule in RULES])
def test_what_a_rule_needs_never_costs_it_a_match(rule: Rule) -> None:
    bare = rule.model_copy(update={"needs": ()})
    for example in rule.examples:
        assert len(hits_of(bare, example.text)) == len(hits_of(rule, example.text)), example.text
