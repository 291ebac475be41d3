"""What the routes of the JSON API have in common: ids, versions, pages of lists, and how an item is answered."""

import base64
import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.routing import APIRoute

from review.api_problems import PreconditionRequired, ProblemRoute, answers
from review.api_shapes import DecisionOut, FactOut, ItemOut, MoveOut
from review.errors import Invalid
from review.permissions import Reviewer
from review.previewing import value_words
from review.redating import Move
from review.services import Services, services_of
from store.engine import writing
from store.review_queue import Place
from store.review_tables import DecisionRow, ReviewItem, SuppliedFact

MOST = 200
"""Rows of a page at most."""

Id = Annotated[str, "an id as the API gave it"]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Used = Annotated[Services, Depends(services_of)]

_ETAG = re.compile(r'"?([0-9]{1,9})"?')


def routes(*tags: str) -> APIRouter:
    """A router whose operations are called what their functions are, and whose errors are problems."""
    return APIRouter(
        tags=list(tags),
        route_class=ProblemRoute,
        responses=answers(),
        generate_unique_id_function=_name,
    )


def _name(route: APIRoute) -> str:
    return route.name


def version_of(what: str) -> Any:
    """A dependency that gives the version a program saw of ``what`` it changes: its ``ETag``, sent as ``If-Match``."""

    def version(
        if_match: Annotated[str | None, Header(description=f'The {what}\'s ETag, as in `"3"`.', max_length=100)] = None,
    ) -> int:
        if if_match is None:
            raise PreconditionRequired(what)
        match = _ETAG.fullmatch(if_match.strip())
        if match is None:
            raise Invalid(f'If-Match is the ETag of the {what}, as in "3".', "if-match")
        return int(match[1])

    return Depends(version)


class ItemDecision:
    """A request to decide an item: which, as who saw it, and who asks. The answer is the item as it is then."""

    def __init__(
        self,
        item_id: Id,
        actor: Reviewer,
        version: Annotated[int, version_of("item")],
        services: Used,
        response: Response,
    ) -> None:
        self._item_id, self._actor, self._version = item_id, actor, version
        self._services, self._response = services, response

    def by(self, decide: Callable[..., ReviewItem], **how: Any) -> ItemOut:
        """Decide it; ``decide`` is one of ``review.deciding`` that may move dates, and takes ``how``."""
        return self.without_dates(decide, using=self._services.using, **how)

    def without_dates(self, act: Callable[..., ReviewItem], **how: Any) -> ItemOut:
        """Do to it what moves no date."""
        with writing(self._services.engine) as session:
            item = act(session, self._item_id, self._version, self._actor, self._services.now(), **how)
        return tagged(item, self._response)


Decides = Annotated[ItemDecision, Depends()]


def tagged(item: ReviewItem, response: Response) -> ItemOut:
    """An item as an answer whose ETag is its version."""
    response.headers["etag"] = f'"{item.version}"'
    return ItemOut.model_validate(item)


def items_out(items: Iterable[ReviewItem]) -> list[ItemOut]:
    """Items for an answer."""
    return [ItemOut.model_validate(item) for item in items]


def facts_out(facts: Iterable[SuppliedFact]) -> list[FactOut]:
    """Supplied facts for an answer."""
    return [FactOut.model_validate(fact) for fact in facts]


def decisions_out(rows: Iterable[DecisionRow]) -> list[DecisionOut]:
    """Rows of the audit trail for an answer."""
    return [DecisionOut.model_validate(row) for row in rows]


def moves_out(moves: Iterable[Move]) -> list[MoveOut]:
    """What falls due on another day, for an answer."""
    return [
        MoveOut(
            item_id=move.item.id,
            title=move.item.title,
            kind=move.item.kind,
            before=value_words(move.before),
            after=value_words(move.after),
        )
        for move in moves
    ]


def cursor_of(*parts: Any) -> str:
    """The cursor that leads to what comes after ``parts``."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def number_in(cursor: str | None) -> int | None:
    """The number that a cursor says; None without one. Raises ``Invalid``, as all that read cursors."""
    parts = _parts(cursor, 1)
    if any(not isinstance(part, (int, float)) or not math.isfinite(part) or abs(part) >= 2**31 for part in parts):
        raise _no_cursor()
    return int(parts[0]) if parts else None


def texts_in(cursor: str | None, count: int) -> list[str]:
    """The texts that a cursor says; none without one."""
    parts = _parts(cursor, count)
    if not all(isinstance(part, str) for part in parts):
        raise _no_cursor()
    return parts


def place_in(cursor: str | None) -> Place | None:
    """The place in the queue that a cursor says; None without one."""
    parts = _parts(cursor, 2)
    if not parts:
        return None
    priority, id_ = parts
    if not isinstance(priority, (int, float)) or not math.isfinite(priority) or not isinstance(id_, str):
        raise _no_cursor()
    return Place(float(priority), id_)


def _parts(cursor: str | None, count: int) -> list[Any]:
    if cursor is None:
        return []
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or len(parts) != count:
        raise _no_cursor()
    return parts


def _no_cursor() -> Invalid:
    return Invalid("This is no cursor that the API gave.", "cursor")
