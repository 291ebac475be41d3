"""Two hundred made-up contracts of every shape, the same each time."""

import random

from models.dateexpr import Anchor, AnchorName
from models.tracked import ContractSettings, Risk, TrackedContract
from tests.tracking.building import (
    after_event,
    contract,
    effective,
    lasting,
    milestone,
    monthly,
    noticed,
    payment,
    perpetual,
    renewing,
    until,
)

STARTS = (
    "2023-01-31", "2023-08-31", "2024-02-29", "2024-03-01", "2024-12-31", "2025-01-01", "2025-04-15", "2025-06-30",
    "2025-07-19", "2025-10-31", "2025-11-30", "2026-01-05",
)  # fmt: skip
NOTICES = ("30 days", "60 days", "90 days", "1 month", "3 months", "6 weeks", "10 business days")


def portfolio(size: int = 200) -> list[TrackedContract]:
    chance = random.Random(7)
    return [_one(number, chance) for number in range(size)]


def _one(number: int, chance: random.Random) -> TrackedContract:
    start = STARTS[number % len(STARTS)]
    settings = ContractSettings(risk=Risk.LOW if number % 40 == 0 else None)
    shape = number % 10
    name = f"Contract {number:03}"
    notice = noticed(chance.choice(NOTICES))
    match shape:
        case 0 | 1 | 2:
            terms = (effective(start), lasting("1 year"), renewing("1 year"), notice)
            return contract(name, *terms, settings=settings)
        case 3:  # the initial term is not the renewal term
            return contract(name, effective(start), lasting("36 months"), renewing("12 months"), noticed("3 months"))
        case 4:  # from month to month
            length = "1 month" if number < 60 else "6 months"
            return contract(name, effective(start), lasting(length), renewing(length), noticed("10 days"))
        case 5:  # ends, and pays until then
            return contract(name, effective(start), lasting("2 years"), milestones=[payment(f"fee {number}", start)])
        case 6:  # reports after each quarter
            report = monthly(
                "2025-01-01", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", due={"count": 45, "unit": "day"}
            )
            return contract(
                name, effective(start), perpetual(), milestones=[milestone(f"report {number}", "report", report)]
            )
        case 7:  # one thing after another
            first = milestone(f"delivery {number}", "delivery", date="2026-09-15")
            second = milestone(
                f"acceptance {number}",
                "delivery",
                after_event("delivery of the system", "30 days"),
                waits_for=(first.key,),
            )
            return contract(name, effective(start), until("2028-02-29"), milestones=[first, second])
        case 8:  # renews twice at most
            return contract(name, effective(start), lasting("1 year"), renewing("1 year", times=2), notice)
    yearly = milestone(f"audit {number}", "review", monthly("2024-02-29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"))
    blocked = milestone(f"bonus {number}", "payment", Anchor(name=AnchorName.ACCEPTANCE))
    return contract(name, effective(start), milestones=[yearly, blocked])
