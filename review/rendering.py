"""Pages and parts of pages: the templates, what all of them know, and the headers their answers need."""

import hashlib
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from models.contract import TermField
from models.derivation import date_words, window_words
from review import wording
from review.previewing import value_words
from review.services import services_of

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_PARTS = {"vary": "HX-Request, HX-History-Restore-Request", "cache-control": "no-store"}
"""A path gives a page or a part of one: neither may be taken for the other, nor be shown once it is out of date."""


@cache
def environment() -> Environment:
    """The templates, with what all of them know."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "day": date_words,
        "value": value_words,
        "weekday": wording.weekday,
        "kind": wording.kind_words,
        "sure": wording.confidence_words,
        "flag": wording.flag_words,
        "rule": wording.rule_words,
        "term": wording.term_words,
        "timing": wording.timing_words,
        "when": wording.when_words,
        "amount": wording.amount_words,
        "distance": wording.distance,
        "moment": wording.moment,
        "plainly": wording.plain_words,
        "heading": lambda item: wording.heading(item.title, item.kind, item.term_field is not None),
        "clause": lambda group: wording.heading(group.title, group.kind, group.kind in set(TermField)),
        "name": lambda contract: wording.contract_name(contract.title, contract.name),
        "state": wording.state_words,
        "action": wording.action_words,
        "share": wording.share_words,
        "browser": wording.browser_words,
    }
    made.globals |= {"window": window_words, "static": _static}
    return made


@cache
def _static(name: str) -> str:
    """The path of a static file under the root, with its content's hash: browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def wants_part(request: Request) -> bool:
    """Whether a part of the page is asked for, not all of it. Going back in the browser asks for all."""
    return request.headers.get("hx-request") == "true" and "hx-history-restore-request" not in request.headers


def root_of(request: Request) -> str:
    """What comes before each path where a proxy serves the application under a folder, else empty."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def page(root: str, template: str, **context: Any) -> str:
    """What a template makes of ``context``. Every text in it is escaped."""
    return environment().get_template(template).render({"root": root, **context})


def render(
    request: Request,
    template: str,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """The answer that a template makes. Every text in it is escaped."""
    made = page(root_of(request), template, today=services_of(request).today(), **context)
    return HTMLResponse(made, status, {**_PARTS, **(headers or {})})
