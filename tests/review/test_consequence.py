import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from models.consequence import Weights
from models.decision import Change, Timing
from review.consequence import adopt, catch_up, refresh, rerank
from review.deciding import accept, correct
from rules.loader import load_rules
from rules.review_policies import installed_weights, load_weights
from rules.schema import RuleDataError
from store.engine import reading, writing
from store.review_queue import WAITING, next_item, page, place_of, previous_item
from store.review_tables import NEVER, ReviewItem
from tests.review.desk import ANNA, NOW, TODAY, item, read

PLAIN = Weights(floor=0.1, cost=10, near={30: 1.0, 365: 0.5}, far=0.2, past=0.0, past_recurring=0.3, undated=0.4)


def priorities(engine: Engine) -> dict[str, float]:
    with reading(engine) as session:
        return {found.title: round(found.priority, 6) for found in session.exec(select(ReviewItem))}


def order(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return [listed.item.title for listed in page(session)]


@pytest.mark.parametrize(
    ("columns", "weights", "expected"),
    [
        ("confidence = 0.4, due = '2026-03-12'", {}, 0.6 * 10 * 1.0),
        ("confidence = 0.99, due = '2026-03-12'", {}, 0.1 * 10 * 1.0),
        ("confidence = 0.4, due = '2026-04-01'", {}, 0.6 * 10 * 1.0),
        ("confidence = 0.4, due = '2026-04-02'", {}, 0.6 * 10 * 0.5),
        ("confidence = 0.4, due = '2028-01-01'", {}, 0.6 * 10 * 0.2),
        ("confidence = 0.4, due = '2026-03-01'", {}, 0.0),
        ("confidence = 0.4, due = '2026-03-01', recurring = true", {}, 0.6 * 10 * 0.3),
        ("confidence = 0.4, due = '2026-03-02'", {}, 0.6 * 10 * 1.0),
        ("confidence = 0.4, due = NULL", {}, 0.6 * 10 * 0.4),
        ("confidence = 0.4, due = NULL", {"costs": {"payment": 50}}, 0.6 * 50 * 0.4),
        ("confidence = 0.4, due = NULL, rank = 80", {"costs": {"payment": 50}}, 0.6 * 80 * 0.4),
        ("confidence = 0.4, due = NULL, money = 20000", {"amounts": {10000: 2.0, 50000: 3.0}}, 0.6 * 10 * 2 * 0.4),
        ("confidence = 0.4, due = NULL, finding = 'conflict'", {"findings": {"conflict": 1.5}}, 0.6 * 10 * 0.4 * 1.5),
    ],
)
def test_priority_is_the_chance_to_be_wrong_times_its_cost_times_how_near_it_is(
    engine: Engine, columns: str, weights: dict[str, Any], expected: float
) -> None:
    read(engine)
    base = "rank = NULL, money = NULL, recurring = false, finding = 'found'"
    with engine.begin() as connection:
        for change in (base, columns):
            connection.execute(text(f"UPDATE review_item SET {change} WHERE title = 'First instalment'"))
    rerank(engine, PLAIN.model_copy(update=weights), TODAY)
    assert priorities(engine)["First instalment"] == pytest.approx(expected)


def test_a_day_of_signing_long_past_is_no_deadline_that_was_missed(sqlite_engine: Engine) -> None:
    read(sqlite_engine)
    rerank(sqlite_engine, PLAIN, TODAY)
    found = priorities(sqlite_engine)
    assert found["Effective date"] == pytest.approx(0.1 * 10 * 0.4)
    assert found["Expiration date"] == pytest.approx(0.1 * 10 * 0.2)


def test_the_order_is_made_once_a_day_and_again_for_what_changed(engine: Engine) -> None:
    read(engine)
    assert refresh(engine, PLAIN, TODAY) == 10
    assert refresh(engine, PLAIN, TODAY) == 0
    assert refresh(engine, PLAIN, TODAY + dt.timedelta(days=1)) == 10
    assert refresh(engine, PLAIN, TODAY) == 10
    with writing(engine) as session:
        found = item(session, "Expiration date")
        change = Change(timing=Timing(date=dt.date(2026, 6, 1)))
        correct(session, found.id, found.version, ANNA, NOW, change)
    # The notice moved with the end of the term; what is decided is not ranked.
    assert refresh(engine, PLAIN, TODAY) == 1


def test_other_weights_rank_everything_anew_and_the_same_ones_nothing(engine: Engine) -> None:
    read(engine)
    assert adopt(engine, PLAIN, NOW)
    assert not adopt(engine, PLAIN, NOW)
    refresh(engine, PLAIN, TODAY)
    dear = PLAIN.model_copy(update={"costs": {"title": 100.0}})
    assert adopt(engine, dear, NOW)
    assert refresh(engine, dear, TODAY) == 10
    assert order(engine)[0] == "Title"


def test_next_and_previous_walk_the_order_of_the_page(engine: Engine) -> None:
    read(engine)
    refresh(engine, installed_weights(), TODAY)
    titles = order(engine)
    with reading(engine) as session:
        walked = [first := next_item(session)]
        while (following := next_item(session, WAITING, after=place_of(walked[-1]))) is not None:  # type: ignore[arg-type]
            walked.append(following)
        assert [found.title for found in walked if found] == titles
        assert first is not None
        assert previous_item(session, WAITING, place_of(first)) is None
        last_but_one = previous_item(session, WAITING, place_of(walked[-1]))  # type: ignore[arg-type]
        assert last_but_one is not None
        assert last_but_one.title == titles[-2]


def test_what_is_decided_leaves_the_queue_and_the_order_of_the_rest_stays(engine: Engine) -> None:
    read(engine)
    refresh(engine, installed_weights(), TODAY)
    before = order(engine)
    with writing(engine) as session:
        found = item(session, before[0])
        accept(session, found.id, found.version, ANNA, NOW)
    assert order(engine) == before[1:]


def test_contracts_of_before_the_review_get_their_items_in_small_steps(engine: Engine) -> None:
    read(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM review_item"))
    assert catch_up(engine, NOW) == 1
    assert catch_up(engine, NOW) == 0
    with reading(engine) as session:
        assert {found.ranked_on for found in session.exec(select(ReviewItem))} == {NEVER}


def test_an_installation_may_weigh_otherwise_and_a_slip_is_named(tmp_path: Path) -> None:
    assert load_weights(tmp_path) == installed_weights()
    own = tmp_path / "consequence.yaml"
    own.write_text("floor: 0.5\ncost: 1\nnear: {7: 1}\nfar: 1\npast: 1\npast_recurring: 1\nundated: 1\n")
    assert load_weights(tmp_path).floor == 0.5
    own.write_text("floor: 0\n")
    with pytest.raises(RuleDataError, match=r"consequence\.yaml"):
        load_weights(tmp_path)


def test_a_new_order_of_the_queue_is_no_new_version_of_the_rules() -> None:
    rules = load_rules()
    assert "consequence" not in rules.data
    assert "policy" not in rules.rules
