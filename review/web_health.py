"""Whether the server lives, and whether it can do its work: for whatever watches over it."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from sqlalchemy.exc import DBAPIError
from starlette.responses import JSONResponse

from review.services import services_of
from store import migrations
from store.errors import StoreError

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """The server answers."""
    return JSONResponse({"status": "ok", "version": request.app.version})


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """The database answers too, and its tables are those of this version."""
    try:
        with services_of(request).engine.connect() as connection:
            migrations.verify(connection)
    except (StoreError, DBAPIError):
        problem = {"status": "unavailable", "version": request.app.version}
        return JSONResponse(problem, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse({"status": "ok", "version": request.app.version})
