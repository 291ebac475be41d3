"""The JSON API of what decisions are used for: acceptance by policy, and how right each rule is."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import Response

from models.proportion import Proportion
from review import autoaccept, feedback
from review.api_problems import errors
from review.api_requests import Used, items_out, routes, version_of
from review.api_shapes import ItemOut, Shape
from review.autoaccept import AutoAccept
from review.permissions import Admin, Viewer
from store.engine import reading, writing

router = routes("policy")


class ShareOut(Shape):
    """``count`` of ``total``, with the bounds of its 95 % interval."""

    count: int
    total: int
    share: float | None
    low: float
    high: float


class BarOut(Shape):
    """The confidence from which on a kind may be accepted by policy; None: nothing proves any."""

    kind: str
    confidence: float | None
    right: ShareOut


class AutoAcceptOut(Shape):
    """Acceptance by policy as it stands. ``version`` is its ETag, 0 while nobody has set it."""

    policy: AutoAccept
    version: int
    bars: list[BarOut]
    errors: ShareOut
    accepted: int


class RunOut(Shape):
    """What one run did; ``bulk_id`` undoes it."""

    bulk_id: str
    accepted: list[ItemOut]
    sampled: int
    policy: AutoAccept


class RuleOut(Shape):
    """How people decided on what a rule found."""

    rule: str
    kind: str
    accepted: int
    corrected: int
    rejected: int
    wrong: ShareOut


class RulesOut(Shape):
    """Each rule, those with the most errors first, and the milestones of each kind that people had to add."""

    rules: list[RuleOut]
    missed: dict[str, int]


@router.get("/auto-accept")
def get_auto_accept(_: Viewer, services: Used, response: Response) -> AutoAcceptOut:
    """The policy, the bar of each kind, and the error rate that was measured."""
    with reading(services.engine) as session:
        return _told(autoaccept.standing(session), response)


@router.put("/auto-accept", responses=errors(HTTPStatus.PRECONDITION_REQUIRED))
def set_auto_accept(
    actor: Admin,
    version: Annotated[int, version_of("policy")],
    services: Used,
    response: Response,
    body: AutoAccept,
) -> AutoAcceptOut:
    """Set the policy, or switch it on or off."""
    with writing(services.engine) as session:
        autoaccept.save(session, body, version, actor, services.now())
        return _told(autoaccept.standing(session), response)


@router.post("/auto-accept/run")
def run_auto_accept(_: Admin, services: Used) -> RunOut:
    """Accept by policy what clears the bar, up to 200 items. Does nothing while the policy is off."""
    with writing(services.engine) as session:
        done = autoaccept.run(session, services.now(), using=services.using)
    return RunOut(bulk_id=done.bulk_id, accepted=items_out(done.accepted), sampled=done.sampled, policy=done.policy)


@router.get("/rules")
def list_rule_errors(_: Viewer, services: Used) -> RulesOut:
    """How right each rule is, by what people decided."""
    with reading(services.engine) as session:
        found, missed = feedback.rule_errors(session), feedback.missed(session)
    rules = [RuleOut(**one._asdict() | {"wrong": _share(one.wrong)}) for one in found]
    return RulesOut(rules=rules, missed=missed)


def _told(standing: autoaccept.Standing, response: Response) -> AutoAcceptOut:
    response.headers["etag"] = f'"{standing.version}"'
    return AutoAcceptOut(
        policy=standing.policy,
        version=standing.version,
        bars=[BarOut(kind=bar.kind, confidence=bar.confidence, right=_share(bar.proof)) for bar in standing.bars],
        errors=_share(standing.errors),
        accepted=standing.accepted,
    )


def _share(proportion: Proportion) -> ShareOut:
    return ShareOut(**asdict(proportion), share=proportion.share)
