"""Deadlines and pending reminders of one contract, brought in line with what is confirmed in the same transaction."""

import datetime as dt

from sqlmodel import Session

from milepost.reminding import tracking_context
from milepost.settings import Settings
from review.amending import Replan
from store.tracking_owners import directory, ensure_teams
from tracking.confirmed import confirmed_contracts
from tracking.keeping import keep


def replanning(settings: Settings) -> Replan:
    """What plans a contract anew in this installation."""
    context = tracking_context(settings)

    def replan(session: Session, contract_id: str, now: dt.datetime) -> None:
        ensure_teams(session, context.policies.owners.named, now=now)
        for contract in confirmed_contracts(session, [contract_id]):
            keep(session, contract, context, directory(session), now=now)

    return replan
