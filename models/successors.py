"""Which milestone of an amendment is one that the contract has already: the same said again, or the same moved.

What people decided about a milestone belongs to the milestone, not to the words that last stated it. So the new text of
a clause moves the milestones of the old one where it speaks of the same thing, and a duty that an amendment only says
again stays the one it was.
"""

from collections.abc import Callable, Sequence

from models.contract import Milestone, MilestoneKind

_ONE_OF_A_KIND = frozenset({MilestoneKind.EFFECTIVE, MilestoneKind.EXPIRATION, MilestoneKind.RENEWAL})
"""What a clause has once: the end of the term stays the end of the term, whatever its words."""


def says_again(new: Milestone, known: Milestone) -> bool:
    """Whether ``new`` states what is known: the same kind and timing, and the same amount or, without one, name."""
    if new.kind is not known.kind or _timing(new) != _timing(known) or not any(_timing(new)):
        return False
    if new.amount is None or known.amount is None:
        return new.amount is known.amount and new.title == known.title
    return (new.amount.value, new.amount.currency) == (known.amount.value, known.amount.currency)


def predecessors(new: Sequence[Milestone], gone: Sequence[Milestone]) -> list[int | None]:
    """For each milestone of a clause's new text the place among those of its old text that it moves, or None.

    Each old one is moved once: by the one that says the same, then of the same name, then of a kind that both texts
    have once.
    """
    found: list[int | None] = [None] * len(new)
    for alike in (says_again, _same_name, _alone(new, gone)):
        for index, one in enumerate(new):
            if found[index] is None:
                free = (at for at, old in enumerate(gone) if at not in found and alike(one, old))
                found[index] = next(free, None)
    return found


def _same_name(new: Milestone, old: Milestone) -> bool:
    return new.kind is old.kind and new.title == old.title


def _alone(new: Sequence[Milestone], old: Sequence[Milestone]) -> Callable[[Milestone, Milestone], bool]:
    """Whether two milestones are the only ones of their kind, in the new text and in the old."""
    kinds = [[one.kind for one in side] for side in (new, old)]
    single = {kind for kind in kinds[0] if all(side.count(kind) == 1 for side in kinds)} | _ONE_OF_A_KIND
    return lambda one, other: one.kind is other.kind and one.kind in single


def _timing(one: Milestone) -> tuple[object, ...]:
    return one.expr, one.recurrence, one.offset, one.direction, one.anchor
