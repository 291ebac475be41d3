"""Pages of documents: the picture of a page, and the words on it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, Response

from models.problem import DocumentError
from review.permissions import Viewer
from review.rendering import render
from review.services import services_of
from review.text_layer import text_layer
from store.engine import reading
from store.tables import Document

router = APIRouter(include_in_schema=False)

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
PageNumber = Annotated[int, Path(ge=1, le=100_000)]

_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
"""A page is named by the hash of its document: what is under that name never changes."""


@router.get("/documents/{sha256}/pages/{page}.jpg")
def picture(request: Request, _: Viewer, sha256: Sha256, page: PageNumber) -> Response:
    """A page as a picture."""
    services = services_of(request)
    if not _known(request, sha256):
        return Response(status_code=HTTPStatus.NOT_FOUND)
    try:
        jpeg = services.library.picture(sha256, page)
    except DocumentError:
        return Response(status_code=HTTPStatus.NOT_FOUND)
    return Response(jpeg, media_type="image/jpeg", headers=_FOR_EVER)


@router.get("/documents/{sha256}/pages/{page}/words")
def words(request: Request, _: Viewer, sha256: Sha256, page: PageNumber) -> HTMLResponse:
    """The words of a page, to be laid over its picture. Empty where they cannot be had: the picture is still there."""
    services = services_of(request)
    name = _known(request, sha256)
    if name is None:
        return HTMLResponse("", HTTPStatus.NOT_FOUND)
    try:
        sizes = services.library.sizes(sha256)
        if page > len(sizes):
            return HTMLResponse("", HTTPStatus.NOT_FOUND)
        width, height = sizes[page - 1]
        lines = text_layer(services.library.words(sha256, page, name), width, height)
    except DocumentError:
        return HTMLResponse("")
    return render(request, "parts/words.html", lines=lines, width=width, height=height)


def _known(request: Request, sha256: str) -> str | None:
    """The name of a document of this database; the cache may hold others."""
    with reading(services_of(request).engine) as session:
        document = session.get(Document, sha256)
        return document.name if document else None
