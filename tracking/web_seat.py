"""What the pages of tracking work with, and what their forms have in common.

Who starts the application says how somebody comes in and how a page is drawn: the frame of the pages and the doors are
the review's, which tracking does not know.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from fastapi import Request, UploadFile
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from models.actor import Actor
from models.tracked import Proof
from store.engine import writing
from store.errors import StoreError
from store.tracking_occurrences import find_occurrence
from store.tracking_tables import OccurrenceRow
from tracking.acting import ActError, Desk
from tracking.filtering import Judged
from tracking.links import LinkKey


class Render(Protocol):
    """Draws a page."""

    def __call__(self, request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> Response:
        """The answer that a template makes."""
        ...


@dataclass(frozen=True)
class Seat:
    """What the pages work with. ``viewer`` and ``reviewer`` give who is asking, or refuse them.

    ``put`` keeps a file and gives its hash, ``get`` gives it back. ``root`` is what comes before each path. ``links``
    opens the links of messages; without it they open nothing.
    """

    engine: Engine
    desk: Desk
    now: Callable[[], dt.datetime]
    viewer: Callable[[Request], Actor]
    reviewer: Callable[[Request], Actor]
    render: Render
    root: Callable[[Request], str]
    put: Callable[[bytes], str]
    get: Callable[[str], bytes]
    links: LinkKey | None = None

    def judged(self) -> Judged:
        """The day, and when something is due soon."""
        policy = self.desk.context.policies.reminders
        return Judged(self.now().date(), policy.due_soon, tuple(policy.happenings))

    def page(
        self, request: Request, actor: Actor, name: str, tab: str, problem: str | None = None, **more: Any
    ) -> Response:
        """A page of tracking; ``tab`` is the one it stands under, ``problem`` what kept a form from being taken."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        given = {"actor": actor, "section": "deadlines", "page": tab, "problem": problem, **more}
        return self.render(request, f"tracking/{name}.html", status, **given)

    def missing(self, request: Request, actor: Actor) -> Response:
        """That there is no such deadline or contract."""
        return self.render(
            request, "tracking/missing.html", HTTPStatus.NOT_FOUND, actor=actor, section="deadlines", page="deadlines"
        )

    def act(
        self,
        request: Request,
        what: Callable[[Session, dt.datetime], object],
        then: str,
        again: Callable[[str | None], Response],
    ) -> Response:
        """Do what a form asks and go to the page ``then``; where it cannot be done, ``again`` shows why."""
        try:
            with writing(self.engine) as session:
                what(session, self.now())
        except ActError as error:
            return again(sentence(error))
        except StoreError as error:
            return again(str(error))
        return RedirectResponse(self.root(request) + then, HTTPStatus.SEE_OTHER)


def sentence(error: ActError) -> str:
    """What cannot be done, as a sentence."""
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def find_whole(session: Session, occurrence_id: str) -> OccurrenceRow:
    """An occurrence by its whole id: what a page names is never meant as a beginning. Raises StoreError."""
    found = find_occurrence(session, occurrence_id)
    if found.id != occurrence_id:
        raise StoreError("There is no such deadline.", "Go back to the list.")
    return found


def day_of(text: str) -> dt.date:
    """The day that a field holds. Raises ActError."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise ActError("give a day") from None


def proof_of(seat: Seat, note: str, file: UploadFile | None, *, needed: bool = True) -> Proof | None:
    """The proof that a form holds; None if it holds none and none is ``needed``. Raises ActError."""
    content = file.file.read() if file is not None else b""
    name = Path(file.filename).name[:200] if file is not None and file.filename else None
    if not needed and not note.strip() and not content:
        return None
    try:
        return Proof(
            note=note.strip() or None,
            sha256=seat.put(content) if content else None,
            file=name if content else None,
        )
    except ValidationError:
        raise ActError("a proof is needed: a note, or a file") from None


def proof_file(seat: Seat, proof: Any) -> Response:
    """The file of a proof as it is kept. Whatever it is, it is saved and never shown as a page of ours."""
    kept = Proof.model_validate(proof) if proof else None
    if kept is None or kept.sha256 is None:
        return Response("There is no such file.\n", HTTPStatus.NOT_FOUND, media_type="text/plain")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(kept.file or 'proof', safe='')}"}
    return Response(seat.get(kept.sha256), media_type="application/octet-stream", headers=headers)
