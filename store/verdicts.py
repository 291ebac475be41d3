"""What the ledger says of an outcome."""

from models.contract import Outcome, Status
from models.problem import Category
from store.planning import Verdict
from store.tables import LedgerState

_STATES = {
    Category.NO_TEXT_LAYER: LedgerState.NEEDS_OCR,
    Category.ENCRYPTED: LedgerState.ENCRYPTED,
    Category.UNSUPPORTED: LedgerState.UNSUPPORTED,
    Category.CONTAINER: LedgerState.UNSUPPORTED,
    Category.NOT_A_CONTRACT: LedgerState.UNSUPPORTED,
}
"""Problems that have a state of their own; all others mean failed."""


def verdict(outcome: Outcome) -> Verdict:
    """The ledger state an outcome means, with the category and message of the problem that decided it.

    A partial outcome is done, and keeps its first problem as the reason. Of the problems of a failed one, the first
    with a state of its own decides, else the first.
    """
    problems = outcome.problems
    match outcome.status:
        case Status.OK:
            return Verdict(LedgerState.DONE)
        case Status.PARTIAL if problems:
            return Verdict(LedgerState.DONE, problems[0].category, problems[0].message)
        case Status.PARTIAL:
            return Verdict(LedgerState.DONE)
        case Status.FAILED if problems:
            problem = next((problem for problem in problems if problem.category in _STATES), problems[0])
            state = _STATES.get(problem.category, LedgerState.FAILED)
            return Verdict(state, problem.category, problem.message)
        case Status.FAILED:
            return Verdict(LedgerState.FAILED, Category.INTERNAL, "Reading failed and gave no reason.")
