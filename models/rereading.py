"""Comparing two readings of one document: which values say the same to people, and which passages are the same."""

from collections.abc import Sequence

from models.contract import Milestone, Outcome, Term, TermState
from models.evidence import Evidence
from models.milestone_keys import keys_of

ASIDE = {"confidence", "derivation", "flags", "evidence", "rule", "rank", "occurrences", "cycles", "alternatives"}
"""What of a value says how it was found, or follows from the rest: a difference in it alone is none for people."""


def same_value(one: Term | Milestone | None, other: Term | Milestone | None) -> bool:
    """Whether two values say the same to people. A term that was not found is no value."""
    one, other = present(one), present(other)
    if one is None or other is None:
        return one is other
    return one.model_dump(mode="json", exclude=ASIDE) == other.model_dump(mode="json", exclude=ASIDE)


def present(value: Term | Milestone | None) -> Term | Milestone | None:
    """The value, None for a term that was not found."""
    return None if isinstance(value, Term) and value.state is TermState.ABSENT else value


def steadied(new: Outcome, old: Outcome) -> Outcome:
    """``new`` with the passages of ``old`` where a milestone says the same and only takes in more or fewer words.

    A milestone is known by its passage: with another one it would lose what people decided of it for no reason.
    """
    before = dict(zip(keys_of(old.milestones), old.milestones, strict=True))
    names = keys_of(new.milestones)
    free = {key: one for key, one in before.items() if key not in names}
    kept: list[Milestone] = []
    for key, one in zip(names, new.milestones, strict=True):
        found = None if key in before else _found(one, free)
        if found is not None:
            name, passage = found
            del free[name]
            one = one.model_copy(update={"evidence": (passage, *one.evidence[1:])})
        kept.append(one)
    if kept == list(new.milestones):
        return new
    renamed = dict(zip(names, keys_of(kept), strict=True))
    return new.model_copy(update={"milestones": tuple(_renamed(kept, renamed))})


def _renamed(milestones: Sequence[Milestone], names: dict[str, str]) -> list[Milestone]:
    """The milestones with what they wait for by its name of now."""
    return [
        one.model_copy(update={"depends_on": tuple(names.get(key, key) for key in one.depends_on)})
        if one.depends_on
        else one
        for one in milestones
    ]


def _found(new: Milestone, among: dict[str, Milestone]) -> tuple[str, Evidence] | None:
    """The milestone that says the same of the same passage, by its name, and where that passage lies."""
    for name, old in among.items():
        if (passage := _steady(new, old)) is not None:
            return name, passage
    return None


def _steady(new: Milestone, old: Milestone) -> Evidence | None:
    """The passage of ``old`` where it lies in the text that ``new`` was read from; None if the two are not the same."""
    first, was = new.evidence[0], old.evidence[0]
    if new.kind is not old.kind or not same_value(
        new.model_copy(update={"depends_on": ()}), old.model_copy(update={"depends_on": ()})
    ):
        return None
    if was.quote in first.quote:
        start = first.start + first.quote.index(was.quote)
    elif first.quote in was.quote:
        start = first.start - was.quote.index(first.quote)
    else:
        return None
    if start < 0:
        return None
    return was.model_copy(update={"start": start, "end": start + len(was.quote)})
