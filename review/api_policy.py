"""The JSON API of what decisions are used for: acceptance by policy, and how right each rule is."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from models.proportion import Proportion
from review import autoaccept, feedback
from review.api_problems import PreconditionRequired, ProblemRoute, answers
from review.api_shapes import ItemOut, Shape
from review.autoaccept import AutoAccept
from review.errors import Invalid
from review.permissions import Admin, Viewer
from review.services import Services, services_of
from store.engine import reading, writing

router = APIRouter(tags=["policy"], route_class=ProblemRoute)

Used = Annotated[Services, Depends(services_of)]


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


def _policy_version(
    if_match: Annotated[str | None, Header(description='The policy\'s ETag, as in `"3"`.', max_length=100)] = None,
) -> int:
    if if_match is None:
        raise PreconditionRequired
    number = if_match.strip().removeprefix('"').removesuffix('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Invalid('If-Match is the ETag of the policy, as in "3".', "if-match")
    return int(number)


@router.get("/auto-accept", operation_id="get_auto_accept", responses=answers())
def get_auto_accept(_: Viewer, services: Used, response: Response) -> AutoAcceptOut:
    """The policy, the bar of each kind, and the error rate that was measured."""
    with reading(services.engine) as session:
        return _told(autoaccept.standing(session), response)


@router.put(
    "/auto-accept",
    operation_id="set_auto_accept",
    responses=answers(HTTPStatus.PRECONDITION_REQUIRED),
)
def set_auto_accept(
    actor: Admin,
    version: Annotated[int, Depends(_policy_version)],
    services: Used,
    response: Response,
    body: AutoAccept,
) -> AutoAcceptOut:
    """Set the policy, or switch it on or off."""
    with writing(services.engine) as session:
        autoaccept.save(session, body, version, actor, services.now())
        return _told(autoaccept.standing(session), response)


@router.post("/auto-accept/run", operation_id="run_auto_accept", responses=answers())
def run_auto_accept(_: Admin, services: Used) -> RunOut:
    """Accept by policy what clears the bar, up to 200 items. Does nothing while the policy is off."""
    with writing(services.engine) as session:
        done = autoaccept.run(session, services.now(), using=services.using)
    accepted = [ItemOut.model_validate(item) for item in done.accepted]
    return RunOut(bulk_id=done.bulk_id, accepted=accepted, sampled=done.sampled, policy=done.policy)


@router.get("/rules", operation_id="list_rule_errors", responses=answers())
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
