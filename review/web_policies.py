"""The policies of the review as people see them: what is accepted without a person, and who gets what to decide."""

from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from models.actor import Actor, Role
from models.decision import PROGRAM
from models.proportion import Proportion
from review import accepting, autoaccept, undoing
from review.autoaccept import AutoAccept, broken_promise
from review.errors import Invalid, ReviewError
from review.permissions import Admin, Viewer
from review.queue_view import KINDS
from review.rendering import render, root_of
from review.screen import Filled, texts_of, version_in
from review.services import Services, services_of
from review.wording import case_words
from store.engine import reading, writing

router = APIRouter(include_in_schema=False)


@router.get("/policies")
def policies(request: Request, actor: Viewer) -> Response:
    """What the policies are, and how right the one that accepts has been."""
    return _page(request, actor)


@router.post("/policies/auto-accept")
def change(request: Request, actor: Admin, filled: Filled) -> Response:
    """Switch acceptance by policy on or off, or change what it promises."""
    services = services_of(request)
    try:
        version = version_in(texts_of(filled))
        with writing(services.engine) as session:
            autoaccept.save(session, _policy(filled), version, actor, services.now())
    except Invalid as error:
        return _page(request, actor, trouble=error.message, status=HTTPStatus.UNPROCESSABLE_ENTITY, filled=filled)
    return RedirectResponse(f"{root_of(request)}/policies", HTTPStatus.SEE_OTHER)


@router.post("/policies/auto-accept/run")
def accept_now(request: Request, actor: Admin) -> Response:
    """Accept what the policy allows."""
    services = services_of(request)
    done = accepting.accept_all(services.engine, services.now(), using=services.using)
    left = f", {done.sampled} left to people as the sample" if done.sampled else ""
    said = f"{done.items} {'item' if done.items == 1 else 'items'} accepted{left}."
    return _page(request, actor, said=said, bulk_id=done.bulk_id if done.items else "")


@router.post("/policies/auto-accept/undo")
def undo(request: Request, actor: Admin, bulk_id: Annotated[str, Form(max_length=100)]) -> Response:
    """Take back what one run accepted."""
    services = services_of(request)
    try:
        with writing(services.engine) as session:
            undone = undoing.undo_bulk(session, actor, services.now(), bulk_id, using=services.using)
    except ReviewError as error:
        return _page(request, actor, trouble=error.message, status=HTTPStatus.CONFLICT)
    return _page(request, actor, said=f"Undone: {len(undone.items)} items wait again.")


def _policy(filled: FormData) -> AutoAccept:
    """The policy that a form states. Raises ``Invalid``."""
    form = texts_of(filled)
    kinds = tuple(dict.fromkeys(kind for kind in filled.getlist("kind") if kind in KINDS))
    try:
        return AutoAccept(
            on=form.get("on") == "yes",
            precision=_share(form, "precision"),
            sample=_share(form, "sample"),
            fewest=int(form.get("fewest", "")),
            kinds=() if len(kinds) == len(KINDS) else kinds,
        )
    except ValidationError as error:
        raise Invalid(_WRONG[str(error.errors()[0]["loc"][0])]) from error
    except ValueError as error:
        raise Invalid(_WRONG["fewest"]) from error


_WRONG = {
    "precision": "Ask for at least 50 % and less than 100 % right: nothing is never wrong.",
    "sample": "Leave at least 1 % and at most 100 % to people: without a sample nobody knows how right the rest is.",
    "fewest": "Ask for at least 10 decisions of a kind, as a whole number.",
    "kinds": "There is no such kind.",
}


def _share(form: dict[str, str], name: str) -> float:
    try:
        return float(Decimal(form.get(name, "").strip().rstrip("%").replace(",", ".")) / 100)
    except InvalidOperation:
        raise Invalid(_WRONG[name]) from None


def _page(
    request: Request,
    actor: Actor,
    *,
    trouble: str = "",
    said: str = "",
    bulk_id: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    filled: FormData | None = None,
) -> Response:
    services = services_of(request)
    with reading(services.engine) as session:
        standing = autoaccept.standing(session)
        marked = autoaccept.sampled(session)
        bars = [(bar, autoaccept.waiting(session, bar)) for bar in standing.bars]
    policy = standing.policy
    form = {
        "precision": _percent(policy.precision),
        "sample": _percent(policy.sample),
        "fewest": str(policy.fewest),
        **(texts_of(filled) if filled else {}),
    }
    return render(
        request,
        "policies.html",
        status,
        actor=actor,
        section="policies",
        standing=standing,
        policy=policy,
        marked=marked,
        bars=bars,
        ready=sum(count for bar, count in bars if not policy.kinds or bar.kind in policy.kinds),
        promised=1 - policy.precision,
        breaks=broken_promise(policy, standing.errors) if policy.on else None,
        interval=_interval(standing.errors, 1 - policy.precision),
        may_change=actor.may(Role.ADMIN),
        program=PROGRAM.id,
        form=form,
        kinds=KINDS,
        ticked=set(filled.getlist("kind")) if filled else set(policy.kinds),
        trouble=trouble,
        said=said,
        bulk_id=bulk_id,
        rules=_rules(services),
    )


def _interval(errors: Proportion, promised: float) -> dict[str, float] | None:
    """Where a drawing of 100 units has the measured share, its interval, and what was promised."""
    if errors.share is None:
        return None
    whole = min(1.0, max(errors.high, 2 * promised))
    return {
        "low": round(100 * errors.low / whole, 2),
        "high": round(100 * errors.high / whole, 2),
        "share": round(100 * errors.share / whole, 2),
        "promised": round(100 * promised / whole, 2),
        "whole": whole,
    }


def _rules(services: Services) -> list[dict[str, Any]]:
    return [
        {
            "name": rule.name,
            "when": case_words(rule.when),
            "who": ", ".join(rule.reviewers) or (f"the department {rule.department}" if rule.department else ""),
            "approvals": rule.approvals,
        }
        for rule in services.routing.rules
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.4f}".rstrip("0").rstrip(".")
