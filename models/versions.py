"""Versions of one contract: a newer draft, the signed copy of a draft, another copy of the same.

A version is told by what two documents share: the parties, the title, most of their words, and no date that
disagrees. It replaces what the earlier one says; what both say stays as it was, with whatever people decided of it.
"""

from collections.abc import Sequence

from models.contract import Milestone
from models.family import Certainty, FamilyRole, Link
from models.linking import Filed, same_parties, same_title
from models.sketch import similarity
from models.successors import predecessors, says_again
from models.term import Term, TermState

ALIKE = 0.6
"""Share of the words that versions have in common at least. Contracts on one template have other dates or parties."""
_TOLD = ("notice", "renewal", "expr", "text", "parties", "amount", "perpetual", "state")


def version_of(new: Filed, known: Sequence[Filed]) -> Link | None:
    """The document that a new one is a version of, the most alike; None where there is none.

    Never certain: which version counts is for a person to say.
    """
    if new.references or not new.sketch:
        return None
    alike = [(similarity(new.sketch, one.sketch), one) for one in known if _may_be_one(new, one)]
    share, found = max(alike, key=lambda pair: pair[0], default=(0.0, None))
    if found is None or share < ALIKE:
        return None
    role = _role(new, found)
    dated = new.agreement_date is not None and new.agreement_date == found.agreement_date
    words = {
        FamilyRole.NEWER_DRAFT: "Both are drafts; this one came later.",
        FamilyRole.EXECUTION_COPY: "The other is a draft; this one is signed.",
        FamilyRole.COPY: "It says what the other says.",
    }
    reasons = [
        f"{round(100 * share)} % of the words of both are in both.",
        f'The title is the same: "{new.title}".',
        "The parties are the same.",
        *(["Both bear the same date."] if dated else []),
        words[role],
    ]
    return Link(
        child=new.key,
        parent=found.key,
        role=role,
        certainty=Certainty.PROPOSED,
        reasons=tuple(reasons),
    )


def _may_be_one(new: Filed, known: Filed) -> bool:
    if known.key == new.key or known.references:
        return False
    days = (new.agreement_date, known.agreement_date), (new.effective_date, known.effective_date)
    disagree = any(one and other and one != other for one, other in days)
    return not disagree and same_title(new, known) and same_parties(new, known)


def _role(new: Filed, known: Filed) -> FamilyRole:
    if new.draft and known.draft:
        return FamilyRole.NEWER_DRAFT
    return FamilyRole.EXECUTION_COPY if known.draft else FamilyRole.COPY


def newer_terms(old: Sequence[Term], new: Sequence[Term], *, whole: bool) -> list[tuple[Term, bool]]:
    """The terms once a newer version counts, each with whether it is the newer one's.

    Without ``whole`` what the newer one does not state stays: a scan may not have been read well.
    """
    stated = {term.field: term for term in new}
    found = []
    for term in old:
        other = stated.get(term.field)
        keeps = other is None or _same(term, other) or (not whole and other.state is TermState.ABSENT)
        found.append((term, False) if keeps or other is None else (other, True))
    return found


def newer_milestones(
    old: Sequence[Milestone], new: Sequence[Milestone], *, whole: bool
) -> list[tuple[Milestone, bool]]:
    """The milestones once a newer version counts, each with whether it is the newer one's or was changed by it.

    One that is changed keeps its own passage last, by which it is known.
    """
    before = predecessors(new, old)
    after = {at: one for one, at in zip(new, before, strict=True) if at is not None}
    found: list[tuple[Milestone, bool]] = []
    for at, one in enumerate(old):
        other = after.get(at)
        if other is None:
            found += [] if whole else [(one, False)]
        elif says_again(other, one):
            found.append((one, False))
        else:
            found.append((other.model_copy(update={"evidence": (*other.evidence, *one.evidence)}), True))
    return found + [(one, True) for one, at in zip(new, before, strict=True) if at is None]


def _same(one: Term, other: Term) -> bool:
    if one.field.value in ("title", "parties", "contract_type", "governing_law"):
        return other.state is not TermState.FOUND or _plain(one) == _plain(other)
    return all(getattr(one, name) == getattr(other, name) for name in _TOLD)


def _plain(term: Term) -> str:
    names = [party.name for party in term.parties]
    return " ".join(" ".join([term.text or "", *sorted(names)]).lower().split())
