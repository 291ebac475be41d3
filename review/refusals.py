"""Answers to what is refused before a route is reached: a problem for programs, a page for people.

Programs get `application/problem+json` (RFC 9457); a browser's page gets a page, and a part of a page a fragment.
"""

from collections.abc import Mapping
from http import HTTPStatus

from markupsafe import escape
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from review.rendering import page

API = "/api/"
"""Where programs ask."""


def for_program(scope: Scope) -> bool:
    """Whether the answer is for a program rather than for a page."""
    path: str = scope["path"]
    accepts = Headers(scope=scope).get("accept", "")
    return path.startswith(API) or ("json" in accepts and "text/html" not in accepts)


def refusal(
    scope: Scope, status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, step: str | None = None
) -> Response:
    """An answer of ``status``: what is wrong in a sentence, and if given the path where one may go on."""
    if for_program(scope):
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
        return JSONResponse(problem, status, headers, media_type="application/problem+json")
    if Headers(scope=scope).get("hx-request") == "true":
        return HTMLResponse(f'<div role="alert" class="refusal"><p>{escape(detail)}</p></div>', status, headers)
    root = scope.get("root_path", "").rstrip("/")
    made = page(root, "accounts/refused.html", title=status.phrase, detail=detail, step=step or "/")
    return HTMLResponse(made, status, headers)
