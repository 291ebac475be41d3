"""Tracking in the web application: its routes behind the review's doors, its pages in the frame of the review's."""

import datetime as dt
import hashlib
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader
from sqlalchemy import Engine
from starlette.responses import HTMLResponse, Response
from upath import UPath

from milepost.importing_web import PAGES, import_router
from milepost.link_key import link_key
from milepost.reminding import tracking_context
from milepost.settings import Settings
from models.actor import Role
from review.permissions import requires
from review.rendering import environment, root_of
from review.services import services_of
from review.wording import contract_name
from store.blobs import BlobStore
from tracking.acting import Desk
from tracking.confirmed import confirmed_contracts
from tracking.messages import days_words
from tracking.web import STATIC, TEMPLATES, tracking_router
from tracking.web_calendar import calendar_router
from tracking.web_seat import Seat


def tracking_seat(settings: Settings, engine: Engine, now: Callable[[], dt.datetime]) -> Seat:
    """What the pages of tracking work with in this installation."""
    blobs = BlobStore(UPath(settings.blob_root))
    return Seat(
        engine=engine,
        desk=Desk(confirmed_contracts, tracking_context(settings)),
        now=now,
        viewer=requires(Role.VIEWER),
        reviewer=requires(Role.REVIEWER),
        render=_render,
        root=root_of,
        put=blobs.put,
        get=blobs.get,
        links=link_key(settings),
    )


def mount_tracking(app: FastAPI, seat: Seat) -> None:
    """Give the web application the pages of tracking."""
    app.include_router(tracking_router(seat))
    app.include_router(import_router(seat))
    app.include_router(calendar_router(seat.engine, seat.now, seat.desk.context.base_url))
    app.mount("/tracking-static", StaticFiles(directory=STATIC), name="tracking-static")


def _render(request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> Response:
    made = (
        _environment()
        .get_template(template)
        .render({"root": root_of(request), "today": services_of(request).today(), "tracking_css": _style(), **context})
    )
    return HTMLResponse(made, status, {"cache-control": "no-store"})


@cache
def _environment() -> Environment:
    """The review's templates and filters, with the pages of tracking, whose frame is the review's."""
    frame = environment()
    assert frame.loader is not None
    layout = DictLoader({"layout.html": '{% extends "base.html" %}'})
    made = frame.overlay(loader=ChoiceLoader([layout, FileSystemLoader([TEMPLATES, PAGES]), frame.loader]))
    made.filters = {**frame.filters, "called": lambda name: contract_name(name, name), "away": days_words}
    return made


@cache
def _style() -> str:
    """The path of the style sheet under the root, with its content's hash: no browser shows an old one."""
    digest = hashlib.sha256((STATIC / "tracking.css").read_bytes()).hexdigest()[:12]
    return f"/tracking-static/tracking.css?v={digest}"
