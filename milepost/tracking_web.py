"""Tracking in the web application: its routes, in the frame of the review's pages."""

import datetime as dt
from collections.abc import Callable

from fastapi import FastAPI
from sqlalchemy import Engine

from milepost.settings import Settings
from tracking.web_calendar import calendar_router


def mount_tracking(app: FastAPI, settings: Settings, engine: Engine, now: Callable[[], dt.datetime]) -> None:
    """Give the web application the pages of tracking."""
    base_url = settings.base_url.rstrip("/") if settings.base_url else None
    app.include_router(calendar_router(engine, now, base_url))
