"""The pages of tracking behind the real doors, as tests open them."""

from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from upath import UPath

from milepost.settings import Settings
from milepost.tracking_web import mount_tracking, tracking_seat
from review.entrance import install
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from store.blobs import BlobStore
from tests.review.served import PlainReader
from tests.tracking.building import START
from tests.tracking.office import Office


def tracking_app(office: Office, folder: Path) -> FastAPI:
    """The application over the database of ``office``, with its desk; files are kept in ``folder``."""
    engine = office.engine
    made = FastAPI(openapi_url=None)
    made.state.services = Services(engine, Library(BlobStore(UPath(folder)), PlainReader(), folder), lambda: START)
    seat = tracking_seat(Settings(data_dir=folder), engine, lambda: START)
    mount_tracking(made, replace(seat, desk=office.desk))
    install(made, Access(engine, lambda: START, local_name="anna"), Perimeter(hosts=LOOPBACK_NAMES))
    return made
