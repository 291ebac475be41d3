"""Importing a register in the web application: a preview first, with the columns as they were understood."""

import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Request, UploadFile
from starlette.datastructures import FormData
from starlette.responses import Response

from milepost.importing import Matched, matches, propose_all, remark, usable_of
from milepost.registers import Column, Register, read_register
from models.actor import Actor
from store.engine import reading, writing
from store.errors import StoreError
from tracking.web_seat import Seat

PAGES = Path(__file__).parent / "templates"

_SUFFIXES = (".xlsx", ".csv")


async def _form(request: Request) -> FormData:
    return await request.form()


_Filled = Annotated[FormData, Depends(_form)]
"""What the columns' form holds. Read first, so that what is done with it keeps no other request waiting."""


def import_router(seat: Seat) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    reviewer = Annotated[Actor, Depends(seat.reviewer)]

    @router.get("/import")
    def upload(request: Request, actor: reviewer) -> Response:
        return _page(seat, request, actor)

    @router.post("/import")
    def preview(
        request: Request,
        actor: reviewer,
        file: Annotated[UploadFile, File()],
    ) -> Response:
        name = Path(file.filename or "").name[:200]
        return _preview(seat, request, actor, name, seat.put(file.file.read()), None)

    @router.post("/import/preview")
    def again(request: Request, actor: reviewer, form: _Filled) -> Response:
        return _preview(seat, request, actor, _text(form, "name"), _text(form, "sha256"), _mapping(form))

    @router.post("/import/apply")
    def apply(request: Request, actor: reviewer, form: _Filled) -> Response:
        name, sha256 = _text(form, "name"), _text(form, "sha256")
        return _preview(seat, request, actor, name, sha256, _mapping(form), apply=True)

    return router


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _mapping(form: FormData) -> dict[Column, str]:
    """The columns a person chose; those left out are none, and not guessed again."""
    return {name: heading for name in Column if (heading := _text(form, name.value))}


def _preview(
    seat: Seat,
    request: Request,
    actor: Any,
    name: str,
    sha256: str,
    chosen: dict[Column, str] | None,
    *,
    apply: bool = False,
) -> Response:
    try:
        register = _read(seat, name, sha256, chosen)
    except StoreError as error:
        return _page(seat, request, actor, problem=str(error))
    with reading(seat.engine) as session:
        matched: Matched = matches(session, register)
    usable, added = usable_of(matched), None
    if apply:
        with writing(seat.engine) as session:
            added = propose_all(session, usable, actor, seat.now(), name)
    return _page(
        seat,
        request,
        actor,
        register=register,
        rows=[(row, one, remark(row, one)) for row, one in matched],
        usable=len(usable),
        added=added,
        name=name,
        sha256=sha256,
    )


def _read(seat: Seat, name: str, sha256: str, chosen: dict[Column, str] | None) -> Register:
    suffix = Path(name).suffix.lower()
    if suffix not in _SUFFIXES or len(sha256) != 64 or not all(one in "0123456789abcdef" for one in sha256):
        raise StoreError("This is no register that can be read.", "Choose an .xlsx or .csv file.")
    with tempfile.TemporaryDirectory(prefix="milepost-") as folder:
        path = Path(folder) / f"register{suffix}"
        path.write_bytes(seat.get(sha256))
        return read_register(path, chosen or {}, guess=chosen is None)


def _page(seat: Seat, request: Request, actor: Actor, **context: Any) -> Response:
    given = {"register": None, "problem": None, "columns": list(Column), "added": None, **context}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if given["problem"] else HTTPStatus.OK
    return seat.render(request, "import.html", status, actor=actor, section="deadlines", page="import", **given)
