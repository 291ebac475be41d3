"""The web application: its parts put together. Who starts it gives it what it works with."""

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from review import (
    api,
    entrance,
    web_amendments,
    web_contracts,
    web_decisions,
    web_documents,
    web_errors,
    web_groups,
    web_health,
    web_policies,
    web_queue,
    web_rereads,
    web_search,
)
from review.oidc import SignInService
from review.permissions import Access
from review.rendering import STATIC
from review.security import Perimeter
from review.services import Services

_PARTS = (
    web_queue,
    web_decisions,
    web_groups,
    web_amendments,
    web_rereads,
    web_contracts,
    web_documents,
    web_search,
    web_policies,
    web_health,
    api,
)


def create_app(
    services: Services,
    access: Access,
    perimeter: Perimeter,
    *,
    service: SignInService | None = None,
    base_url: str | None = None,
    version: str = "",
) -> FastAPI:
    """The application. Who comes in is said by ``access``, ``perimeter``, ``service`` and ``base_url``."""
    app = FastAPI(title="milepost", version=version or "0", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = services
    for part in _PARTS:
        app.include_router(part.router)
    app.mount("/static", _Static(directory=STATIC), name="static")
    web_errors.install(app)
    entrance.install(app, access, perimeter, service=service, base_url=base_url)
    return app


class _Static(StaticFiles):
    """Files of the application itself. Each is asked for with its content's hash, so it may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if Request(scope).query_params.get("v") and answer.status_code == 200:
            answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer
