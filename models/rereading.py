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
    """``new`` with the passages of ``old`` where a milestone's passage only takes in more or fewer words.

    A milestone is known by its first passage: with another one it would lose what people decided of it for no reason.
    One that says something else now keeps the new passage as well, after the old one.
    """
    names, before = keys_of(new.milestones), dict(zip(keys_of(old.milestones), old.milestones, strict=True))
    free = {key: one for key, one in before.items() if key not in names}
    kept = list(new.milestones)
    open_ = [at for at, key in enumerate(names) if key not in before]
    for same in (True, False):
        for at in tuple(open_):
            found = _found(kept[at], free, same=same)
            if found is None:
                continue
            name, passage = found
            del free[name]
            open_.remove(at)
            others = kept[at].evidence[1:] if same else kept[at].evidence
            kept[at] = kept[at].model_copy(update={"evidence": (passage, *others)})
    if kept == list(new.milestones):
        return new
    renamed = dict(zip(names, keys_of(kept), strict=True))
    return new.model_copy(update={"milestones": tuple(_renamed(kept, renamed))})


def quote_of(value: Term | Milestone | None) -> str:
    """The words a value rests on; of a passage that was taken further, all of them."""
    if value is None or not value.evidence:
        return ""
    first = value.evidence[0].quote
    return max((one.quote for one in value.evidence if first in one.quote), key=len)


def _renamed(milestones: Sequence[Milestone], names: dict[str, str]) -> list[Milestone]:
    """The milestones with what they wait for by its name of now."""
    return [
        one.model_copy(update={"depends_on": tuple(names.get(key, key) for key in one.depends_on)})
        if one.depends_on
        else one
        for one in milestones
    ]


def _found(new: Milestone, among: dict[str, Milestone], *, same: bool) -> tuple[str, Evidence] | None:
    """The milestone of the same passage, by its name, and where that passage lies; ``same``: that says the same."""
    for name, old in among.items():
        passage = _passage(new, old)
        if passage is not None and (not same or _says_the_same(new, old)):
            return name, passage
    return None


def _says_the_same(one: Milestone, other: Milestone) -> bool:
    """Whether two milestones say the same, whatever those they wait for are called."""
    first, second = (each.model_copy(update={"depends_on": ()}) for each in (one, other))
    return same_value(first, second)


def _passage(new: Milestone, old: Milestone) -> Evidence | None:
    """The passage of ``old`` where it lies in the text that ``new`` was read from; None if the two are not the same."""
    first, was = new.evidence[0], old.evidence[0]
    if new.kind is not old.kind:
        return None
    if was.quote in first.quote:
        start = first.start + first.quote.index(was.quote)
    elif first.quote in was.quote:
        start = first.start - was.quote.index(first.quote)
    else:
        return None
    return was.model_copy(update={"start": start, "end": start + len(was.quote)}) if start >= 0 else None
