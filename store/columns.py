"""Column types that hold equal values on SQLite and PostgreSQL.

The two differ in what they do with time zones, exact numbers, sorting and odd characters; each type here removes
one of those differences, so that nothing above the store asks which database it runs on.
"""

import datetime as dt
import json
import os
import re
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from sqlalchemy import JSON, DateTime, Dialect, Enum, Numeric, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from typing_extensions import override

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL refuses NUL, and neither database can encode half a surrogate pair. Damaged PDFs give both."""

_SUSPECT = re.compile(r"\\u(0000|d[89a-f])")
"""The same as JSON writes them in ASCII, where every character beyond the basic plane is a pair of surrogates."""

_ENCODED_PATH = "file:"


def storable(text: str) -> str:
    """``text`` with each character no database can hold replaced by U+FFFD: as long as before, so offsets stay true."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def storable_tree(value: Any) -> Any:
    """A JSON value with ``storable`` applied to every text in it; the value itself where nothing needs it."""
    # A look at the whole in one go, for nearly every document is clean. Whole pairs are suspected too.
    return _replaced(value) if _SUSPECT.search(json.dumps(value)) else value


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _replaced(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(item) for item in value]
    return value


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment. Only aware values go in, only UTC comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a timestamp needs a time zone")
        return value.astimezone(dt.UTC)

    @override
    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        # SQLite gives back what it was given, without the zone.
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """An exact number with its scale ("5000.00" stays "5000.00").

    NUMERIC on PostgreSQL; text on SQLite, whose numbers are binary fractions. To sort or compare by size on both,
    cast to ``Float``.
    """

    impl = Numeric().with_variant(Text(), "sqlite")
    cache_ok = True

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not value.is_finite():
            raise ValueError("an amount is a finite number")
        plain = format(value, "f")
        return plain if dialect.name == "sqlite" else Decimal(plain)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class SafeText(TypeDecorator[str]):
    """Text as contracts hold it, less the characters no database can hold (see ``storable``)."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class KeyText(TypeDecorator[str]):
    """Text that is compared and sorted by code point, as SQLite does, whatever the locale of the server."""

    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class PathText(KeyText):
    """A path, also one whose name is no valid text: such a name is kept percent-encoded and comes back whole."""

    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.startswith(_ENCODED_PATH) or _UNSTORABLE.search(value):
            return _ENCODED_PATH + quote_from_bytes(os.fsencode(value))
        return value

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith(_ENCODED_PATH):
            return value
        return os.fsdecode(unquote_to_bytes(value.removeprefix(_ENCODED_PATH)))


class Json(TypeDecorator[Any]):
    """A JSON value; JSONB on PostgreSQL. ``None`` is SQL NULL."""

    impl = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return storable_tree(value)


def words(kind: type[StrEnum]) -> Enum:
    """A column of the values of ``kind``, kept as text: a new member needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        validate_strings=True,
        length=32,
        values_callable=lambda k: [m.value for m in k],
    )
