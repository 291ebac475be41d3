"""What the web application works with: given at its start, never looked up."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request
from sqlalchemy import Engine

from models.consequence import Weights
from review.amending import Intake, Replan
from review.library import Library
from review.resolving import PLAIN, Reckoning
from rules.review_policies import installed_weights
from rules.routing import RoutingPolicy, installed_routing


@dataclass(frozen=True, slots=True)
class Services:
    """The database, the documents, how dates are computed here, what the order of the queue weighs, and who gets what.

    ``now`` is the one clock. ``intake`` reads a new document and keeps it; ``replan`` brings deadlines and reminders
    of a contract in line with what was decided, in the same transaction.
    """

    engine: Engine
    library: Library
    now: Callable[[], dt.datetime]
    using: Reckoning = PLAIN
    weights: Weights = field(default_factory=installed_weights)
    routing: RoutingPolicy = field(default_factory=installed_routing)
    intake: Intake | None = None
    replan: Replan | None = None

    def today(self) -> dt.date:
        """The day it is here, for people: deadlines are days of the place where one sits."""
        return self.now().astimezone().date()


def services_of(request: Request) -> Services:
    """The services of the application that got the request."""
    services = request.app.state.services
    assert isinstance(services, Services)
    return services
