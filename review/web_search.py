"""Search over the whole portfolio: contracts, parties and passages."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from review.permissions import Viewer
from review.rendering import render
from review.services import services_of
from store.engine import reading
from store.search import MOST_COUNTED, EntryKind, count, search

router = APIRouter(include_in_schema=False)

PAGE = 20
_NAMES = {EntryKind.CONTRACT: "Contracts", EntryKind.PARTY: "Parties", EntryKind.QUOTE: "Passages"}


@router.get("/search")
def found(
    request: Request,
    actor: Viewer,
    q: Annotated[str, Query(max_length=2000)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[int | None, Query(ge=0, le=2**62)] = None,
) -> Response:
    """What a query finds, by kind of text; one kind in pages, or the first of all three."""
    wanted = [one for one in EntryKind if one.value == kind] or list(EntryKind)
    limit = PAGE if len(wanted) == 1 else 6
    sections = []
    with reading(services_of(request).engine) as session:
        for one in wanted if q.strip() else []:
            hits = search(session, q, one, limit=limit + 1, after=after if len(wanted) == 1 else None)
            counted = count(session, q, one)
            if hits or len(wanted) == 1:
                sections.append((one.value, _NAMES[one], counted, hits[:limit], len(hits) > limit))
    return render(
        request,
        "search.html",
        actor=actor,
        section="search",
        q=q,
        kind=kind,
        sections=sections,
        most=MOST_COUNTED,
        single=len(wanted) == 1,
    )
