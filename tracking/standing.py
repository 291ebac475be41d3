"""How occurrences and contracts stand on a day. The day is a parameter."""

import datetime as dt
from typing import NamedTuple

from models.contract import TermField, TermState
from models.cycles import Cycle, RollingTerm
from models.derivation import date_words
from models.resolution import Blocked
from models.tracked import ContractStatus, OccurrenceState, Stage, Standing, TrackedContract
from tracking.planning import Term

BEFORE_FORCE = {
    Stage.DRAFT: ContractStatus.DRAFT,
    Stage.IN_REVIEW: ContractStatus.IN_REVIEW,
    Stage.AWAITING_APPROVAL: ContractStatus.AWAITING_APPROVAL,
}
_CLOSED = {
    OccurrenceState.BLOCKED: Standing.BLOCKED,
    OccurrenceState.DONE: Standing.DONE,
    OccurrenceState.WAIVED: Standing.WAIVED,
    OccurrenceState.SUPERSEDED: Standing.SUPERSEDED,
}


def standing(state: OccurrenceState, act_by: dt.date | None, today: dt.date, soon: int) -> Standing:
    """How an occurrence stands: what is planned by its day to act by, ``soon`` days before which it is due soon."""
    if state is not OccurrenceState.PLANNED:
        return _CLOSED[state]
    if act_by is None:
        return Standing.BLOCKED
    left = (act_by - today).days
    if left < 0:
        return Standing.OVERDUE
    if left == 0:
        return Standing.DUE
    return Standing.DUE_SOON if left <= soon else Standing.UPCOMING


class ContractStanding(NamedTuple):
    """How a contract stands: ``missing`` names the fact that an unknown status waits for, ``note`` says more.

    ``changes_on`` is the next day on which the status may be another.
    """

    status: ContractStatus
    cycle: Cycle | None = None
    missing: str | None = None
    note: str | None = None
    ends_on: dt.date | None = None
    changes_on: dt.date | None = None


def contract_standing(
    contract: TrackedContract, term: Term, today: dt.date, *, notice_window: int, expiring: int
) -> ContractStanding:
    """The status of a contract on a day.

    ``notice_window`` is how many days before its deadline a notice without a stated earliest day can be given,
    ``expiring`` how many days before its end a contract counts as expiring.
    """
    stage = contract.settings.stage
    if stage in BEFORE_FORCE:
        return ContractStanding(BEFORE_FORCE[stage])
    if stage is None and contract.draft:
        return ContractStanding(ContractStatus.DRAFT)
    ended = contract.settings.terminated_on
    if ended is not None and ended < today:
        return ContractStanding(ContractStatus.TERMINATED, note=f"ended on {date_words(ended)}", ends_on=ended)
    if isinstance(term.rolling, Blocked):
        return ContractStanding(ContractStatus.UNKNOWN, missing=term.rolling.phrase)
    cycle = term.current
    if cycle is None:
        return _over(contract, term, today)
    days = _Days(term.rolling, cycle, today, notice_window, expiring)
    found = _in_force(contract, days)
    return found._replace(cycle=cycle, ends_on=term.ends_on, changes_on=days.next_change(ended))


def _over(contract: TrackedContract, term: Term, today: dt.date) -> ContractStanding:
    last = contract.decisions[-1] if contract.decisions else None
    if last is not None and last.choice.ends:
        note = f"decided to {last.choice} term {last.cycle}"
        terminated = last.choice == "terminate"
        status = ContractStatus.TERMINATED if terminated else ContractStatus.EXPIRED
        return ContractStanding(status, note=note, ends_on=term.ends_on)
    assert isinstance(term.rolling, RollingTerm)
    if last is not None and last.choice == "renew" and not _renews_by_itself(term.rolling):
        return ContractStanding(ContractStatus.UNKNOWN, missing="end of the term it was renewed for")
    if term.ends_on is not None and term.ends_on >= today:
        return ContractStanding(ContractStatus.UNKNOWN, missing="the term in force on this day")
    return ContractStanding(ContractStatus.EXPIRED, ends_on=term.ends_on)


class _Days(NamedTuple):
    """The days of a cycle that statuses turn on."""

    rolling: RollingTerm
    cycle: Cycle
    today: dt.date
    notice_window: int
    expiring: int

    @property
    def window_opens(self) -> dt.date | None:
        latest = self.cycle.notice_latest
        if latest is None:
            return None
        return self.cycle.notice_earliest or latest - dt.timedelta(days=self.notice_window)

    @property
    def soon(self) -> dt.date | None:
        return self.cycle.end - dt.timedelta(days=self.expiring) if self.cycle.end else None

    def next_change(self, ended: dt.date | None) -> dt.date | None:
        day = dt.timedelta(days=1)
        latest, end = self.cycle.notice_latest, self.cycle.end
        days = [self.window_opens, latest and latest + day, self.soon, end and end + day, ended and ended + day]
        return min((one for one in days if one is not None and one > self.today), default=None)


def _in_force(contract: TrackedContract, days: _Days) -> ContractStanding:
    cycle, today = days.cycle, days.today
    if cycle.blocked_on is not None and cycle.end is None:
        return ContractStanding(ContractStatus.UNKNOWN, missing=cycle.blocked_on)
    if contract.settings.terminated_on is not None:
        return ContractStanding(ContractStatus.EXPIRING, note="terminated")
    if cycle.end is None:
        if _says_perpetual(contract) or cycle.number > 1:
            return ContractStanding(ContractStatus.EVERGREEN)
        return ContractStanding(ContractStatus.UNKNOWN, missing="end of the term")
    decided = contract.decision(cycle.number)
    if decided is not None and decided.choice.ends:
        return ContractStanding(ContractStatus.EXPIRING, note=f"decided to {decided.choice}")
    if decided is not None and decided.choice == "renew":
        return ContractStanding(ContractStatus.ACTIVE, note="decided to renew")
    rolls = _renews_by_itself(days.rolling) and days.rolling.rolls_after(cycle)
    opens = days.window_opens
    if cycle.notice_blocked_on is not None:
        return ContractStanding(ContractStatus.UNKNOWN, missing=cycle.notice_blocked_on)
    if opens is not None and cycle.notice_latest is not None and opens <= today <= cycle.notice_latest:
        note = f"notice until {date_words(cycle.notice_latest)}"
        return ContractStanding(ContractStatus.NOTICE_WINDOW_OPEN, note=note)
    late = cycle.notice_latest is not None and today > cycle.notice_latest
    near = days.soon is not None and today >= days.soon
    if rolls and (late or near):
        note = f"goes on after {date_words(cycle.end)}"
        return ContractStanding(ContractStatus.UP_FOR_RENEWAL, note=note)
    if not rolls and (late or near):
        return ContractStanding(ContractStatus.EXPIRING, note=f"ends on {date_words(cycle.end)}")
    return ContractStanding(ContractStatus.ACTIVE)


def _renews_by_itself(rolling: RollingTerm) -> bool:
    return rolling.renewal is not None and rolling.renewal.automatic


def _says_perpetual(contract: TrackedContract) -> bool:
    """Whether a confirmed term says that there is no end; silence about the end is a missing fact."""
    return any(
        term.field is TermField.EXPIRATION_DATE and (term.perpetual or term.state is TermState.ABSENT)
        for term in contract.terms
    )
