"""The routing policy: who reviews what, and what two people must agree on (``rules/policy/routing.yaml`` says how)."""

from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import Field, ValidationError, model_validator

from models.base import Value
from rules.schema import RuleDataError
from rules.tracking_policies import FOLDER, Case, When


class RoutingRule(Value):
    """One rule. It assigns, or asks for a second approval, or both."""

    name: str = Field(min_length=1)
    when: When = When()
    reviewers: tuple[str, ...] = ()
    department: str | None = None
    approvals: int = Field(default=1, ge=1, le=2)

    @model_validator(mode="after")
    def _does_something(self) -> "RoutingRule":
        if self.reviewers and self.department:
            raise ValueError("a rule names reviewers or a department, not both")
        if not self.assigns and self.approvals == 1:
            raise ValueError("a rule names reviewers or a department, or asks for 2 approvals")
        return self

    @property
    def assigns(self) -> bool:
        """Whether it says who reviews."""
        return bool(self.reviewers or self.department)


class RoutingPolicy(Value):
    """All rules, in the order in which they are asked."""

    rules: tuple[RoutingRule, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> "RoutingPolicy":
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two rules are called {', '.join(twice)}")
        return self


class Candidate(NamedTuple):
    """Somebody who may decide."""

    id: str
    name: str
    department: str | None


class Route(NamedTuple):
    """What the rules say of an item: who may get it, how many must agree, and which rules said so."""

    reviewers: tuple[str, ...]
    approvals: int
    rules: tuple[str, ...]


def route(policy: RoutingPolicy, cases: Collection[Case], people: Iterable[Candidate]) -> Route | None:
    """What the rules say of an item; ``cases`` are what is known of it, one for each party of its contract.

    ``reviewers`` are ids, sorted, and empty where nobody is assigned. None where no rule speaks of the item.
    """
    known = list(people)
    reviewers: tuple[str, ...] = ()
    approvals = 1
    named: list[str] = []
    for rule in policy.rules:
        if not any(rule.when.fits(case) for case in cases):
            continue
        found = _of(rule, known) if rule.assigns and not reviewers else ()
        reviewers = reviewers or found
        if found or rule.approvals > approvals:
            named.append(rule.name)
        approvals = max(approvals, rule.approvals)
    return Route(reviewers, approvals, tuple(named)) if named else None


def load_routing(folder: Path | None = None) -> RoutingPolicy:
    """The policy: ``routing.yaml`` of ``folder``, if it is there, else the one that comes with the program.

    Raises ``RuleDataError`` naming the file.
    """
    own = folder / "routing.yaml" if folder else None
    path = own if own and own.is_file() else FOLDER / "routing.yaml"
    try:
        return RoutingPolicy.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise RuleDataError(f"{path}: {error}") from error


@cache
def installed_routing() -> RoutingPolicy:
    """The policy that comes with the program, loaded once."""
    return load_routing()


def _of(rule: RoutingRule, people: Iterable[Candidate]) -> tuple[str, ...]:
    names = {name.casefold() for name in rule.reviewers}
    department = (rule.department or "").casefold()
    return tuple(
        sorted(
            person.id
            for person in people
            if person.name.casefold() in names or (department and (person.department or "").casefold() == department)
        )
    )
