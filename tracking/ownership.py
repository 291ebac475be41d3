"""Who a milestone belongs to: by what people chose, by rule, by department and kind; never nobody."""

from typing import NamedTuple

from models.tracked import ContractSettings
from rules.tracking_policies import Case, OwnerPolicy
from store.tracking_owners import Directory


class Assigned(NamedTuple):
    """An owner, and why it is that one."""

    owner_id: str
    why: str


def assign(
    policy: OwnerPolicy, directory: Directory, case: Case, settings: ContractSettings, chosen: str | None = None
) -> Assigned:
    """The owner of a milestone, the strongest reason first (``owners.yaml`` says which).

    Whoever left is followed to their successor. A name that no owner has, or one of somebody who left without a
    successor, is passed over; the fallback team always exists.
    """
    for name, why in _candidates(policy, directory, case, settings, chosen):
        found = directory.standing_in(name)
        if found is not None:
            return Assigned(found, why)
    raise ValueError(f"there is no owner called {policy.fallback!r}, nor anybody who replaced them")


def _candidates(
    policy: OwnerPolicy, directory: Directory, case: Case, settings: ContractSettings, chosen: str | None
) -> list[tuple[str | None, str]]:
    routed = next((route for route in policy.routing if route.when.fits(case)), None)
    department = case.department or ""
    of_department = {name.casefold(): kinds for name, kinds in policy.departments.items()}.get(department.casefold())
    return [
        (chosen, "chosen for it"),
        (directory.id_of(routed.owner) if routed else None, f"rule: {routed.name}" if routed else ""),
        (settings.owner, "owner of the contract"),
        (directory.id_of((of_department or {}).get(case.kind)), f"department: {department}"),
        (directory.id_of(policy.kinds.get(case.kind)), f"kind: {case.kind}"),
        (directory.id_of(policy.fallback), "nobody else"),
    ]
