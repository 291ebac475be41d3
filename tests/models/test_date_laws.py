"""Laws of the date algebra, over random expressions."""

import datetime as dt
import re
from typing import NamedTuple

from hypothesis import assume, example, given
from hypothesis import strategies as st

from models.business import calendar_for
from models.dateexpr import Ambiguous, Anchor, DateExpr, EarliestOf, Fixed, LatestOf, Recurring, Window
from models.derivation import steps_words, window_words
from models.resolution import Blocked, Conventions, Fact, Resolved
from models.resolve import Resolver, resolve
from tests.models.building import (
    ACCEPTANCE,
    DELIVERY,
    NOTICE,
    days,
    expressions,
    not_later,
    period,
    resolved,
    rolled,
)

ANCHORS = (DELIVERY, ACCEPTANCE, NOTICE)
fixed_dates = st.builds(Fixed, date=days)
anchors: st.SearchStrategy[DateExpr] = st.sampled_from(ANCHORS)
leaves = anchors | fixed_dates
over_anchors = expressions(leaves)
readings = expressions(fixed_dates)
settings_of_law = st.tuples(
    st.sampled_from([calendar_for("US-NY"), calendar_for("GB")]),
    st.builds(Conventions, inclusive_term_end=st.booleans()),
)


class Places(NamedTuple):
    """A date for each anchor."""

    delivery: dt.date
    acceptance: dt.date
    notice: dt.date

    @property
    def facts(self) -> dict[str, Fact]:
        return {name: Fact(label=name.capitalize(), expr=Fixed(date=date)) for name, date in self._asdict().items()}


places = st.builds(Places, days, days, days)


def anchors_needed(expr: DateExpr) -> set[str]:
    """Keys of the anchors that a result hangs on: all but those of the end of a recurrence."""
    if isinstance(expr, Anchor):
        return {expr.key}
    needed = set()
    for name in type(expr).model_fields:
        if not (isinstance(expr, Recurring) and name == "until"):
            value = getattr(expr, name)
            for part in value if isinstance(value, tuple) else (value,):
                needed |= anchors_needed(part) if hasattr(part, "op") else set()
    return needed


@given(over_anchors, places, places, settings_of_law)
def test_an_earlier_operand_never_gives_a_later_result(
    expr: DateExpr, one: Places, other: Places, settings: tuple[object, Conventions]
) -> None:
    earlier, later = Places(*map(min, one, other)), Places(*map(max, one, other))
    before, after = (
        Resolver(facts.facts, calendar_for("US-NY"), settings[1]).resolve(expr) for facts in (earlier, later)
    )
    assume(isinstance(before, Resolved) and isinstance(after, Resolved))
    assert not_later(resolved(before), resolved(after))


@given(over_anchors, places, st.lists(readings, min_size=2, max_size=3))
@example(
    rolled(DELIVERY, "modified_following"), Places(*[dt.date(2025, 5, 31)] * 3), [Fixed(date=dt.date(2025, 5, 30))] * 2
)
def test_an_ambiguous_date_is_never_later_than_any_reading_whatever_encloses_it(
    expr: DateExpr, facts: Places, candidates: list[DateExpr]
) -> None:
    def with_delivery(date: DateExpr) -> Resolved | Blocked:
        return resolve(expr, {**facts.facts, "delivery": Fact(label="Delivery", expr=date)})

    safe = with_delivery(Ambiguous(readings=tuple(candidates), why="a test"))
    assume(isinstance(safe, Resolved))
    for reading in candidates:
        true = with_delivery(reading)
        if isinstance(true, Resolved):  # a window over a reading may be open on both sides
            assert not_later(resolved(safe), true)


@given(st.lists(readings, min_size=2, max_size=4))
def test_earliest_latest_and_ambiguous_agree_with_their_operands(operands: list[DateExpr]) -> None:
    parts = [resolved(resolve(operand, {})) for operand in operands]
    earliest = resolved(resolve(EarliestOf(of=tuple(operands)), {}))
    latest = resolved(resolve(LatestOf(of=tuple(operands)), {}))
    ambiguous = resolved(resolve(Ambiguous(readings=tuple(operands), why="a test"), {}))
    assert all(not_later(earliest, part) and not_later(part, latest) for part in parts)
    assert (ambiguous.earliest, ambiguous.latest) == (earliest.earliest, earliest.latest)
    assert earliest.latest in {part.latest for part in parts}
    assert latest.earliest in {part.earliest for part in parts}


@given(over_anchors, places, st.sets(st.sampled_from(Places._fields)))
def test_an_expression_is_blocked_exactly_on_the_facts_it_lacks(
    expr: DateExpr, facts: Places, unknown: set[str]
) -> None:
    lacking = anchors_needed(expr) & unknown
    outcome = resolve(expr, {key: fact for key, fact in facts.facts.items() if key not in unknown})
    if isinstance(outcome, Blocked):
        assert set(outcome.on) == lacking != set()
        assert len(outcome.missing) == len(lacking)
    else:
        assert not lacking


@given(over_anchors, places)
def test_a_derivation_ends_in_its_result(expr: DateExpr, facts: Places) -> None:
    outcome = resolved(resolve(expr, facts.facts, where=""))
    words = steps_words(outcome.steps)
    assert words.endswith(window_words(outcome.earliest, outcome.latest))
    assert re.match(r"[A-Za-z0-9]", words)


@given(over_anchors, places)
def test_resolving_is_the_same_each_time_and_with_a_shared_resolver(expr: DateExpr, facts: Places) -> None:
    resolver = Resolver(facts.facts)
    assert resolver.resolve(expr) == resolver.resolve(expr) == resolve(expr, facts.facts)


@given(over_anchors, places)
def test_the_anniversary_convention_is_never_the_earlier_one(expr: DateExpr, facts: Places) -> None:
    day_before = resolve(expr, facts.facts, conventions=Conventions(inclusive_term_end=False))
    assert not_later(resolved(day_before), resolved(resolve(expr, facts.facts)))


@given(over_anchors, places)
def test_an_expression_survives_storage(expr: DateExpr, facts: Places) -> None:
    fact = Fact(label="Any", expr=expr)
    restored = Fact.model_validate_json(fact.model_dump_json())
    assert restored == fact
    assert resolve(restored.expr, facts.facts) == resolve(expr, facts.facts)


@given(readings, readings)
def test_a_window_runs_from_its_earliest_to_its_latest_day_or_is_refused(opening: DateExpr, closing: DateExpr) -> None:
    first, last = resolved(resolve(opening, {})).earliest, resolved(resolve(closing, {})).latest
    outcome = resolve(Window(earliest=opening, latest=closing), {})
    if isinstance(outcome, Resolved):
        assert (outcome.earliest, outcome.latest) == (first, last)
    else:
        assert not outcome.on
        assert (first is None and last is None) or (first is not None and last is not None and first > last)


@given(over_anchors, st.dates())
def test_no_date_however_extreme_makes_resolving_fail(expr: DateExpr, date: dt.date) -> None:
    resolve(expr, Places(date, date, date).facts)


@given(
    st.text(max_size=40)
    | st.from_regex(r"FREQ=(DAILY|MONTHLY|YEARLY)(;[A-Z]{2,10}=[0-9A-Z,-]{0,6}){0,3}", fullmatch=True)
)
def test_no_recurrence_however_odd_makes_resolving_fail(rule: str) -> None:
    resolve(Recurring(rrule=rule, start=Fixed(date=dt.date(2025, 1, 31)), due=period("45 days")), {})
