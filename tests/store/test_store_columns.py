"""What goes into a column comes out of it, equal on both databases."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, Engine, Float, MetaData, Table, cast, insert, select
from sqlalchemy.exc import StatementError

from models.problem import Category
from store.columns import ExactDecimal, Json, KeyText, PathText, SafeText, UtcDateTime, words

TABLE = Table(
    "sample",
    MetaData(),
    Column("key", KeyText, primary_key=True),
    Column("path", PathText),
    Column("text", SafeText),
    Column("amount", ExactDecimal),
    Column("moment", UtcDateTime),
    Column("tree", Json),
    Column("word", words(Category)),
    prefixes=["TEMPORARY"],
)

MOMENT = dt.datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=dt.timezone(dt.timedelta(hours=-5)))


@pytest.mark.parametrize(
    ("column", "given", "expected"),
    [
        ("text", "Straße “§ 9” 契約 \U0001f4dc", "Straße “§ 9” 契約 \U0001f4dc"),
        ("text", "a\x00b\ud83dc", "a�b�c"),
        ("text", "", ""),
        ("key", "\x00", "�"),
        ("path", "Vertraege/Müller & Söhne.pdf", "Vertraege/Müller & Söhne.pdf"),
        ("path", "caf\udce9 100%.pdf", "caf\udce9 100%.pdf"),
        ("path", "file:x%20y", "file:x%20y"),
        ("amount", Decimal("5000.00"), Decimal("5000.00")),
        ("amount", Decimal("0.1"), Decimal("0.1")),
        ("amount", Decimal("1E+5"), Decimal("100000")),
        ("amount", Decimal("-0.000000001"), Decimal("-0.000000001")),
        ("amount", Decimal("98765432109876543210987654321.12345"), Decimal("98765432109876543210987654321.12345")),
        ("moment", MOMENT, dt.datetime(2026, 3, 29, 6, 59, 59, 999999, tzinfo=dt.UTC)),
        ("tree", {"b": [1, 2.5, 1 / 3, None, True], "a": {"é": "“\U0001f4dc”"}}, None),
        ("tree", {"quote": "a\x00b", "k\ud83d": ["\udcff"]}, {"quote": "a�b", "k�": ["�"]}),
        ("tree", [], None),
        ("tree", {"n": 10**30}, None),
        ("word", Category.NO_TEXT_LAYER, Category.NO_TEXT_LAYER),
    ],
)
def test_a_value_comes_back_as_it_went_in(engine: Engine, column: str, given: Any, expected: Any) -> None:
    values = {"key": "k", column: given}
    with engine.begin() as connection:
        TABLE.create(connection)
        connection.execute(insert(TABLE), values)
        found = connection.execute(select(TABLE.c[column])).scalar_one()
    expected = given if expected is None else expected
    assert found == expected
    assert type(found) is type(expected)
    if column != "tree":
        assert str(found) == str(expected), "decimals keep their scale, moments are in UTC"


def test_nothing_is_null_in_every_column(engine: Engine) -> None:
    with engine.begin() as connection:
        TABLE.create(connection)
        connection.execute(insert(TABLE), {column.name: None for column in TABLE.c} | {"key": "k"})
        nulls = [column.is_(None) for column in TABLE.c if column.name != "key"]
        assert connection.execute(select(TABLE.c.key).where(*nulls)).scalars().all() == ["k"]


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("moment", dt.datetime(2026, 3, 1), "time zone"),  # noqa: DTZ001
        ("amount", Decimal("NaN"), "finite"),
        ("amount", Decimal("-Infinity"), "finite"),
        ("tree", {"x": float("nan")}, "not JSON compliant"),
        ("word", "unheard_of", "not among the defined enum values"),
    ],
)
def test_a_value_one_database_would_take_and_the_other_not_is_refused_by_both(
    engine: Engine, column: str, value: object, why: str
) -> None:
    with engine.connect() as connection:
        TABLE.create(connection)
        with pytest.raises((StatementError, ValueError), match=why):
            connection.execute(insert(TABLE), {"key": "k", column: value})
        connection.rollback()


def test_keys_sort_by_code_point_whatever_the_locale(engine: Engine) -> None:
    keys = ["Z", "a", "B", "_", "-", "é", "ß", "a b", "aB", "\U0001f4dc", "～"]
    with engine.begin() as connection:
        TABLE.create(connection)
        connection.execute(insert(TABLE), [{"key": key} for key in keys])
        found = connection.execute(select(TABLE.c.key).order_by(TABLE.c.key)).scalars().all()
    assert found == sorted(keys)


def test_amounts_sort_by_size_when_cast(engine: Engine) -> None:
    amounts = [Decimal(text) for text in ("1000", "9.50", "-3", "200.00")]
    with engine.begin() as connection:
        TABLE.create(connection)
        connection.execute(insert(TABLE), [{"key": str(amount), "amount": amount} for amount in amounts])
        by_size = select(TABLE.c.amount).order_by(cast(TABLE.c.amount, Float))
        assert connection.execute(by_size).scalars().all() == sorted(amounts)


def test_text_that_is_replaced_keeps_its_length_so_that_offsets_stay_true(engine: Engine) -> None:
    text = "fee\x00 of \ud83d€ 5"
    with engine.begin() as connection:
        TABLE.create(connection)
        connection.execute(insert(TABLE), {"key": "k", "text": text})
        found = connection.execute(select(TABLE.c.text)).scalar_one()
    assert len(found) == len(text)
    assert found.index("€") == text.index("€")
