"""From settings to the things the pipeline is made with."""

import os
from pathlib import Path

from milepost.settings import Settings, SettingsError
from models.business import UnknownJurisdictionError, calendar_for
from models.resolution import Conventions
from pipeline.document import Options
from pipeline.guard import Bounds


def use_config(path: Path | None) -> None:
    """Take settings from the file that was named on the command line."""
    if path is not None:
        os.environ["MILEPOST_CONFIG"] = str(path)


def options(settings: Settings, *, boxes: bool = True) -> Options:
    """What decides what a document gives."""
    if settings.jurisdiction:
        try:
            calendar_for(settings.jurisdiction)
        except UnknownJurisdictionError as error:
            raise SettingsError(f"jurisdiction = {settings.jurisdiction!r}: {error}.") from error
    return Options(
        limits=settings.limits,
        conventions=Conventions(inclusive_term_end=settings.inclusive_term_end),
        jurisdiction=settings.jurisdiction,
        ocr=settings.ocr,
        boxes=boxes,
    )


def bounds(settings: Settings) -> Bounds:
    """What a worker process may use."""
    return Bounds(settings.deadline, settings.memory_mb, recycle=settings.recycle)
