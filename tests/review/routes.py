"""Which role each route of an application asks for."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from models.actor import Role
from review.permissions import in_person, requires

REQUIRES = type(requires(Role.VIEWER))


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, Role | None]]:
    """Each path and method with the role it needs, None if it needs none."""
    for context in iter_route_contexts(app.routes):
        path = str(context.path)
        if isinstance(context.route, Mount):
            yield path, "GET", None
            continue
        dependant = getattr(context, "dependant", None)
        role = _role(dependant) if dependant is not None else None
        for method in sorted(context.methods or ()):
            yield path, method, role


def _role(dependant: Dependant) -> Role | None:
    calls = list(_calls(dependant))
    roles = [call.needed for call in calls if isinstance(call, REQUIRES)]
    if in_person in calls:
        roles.append(Role.VIEWER)
    return max(roles, key=list(Role).index, default=None)


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for part in dependant.dependencies:
        yield from _calls(part)
