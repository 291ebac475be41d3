"""Contracts: the list, a contract's own page with the picture of its life, its history, and adding what was missed."""

import csv
import io
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.responses import Response, StreamingResponse

from models.contract import Milestone, MilestoneKind, Term
from models.contract_resolution import rolling_term
from models.editing import CERTAIN
from models.evidence import Evidence
from models.problem import DocumentError
from models.resolution import Blocked
from models.source import SourceText
from review import adding, forms
from review.adding import Added
from review.amendments_view import family_of
from review.errors import Invalid
from review.permissions import Reviewer, Viewer
from review.previewing import value_words
from review.queue_view import QueueView
from review.rendering import render
from review.resolving import Standing, load_contract, load_standing, resolved
from review.screen import FORM_CHOICES, Filled, View, pane_of, parts_of, texts_of
from review.services import Services, services_of
from review.supplying import facts
from review.timeline import Due, timeline
from store import audit, review_queue
from store.audit import DecisionFilter
from store.engine import reading, writing
from store.review_queue import Counts
from store.review_tables import ReviewItem
from store.tables import Contract, Document, Extraction, ProblemRow

router = APIRouter(include_in_schema=False)

PAGE = 50
_HISTORY = 100
_LONGEST_QUOTE = 4_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@router.get("/contracts")
def contracts(
    request: Request,
    actor: Viewer,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """All contracts, by name."""
    with reading(services_of(request).engine) as session:
        found = _named(session, q.strip(), page)
        counted = review_queue.contract_counts(session, [contract.id for contract in found])
    return render(
        request,
        "contracts.html",
        actor=actor,
        section="contracts",
        contracts=[(contract, counted[contract.id]) for contract in found[:PAGE]],
        page=page,
        more=len(found) > PAGE,
        q=q,
    )


@router.get("/contracts/{contract_id}")
def contract(request: Request, actor: Viewer, contract_id: str) -> Response:
    """One contract: its documents, terms, life, milestones and history."""
    services = services_of(request)
    with reading(services.engine) as session:
        standing = load_standing(session, load_contract(session, contract_id))
        found = standing.contract
        document = session.get(Document, found.document_sha256)
        extraction = session.get(Extraction, found.extraction_id)
        problems = session.exec(
            select(ProblemRow).where(ProblemRow.extraction_id == found.extraction_id).order_by(col(ProblemRow.ordinal))
        ).all()
        counted = review_queue.contract_counts(session, [found.id]).get(found.id, Counts(0, 0))
        history = audit.page(session, DecisionFilter(contract_id=found.id), limit=_HISTORY)
        stated = facts(session, found.id)
        items = review_queue.items_of(session, found.id)
        belongs, to = family_of(session, found.id)
    dated = resolved(standing, services.using)
    listed = [(item, dated.get(item.id) or standing.value(item.id)) for item in items]
    return render(
        request,
        "contract.html",
        actor=actor,
        section="contracts",
        contract=found,
        document=document,
        extraction=extraction,
        problems=problems,
        counts=counted,
        terms=[(item, value) for item, value in listed if isinstance(value, Term)],
        milestones=[(item, value) for item, value in listed if isinstance(value, Milestone)],
        life=_life(standing, dated, listed, services),
        facts=stated,
        history=history,
        belongs=belongs,
        to=to,
        can_take_in=services.intake is not None,
    )


@router.get("/contracts/{contract_id}/history.csv")
def history(request: Request, _: Viewer, contract_id: str) -> Response:
    """The audit trail of a contract, for a spreadsheet."""
    engine = services_of(request).engine
    with reading(engine) as session:
        load_contract(session, contract_id)

    def lines() -> Iterator[str]:
        columns = ("at", "actor_name", "action", "item_id", "reason", "before", "after", "document_sha256", "id")
        yield "\ufeff" + _csv_line(columns)
        with reading(engine) as session:
            for row in audit.stream(session, DecisionFilter(contract_id=contract_id)):
                yield _csv_line([getattr(row, name) for name in columns])

    name = {"content-disposition": f'attachment; filename="history-{contract_id[:12]}.csv"'}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=name)


@router.get("/contracts/{contract_id}/document")
def document(
    request: Request, actor: Viewer, contract_id: str, show: Annotated[str, Query(alias="view", max_length=10)] = ""
) -> Response:
    """The document pane of a contract."""
    services = services_of(request)
    with reading(services.engine) as session:
        standing = load_standing(session, load_contract(session, contract_id))
        pane = pane_of(session, services, standing, show or None)
    return render(request, "parts/document_pane.html", pane=pane, actor=actor, query="")


@router.get("/contracts/{contract_id}/add")
def add_form(request: Request, _: Reviewer, view: View, contract_id: str, start: int = 0, end: int = 0) -> Response:
    """The form for a milestone that was missed, about the selected characters."""
    with reading(services_of(request).engine) as session:
        standing = load_standing(session, load_contract(session, contract_id))
        evidence = _evidence(session, services_of(request), standing, start, end)
    title = " ".join(evidence.quote.split()[:8])
    title = title[:1].upper() + title[1:]
    return _form(request, standing, view, evidence, forms.blank_milestone(title))


