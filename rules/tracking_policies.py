"""Policies of tracking: who is reminded when, who owns what, which reviews are held.

They are data, like the rules of extraction, but not part of their version: a new ladder of reminders is no reason to
read the contracts again. A folder of one's own may hold a copy of any of the files, which then takes its place.
"""

import datetime as dt
import hashlib
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from models.base import Value
from models.tracked import Risk
from rules.schema import RuleDataError

FOLDER = Path(__file__).parent / "policy"


class Case(Value):
    """What a rule of a policy is told of a milestone and its contract."""

    kind: str
    contract_type: str | None = None
    department: str | None = None
    counterparty: str | None = None
    value: Decimal | None = None
    currency: str | None = None
    risk: Risk | None = None


class When(Value):
    """Which cases a rule fits: all that is said must hold, what is left out fits everything. Letter case is ignored."""

    kinds: tuple[str, ...] = ()
    contract_types: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    counterparties: tuple[str, ...] = ()
    currency: str | None = None
    min_value: Decimal | None = Field(default=None, ge=0)
    risk: tuple[Risk, ...] = ()

    def fits(self, case: Case) -> bool:
        """Whether the rule speaks of the case. A contract without a value is below every ``min_value``."""
        return (
            _among(case.kind, self.kinds)
            and _among(case.contract_type, self.contract_types)
            and _among(case.department, self.departments)
            and _among(case.counterparty, self.counterparties)
            and (self.currency is None or case.currency == self.currency)
            and (self.min_value is None or (case.value is not None and case.value >= self.min_value))
            and (not self.risk or case.risk in self.risk)
        )


def _among(word: str | None, words: tuple[str, ...]) -> bool:
    return not words or (word is not None and word.casefold() in {one.casefold() for one in words})


class Override(Value):
    """A ladder for some cases."""

    name: str
    when: When
    ladder: tuple[int, ...] = Field(min_length=1)


class Escalation(Value):
    """Whom a reminder that nobody acknowledges goes to, and after how many business days.

    Steps farther from the deadline than ``from_`` days do not escalate.
    """

    from_: int = Field(alias="from", ge=0)
    deputy_after: int = Field(ge=1)
    group_after: int = Field(ge=1)


class Delivery(Value):
    """How messages are handed over; times in minutes, ``links`` in days."""

    attempts: int = Field(ge=1)
    retry_after: tuple[int, ...] = Field(min_length=1)
    claim_timeout: int = Field(ge=1)
    bundle_from: int = Field(ge=2)
    text: Literal["title", "full"] = "title"
    links: int = Field(default=30, ge=0, le=400)

    def wait(self, attempts: int) -> dt.timedelta:
        """How long to wait after so many tries."""
        return dt.timedelta(minutes=self.retry_after[min(attempts, len(self.retry_after)) - 1])


class Weekday(StrEnum):
    """Days of the week, and none of them."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    NONE = "none"


class Digest(Value):
    """The weekly list of what is open."""

    weekday: Weekday
    days: int = Field(ge=1)


class ReminderPolicy(Value):
    """``reminders.yaml``; its comments say what each part means."""

    at: dt.time
    quiet: tuple[Literal["weekend", "holidays"], ...] = ()
    due_soon: int = Field(ge=0)
    notice_window: int = Field(ge=0)
    expiring: int = Field(ge=0)
    ladders: dict[str, tuple[int, ...]]
    overrides: tuple[Override, ...] = ()
    happenings: tuple[str, ...] = ()
    overdue: tuple[int, ...] = ()
    escalation: Escalation
    look_back: int = Field(ge=0)
    horizon: int = Field(ge=62, le=3_700)
    delivery: Delivery
    digest: Digest

    @field_validator("at", mode="before")
    @classmethod
    def _clock(cls, value: object) -> object:
        # YAML reads 9:30 without quotes as a number of minutes.
        if isinstance(value, int):
            return dt.time(*divmod(value, 60)) if 0 <= value < 24 * 60 else value
        return value

    @model_validator(mode="after")
    def _ladders_stand(self) -> "ReminderPolicy":
        if "other" not in self.ladders:
            raise ValueError("ladders: a ladder for `other` kinds is missing")
        steps = [*self.ladders.values(), *(one.ladder for one in self.overrides)]
        for ladder in steps:
            if not ladder or min(ladder) < 0:
                raise ValueError("ladders: steps are 0 or more days before the day to act by, at least one")
            if max(ladder) > self.horizon - 61:
                raise ValueError(f"ladders: {max(ladder)} days and two months do not fit into {self.horizon} days")
        if any(day < 1 for day in self.overdue):
            raise ValueError("overdue: days after the deadline are counted from 1")
        return self

    def ladder(self, case: Case, contract: dict[str, tuple[int, ...]], own: tuple[int, ...] | None) -> tuple[int, ...]:
        """The lead times of a milestone, the longest first: its own, its contract's, an override's, its kind's."""
        found = own if own is not None else contract.get(case.kind)
        if found is None:
            found = next((one.ladder for one in self.overrides if one.when.fits(case)), None)
        if found is None:
            found = self.ladders.get(case.kind, self.ladders["other"])
        return tuple(sorted(set(found), reverse=True))


class Route(Value):
    """A rule that names an owner for some cases."""

    name: str
    when: When
    owner: str


class OwnerPolicy(Value):
    """``owners.yaml``; its comments say what each part means."""

    fallback: str
    kinds: dict[str, str] = Field(default_factory=dict)
    departments: dict[str, dict[str, str]] = Field(default_factory=dict)
    routing: tuple[Route, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Every owner the policy names, once."""
        owners = [self.fallback, *self.kinds.values(), *(route.owner for route in self.routing)]
        owners += [owner for kinds in self.departments.values() for owner in kinds.values()]
        return tuple(dict.fromkeys(owners))


class ReviewRule(Value):
    """Reviews of the contracts that fit."""

    name: str = Field(pattern=r"^[\w -]+$")
    title: str
    when: When
    every: Literal["monthly", "quarterly", "semiannual", "annual"]


class ReviewPolicy(Value):
    """``reviews.yaml``; its comments say what each part means."""

    reviews: tuple[ReviewRule, ...] = ()


class Policies(Value):
    """All policies of tracking. ``version`` is a digest of them: plans made by another one are made anew."""

    reminders: ReminderPolicy
    owners: OwnerPolicy
    reviews: ReviewPolicy
    version: str


_KINDS: dict[str, type[Value]] = {"reminders": ReminderPolicy, "owners": OwnerPolicy, "reviews": ReviewPolicy}


def load_policies(folder: Path | None = None) -> Policies:
    """The policies; a file of ``folder`` stands before the installed one. Raises ``RuleDataError`` naming the file."""
    digest = hashlib.sha256()
    loaded: dict[str, Value] = {}
    for stem, kind in _KINDS.items():
        own = folder / f"{stem}.yaml" if folder else None
        path = own if own and own.is_file() else FOLDER / f"{stem}.yaml"
        raw = path.read_bytes()
        digest.update(raw + b"\0")
        try:
            loaded[stem] = kind.model_validate(yaml.safe_load(raw))
        except (yaml.YAMLError, ValidationError) as error:
            raise RuleDataError(f"{path}: {error}") from error
    return Policies.model_validate({**loaded, "version": digest.hexdigest()[:16]})


@cache
def installed_policies() -> Policies:
    """The policies that come with the program, loaded once."""
    return load_policies()
