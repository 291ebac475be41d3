"""Who has which item open: for a while, one item each, and nobody sees themselves."""

import threading

from sqlalchemy import Engine

from store.engine import reading, writing
from store.presence import LASTS, RENEWED, closed, has_open, open_elsewhere
from tests.review.desk import ANNA, BEN, NOW


def test_colleagues_see_an_item_open_until_it_is_left_or_nothing_is_heard(engine: Engine) -> None:
    with writing(engine) as session:
        has_open(session, ANNA, "one", NOW)
        has_open(session, BEN, "one", NOW)
        has_open(session, ANNA, "two", NOW)
    with reading(engine) as session:
        assert open_elsewhere(session, BEN, NOW) == {"two": ["Anna Berg"]}
        assert open_elsewhere(session, ANNA, NOW) == {"one": ["Ben Okoye"]}
        assert open_elsewhere(session, BEN, NOW + LASTS) == {}
        assert open_elsewhere(session, BEN, NOW + 2 * RENEWED) == {"two": ["Anna Berg"]}
    with writing(engine) as session:
        closed(session, ANNA)
        assert open_elsewhere(session, BEN, NOW) == {}


def test_two_pages_of_one_person_at_the_same_moment_leave_one_row(engine: Engine) -> None:
    together = threading.Barrier(4)

    def open_one(number: int) -> None:
        together.wait()
        with writing(engine) as session:
            has_open(session, ANNA, f"item {number}", NOW)

    threads = [threading.Thread(target=open_one, args=(number,)) for number in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        found = open_elsewhere(session, BEN, NOW)
    assert len(found) == 1
    assert list(found.values()) == [["Anna Berg"]]
