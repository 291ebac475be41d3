"""The calendar feed: read by calendar programs, which cannot sign in; the secret in the address is the right to it."""

import datetime as dt
import hashlib
from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, Request
from sqlalchemy import Engine
from starlette.responses import PlainTextResponse, Response

from store.engine import reading
from tracking.calendar import MEDIA_TYPE
from tracking.feeds import feed


def calendar_router(engine: Engine, now: Callable[[], dt.datetime], base_url: str | None) -> APIRouter:
    """The route of the feeds."""
    router = APIRouter()

    @router.api_route("/calendar/{token}.ics", methods=["GET", "HEAD"])
    def read(request: Request, token: str) -> Response:
        with reading(engine) as session:
            content = feed(session, token, now().date(), base_url)
        if content is None:
            return PlainTextResponse("There is no such calendar.\n", HTTPStatus.NOT_FOUND)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        # A secret address: no shared cache may keep it, and a program that asks often gets little.
        headers = {"etag": tag, "cache-control": "private, max-age=300", "x-robots-tag": "noindex"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(content, media_type=MEDIA_TYPE, headers=headers)

    return router
