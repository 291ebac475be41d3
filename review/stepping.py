"""A step of the review: an item is decided and the next one shown, or this one with what was in the way."""

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Form, Request
from sqlmodel import Session
from starlette.responses import Response

from models.actor import Actor
from review.errors import Invalid, StaleVersion
from review.panel import called
from review.permissions import Reviewer
from review.resolving import Reckoning
from review.screen import View, found_item, parts_of, parts_of_nothing
from review.services import services_of
from review.wording import state_words
from store import presence, review_queue
from store.engine import reading, writing
from store.review_queue import Place, QueueFilter, place_of
from store.review_tables import ReviewItem

Act = Callable[[Session, dt.datetime], ReviewItem]
"""Does something to the item of a step, and gives it as it is then."""


class Step:
    """What every decision of the browser has in common: the item, who decides, and what their screen shows."""

    def __init__(
        self,
        request: Request,
        actor: Reviewer,
        view: View,
        item_id: str,
        shown: Annotated[str, Form(max_length=100)] = "",
    ) -> None:
        self._request, self._shown = request, shown
        self.actor, self.view, self.item_id = actor, view, item_id
        self.services = services_of(request)

    @property
    def using(self) -> Reckoning:
        """How dates are computed here."""
        return self.services.using

    def decide(self, decide: Callable[..., ReviewItem], version: int, *, stay: bool = False, **how: Any) -> Response:
        """Take a decision of ``review.deciding``, with what else it needs."""

        def act(session: Session, now: dt.datetime) -> ReviewItem:
            return decide(session, self.item_id, version, self.actor, now, using=self.using, **how)

        return self.take(act, stay=stay)

    def take(
        self,
        act: Act,
        *,
        stay: bool = False,
        refuse: bool = True,
        told: Callable[[ReviewItem], str] | None = None,
    ) -> Response:
        """Do something, and answer with the next item; with the same one where it was not possible, or to ``stay``.

        Without ``refuse`` what makes no sense is raised (``Invalid``). ``told`` says what was done.
        """
        now = self.services.now()
        try:
            with writing(self.services.engine) as session:
                # Where the queue goes on is where the item stood before it was decided.
                place = place_of(found_item(session, self.item_id))
                decided = act(session, now)
        except StaleVersion as error:
            return self._same(HTTPStatus.CONFLICT, clash=error.message, since=now)
        except Invalid as error:
            if not refuse:
                raise
            return self._same(HTTPStatus.UNPROCESSABLE_ENTITY, trouble=error.message)
        said = told(decided) if told else f"{state_words(decided.state)}: {called(decided)}."
        request, actor, view, of = self._request, self.actor, self.view, decided.contract_id
        with reading(self.services.engine) as session:
            if stay:
                found: ReviewItem | None = found_item(session, self.item_id)
            else:
                found = first_free(session, view.which(actor), actor, now, after=place)
            if found is None:
                return parts_of_nothing(request, session, actor, view, said, since=now, contract=of)
            return parts_of(request, session, actor, view, found, self._shown, said=said, since=now, of=of)

    def _same(self, status: HTTPStatus, **why: Any) -> Response:
        with reading(self.services.engine) as session:
            found = found_item(session, self.item_id)
            return parts_of(self._request, session, self.actor, self.view, found, self._shown, status=status, **why)


def first_free(
    session: Session, which: QueueFilter, actor: Actor, now: dt.datetime, *, after: Place | None = None
) -> ReviewItem | None:
    """The next item that no colleague has open just now; the first again after the last.

    One that a colleague has open if nothing else is left, so that nothing is ever out of reach.
    """
    taken = presence.open_elsewhere(session, actor, now)
    enough = len(taken) + 1
    found = [one.item for one in review_queue.page(session, which, after=after, limit=enough)]
    if after is not None and all(item.id in taken for item in found):
        found += [one.item for one in review_queue.page(session, which, limit=enough)]
    return next((item for item in found if item.id not in taken), found[0] if found else None)
