"""The JSON API: the same decisions as in the browser, for programs.

    /api/v1/openapi.json        describes it

Every change of an item needs its version as ``If-Match`` (its ``ETag``), so that a program decides on what it saw: an
older one is answered 412, none at all 428. Lists are read page by page with the cursor in ``next``. Errors are problems
(RFC 9457).
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from review import api_amendments, api_contracts, api_groups, api_items, api_policy, api_trail
from review.api_problems import ProblemRoute
from review.api_shapes import ProblemOut
from review.permissions import Viewer

PREFIX = "/api/v1"

router = APIRouter(prefix=PREFIX, tags=["review"], route_class=ProblemRoute)
for part in (api_items, api_trail, api_contracts, api_amendments, api_groups, api_policy):
    router.include_router(part.router)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, _: Viewer) -> JSONResponse:
    """This description."""
    return JSONResponse(document(request.app.version, request.scope.get("root_path", "")))


def document(version: str, root_path: str = "") -> dict[str, Any]:
    """The OpenAPI document of the API."""
    described = get_openapi(
        title="milepost",
        version=version,
        description=__doc__ or "",
        routes=router.routes,
        servers=[{"url": root_path}] if root_path else None,
    )
    components = described.setdefault("components", {})
    schema = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(schema.pop("$defs", {}) | {ProblemOut.__name__: schema})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    described["security"] = [{"token": []}, {}]
    for path in described["paths"].values():
        for operation in path.values():
            # Ours are problems; the framework would describe its own.
            operation["responses"].get("422", {}).get("content", {}).pop("application/json", None)
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    return described