@router.post("/contracts/{contract_id}/add")
def add(request: Request, actor: Reviewer, view: View, contract_id: str, filled: Filled) -> Response:
    """Add a milestone about the selected characters."""
    services = services_of(request)
    form = texts_of(filled)
    now = services.now()
    with reading(services.engine) as session:
        standing = load_standing(session, load_contract(session, contract_id))
        evidence = _evidence(session, services, standing, _number(form, "start"), _number(form, "end"))
    try:
        new = _added(form, evidence)
        with writing(services.engine) as session:
            item = adding.add(session, contract_id, new, actor, now, using=services.using)
    except Invalid as error:
        return _form(request, standing, view, evidence, form, error)
    with reading(services.engine) as session:
        found = session.get(ReviewItem, item.id)
        assert found is not None
        return parts_of(request, session, actor, view, found, "", said=f"Added: {item.title}.", since=now, whole=True)


@router.post("/contracts/{contract_id}/add/preview")
def try_out(request: Request, _: Reviewer, contract_id: str, filled: Filled) -> Response:
    """How the time of a new milestone would be read. Changes nothing."""
    services = services_of(request)
    form = texts_of(filled)
    with reading(services.engine) as session:
        standing = load_standing(session, load_contract(session, contract_id))
        evidence = _evidence(session, services, standing, _number(form, "start"), _number(form, "end"))
    context: dict[str, Any] = {"problem": "", "field": None, "reading": "", "derivation": None, "moves": ()}
    try:
        value = adding.preview_added(standing, _added(form, evidence), services.using)
    except Invalid as error:
        return render(request, "parts/preview.html", **(context | {"problem": error.message, "field": error.field}))
    return render(
        request, "parts/preview.html", **(context | {"reading": value_words(value), "derivation": value.derivation})
    )


def _added(form: dict[str, str], evidence: Evidence) -> Added:
    """What the form states."""
    bare = Milestone(kind=MilestoneKind.PAYMENT, title="?", evidence=(evidence,), rule=adding.RULE, confidence=CERTAIN)
    title = form.get("title", "").strip()
    if not title:
        raise Invalid("Say in a few words what it is.", "title")
    change = forms.change_of(form, bare)
    return Added(
        kind=change.kind or bare.kind,
        title=title,
        evidence=evidence,
        change=change.model_copy(update={"kind": None, "title": None}),
    )


def _evidence(session: Session, services: Services, standing: Standing, start: int, end: int) -> Evidence:
    """The selected characters as a passage. Raises ``Invalid``."""
    contract = standing.contract
    held = session.get(Document, contract.document_sha256)
    try:
        source = services.library.source(contract.document_sha256, held.name if held else "")
    except DocumentError as error:
        raise Invalid(f"The text of the document cannot be had. {error.problem.message}") from error
    start, end = max(0, start), min(end, len(source.text))
    while start < end and source.text[start].isspace():
        start += 1
    while end > start and source.text[end - 1].isspace():
        end -= 1
    if end <= start:
        raise Invalid("Select the words in the document first.", "quote")
    if end - start > _LONGEST_QUOTE:
        raise Invalid("That is too long for one milestone. Select the sentence that says it.", "quote")
    boxes = services.library.boxes(contract.document_sha256, start, end, source)
    return Evidence(
        start=start,
        end=end,
        quote=source.text[start:end],
        page=source.page_of(start),
        section=_section(source, start),
        boxes=boxes,
    )


def _section(source: SourceText, start: int) -> str | None:
    """The number of the innermost section a character stands in."""
    numbers = [section.number for section in source.sections if section.start <= start < section.end and section.number]
    return numbers[-1] if numbers else None


def _form(
    request: Request,
    standing: Standing,
    view: QueueView,
    evidence: Evidence,
    form: dict[str, str],
    error: Invalid | None = None,
) -> Response:
    return render(
        request,
        "parts/add.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        contract=standing.contract,
        evidence=evidence,
        form={**dict.fromkeys(forms.blank_milestone(), ""), **form},
        error=error.message if error else "",
        field=(error.field or "").removeprefix("timing.") if error else "",
        query=view.query,
        **FORM_CHOICES,
    )


def _number(form: dict[str, str], name: str) -> int:
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def _named(session: Session, words: str, page: int) -> list[Contract]:
    statement = select(Contract).order_by(func.coalesce(col(Contract.title), col(Contract.name)), col(Contract.id))
    if words:
        like = [
            func.lower(column).contains(words.lower(), autoescape=True)
            for column in (col(Contract.title), col(Contract.name), col(Contract.contract_type))
        ]
        statement = statement.where(like[0] | like[1] | like[2])
    return list(session.exec(statement.limit(PAGE + 1).offset((page - 1) * PAGE)))


def _life(
    standing: Standing,
    dated: dict[str, Term | Milestone],
    listed: list[tuple[ReviewItem, Term | Milestone | None]],
    services: Services,
) -> Any:
    terms = tuple(value for value in dated.values() if isinstance(value, Term))
    rolling = rolling_term(terms, services.using.calendar, services.using.conventions, standing.facts)
    dues = [
        Due(value, f"/items/{item.id}", item.state.confirmed)
        for item, value in listed
        if isinstance(value, Milestone) and item.id in standing.values
    ]
    return timeline(None if isinstance(rolling, Blocked) else rolling, dues, services.today())


def _csv_line(values: Any) -> str:
    """A line for a spreadsheet, in which nothing that a contract says becomes a formula."""
    written = io.StringIO()
    cells = ["" if value is None else str(value) for value in values]
    csv.writer(written).writerow(["'" + cell if cell.startswith(_FORMULA) else cell for cell in cells])
    return written.getvalue()
