"""What governs a contract as of a day: a view over its whole family, computed when it is asked for."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.governing import Governing, governing
from store.amending import Reckoning, master_of, member_of, reckoning_of, versioned
from store.families import links_to, outcome_of
from store.family_tables import LinkState
from store.tables import Contract


class GoverningOn(NamedTuple):
    """The view, and what the documents in it are called, by id."""

    view: Governing
    names: Mapping[str, str]


def governing_on(
    session: Session, contract_id: str, day: dt.date, *, using: Reckoning | None = None, without: str | None = None
) -> GoverningOn | None:
    """What the contract and all that is confirmed to belong to it provide as of ``day``; None for one never read.

    An agreement that bears no date is taken to be in effect on any day: nobody can say since when. ``without`` leaves
    one link out.
    """
    outcome = outcome_of(session, contract_id)
    if outcome is None:
        return None
    using = using or reckoning_of(outcome)
    links = [link for link in links_to(session, contract_id, LinkState.CONFIRMED) if link.id != without]
    members = [member for link in links if (member := member_of(session, link)) is not None]
    outcome, _ = versioned(session, contract_id, outcome, links, using)
    master, put_in = master_of(contract_id, outcome)
    view = governing((master, *members), day, using.calendar, using.conventions)
    if put_in is not None:
        view = view.model_copy(update={"terms": tuple(one for one in view.terms if one.field is not put_in)})
    ids = [contract_id, *(link.child_id for link in links)]
    named = session.exec(select(Contract).where(col(Contract.id).in_(ids)))
    return GoverningOn(view, {one.id: one.title or one.name for one in named})
