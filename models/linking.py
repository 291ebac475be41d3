"""Which stored document another one belongs to, by what it says of itself. Pure: facts in, proposals out.

A link needs more than a shared party: companies sign hundreds of contracts with one another. What counts is whether
the date the document says the other bears, the other's title or number, and the parties agree with what is known of
the candidate, and that nothing disagrees.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from models.base import Value
from models.contract import Outcome
from models.family import Certainty, FamilyRole, Link, Reference, own_role
from models.term import TermField

_LEGAL_FORM = re.compile(
    r"\b(?:incorporated|inc|corporation|corp|company|co|limited|ltd|llc|lc|llp|lp|plc|gmbh|ag|kg|sa|sas|sarl|srl|spa|nv|bv|"
    r"ab|oy|as|kk|pty|pte|bhd|sdn|gie|holdings?|group)\b"
)
_FILLER = frozenset(
    re.findall(r"\w+", "the a an of to for and by between certain that amended restated as no number dated")
)
_SAME = {"distribution": "distributor", "licence": "license", "licensing": "license", "servicing": "services"}
_INSTRUMENT = frozenset({"agreement", "contract", "deed", "addendum", "amendment", "memorandum", "letter"})
"""Words that say no more than that it is one."""
_PARENTS = frozenset({FamilyRole.MASTER, FamilyRole.RESTATEMENT})
NEAR = 2
"""Differing letters within which two long names are taken for one, misspelt ("Stremick's", "Stremicks")."""


class Filed(Value):
    """What is known of one document, as far as linking needs it. ``key`` is the caller's name for it."""

    key: str
    title: str | None = None
    parties: tuple[str, ...] = ()
    agreement_date: dt.date | None = None
    effective_date: dt.date | None = None
    references: tuple[Reference, ...] = ()
    opening: str | None = None
    """The document's first words, if the caller has them: names and numbers are looked for there as well."""
    draft: bool = False
    sketch: tuple[int, ...] = ()
    """Of its words (``models.sketch``), by which versions of one contract are told."""

    @classmethod
    def of(cls, key: str, outcome: Outcome, opening: str | None = None) -> "Filed":
        """The facts of a document that was read."""
        title, parties = outcome.term(TermField.TITLE), outcome.term(TermField.PARTIES)
        agreed, effective = outcome.term(TermField.AGREEMENT_DATE), outcome.term(TermField.EFFECTIVE_DATE)
        return cls(
            key=key,
            title=title.text if title else None,
            parties=tuple(party.name for party in parties.parties) if parties else (),
            agreement_date=agreed.date if agreed else None,
            effective_date=effective.date if effective else None,
            references=outcome.amends,
            opening=opening or outcome.opening or None,
            draft=outcome.draft,
            sketch=outcome.sketch,
        )

    @property
    def role(self) -> FamilyRole:
        """What the document is by its own words."""
        return own_role(self.references)


class _Agreement(NamedTuple):
    """How far a candidate agrees with a reference. ``contradiction`` rules it out."""

    date: str | None = None
    number: str | None = None
    parties: tuple[str, ...] = ()
    asked: int = 0
    """Parties the reference, or the document itself, names."""
    title: str | None = None
    same_title: bool = False
    """Word for word, where ``title`` may be one that the other contains."""
    contradiction: bool = False


def links_of(child: Filed, candidates: Iterable[Filed]) -> tuple[Link, ...]:
    """The documents that ``child`` says it belongs to, surest first; none where nothing but a party agrees.

    One candidate for each reference: two that agree equally well are both proposed, and neither is certain.
    """
    others = [candidate for candidate in candidates if candidate.key != child.key]
    found: dict[str, Link] = {}
    for reference in child.references:
        ranked = []
        for candidate in others:
            agreed = _compare(reference, child, candidate)
            if (weight := _weight(agreed)) > 0:
                ranked.append((weight, agreed, candidate))
        best = max((weight for weight, _, _ in ranked), default=0)
        chosen = [(agreed, candidate) for weight, agreed, candidate in ranked if weight == best]
        for agreed, candidate in chosen:
            certain = len(chosen) == 1 and _is_certain(agreed)
            link = Link(
                child=child.key,
                parent=candidate.key,
                role=reference.role,
                number=reference.number,
                certainty=Certainty.CERTAIN if certain else Certainty.PROPOSED,
                reasons=_reasons(agreed, len(chosen)),
            )
            found.setdefault(candidate.key, link)
    return tuple(sorted(found.values(), key=lambda link: (link.certainty is not Certainty.CERTAIN, link.parent)))


def links(documents: Sequence[Filed]) -> tuple[Link, ...]:
    """All links among ``documents``."""
    return tuple(link for child in documents if child.references for link in links_of(child, documents))


def _compare(reference: Reference, child: Filed, candidate: Filed) -> _Agreement:
    if not _may_be_parent(reference, candidate):
        return _Agreement(contradiction=True)
    date, contradiction = _dates(reference, candidate)
    if contradiction:
        return _Agreement(contradiction=True)
    title, same_title, contradiction = _titles(reference, candidate)
    if contradiction:
        return _Agreement(contradiction=True)
    wanted = distinct_parties(reference.parties or child.parties)
    number = None
    if reference.reference and candidate.opening and _number(reference.reference) in _number(candidate.opening):
        number = f"It names the number {reference.reference}, which stands in the opening."
    same = tuple(name for name in wanted if _is_party(name, candidate))
    if not wanted and child.opening:
        wanted = candidate.parties
        same = tuple(name for name in wanted if _named_in(name, child.opening))
    return _Agreement(date, number, same, len(wanted), title, same_title)


def _may_be_parent(reference: Reference, candidate: Filed) -> bool:
    """A change is made to an agreement, not to another change of it, unless it says so."""
    if candidate.role in _PARENTS:
        return True
    return bool(reference.title and _title_words(reference.title) & {"amendment", "addendum", "statement", "order"})


def _dates(reference: Reference, candidate: Filed) -> tuple[str | None, bool]:
    """The sentence for a date that agrees, and whether it disagrees."""
    if reference.dated is None:
        return None, False
    for label, date in (("date", candidate.agreement_date), ("effective date", candidate.effective_date)):
        if date == reference.dated:
            return f"It says the other is dated {date.isoformat()}, which is its {label}.", False
    known = candidate.agreement_date or candidate.effective_date
    return None, known is not None


def _titles(reference: Reference, candidate: Filed) -> tuple[str | None, bool, bool]:
    """The sentence for a title that agrees, whether it is the same word for word, and whether it disagrees."""
    wanted = _title_words(reference.title or "")
    if not reference.title or not wanted:
        return None, False, False
    have = _title_words(candidate.title or "")
    if have and (wanted == have or (len(wanted) >= 2 and wanted <= have) or (len(have) >= 2 and have <= wanted)):
        return f'It names "{reference.title}"; the title is "{candidate.title}".', wanted == have, False
    if candidate.opening and _run_of(wanted, reference.title, candidate.opening):
        return f'It names "{reference.title}", which stands in the opening.', True, False
    disagrees = have - _INSTRUMENT and wanted - _INSTRUMENT and not (have & wanted - _INSTRUMENT)
    return None, False, bool(disagrees)


def _weight(agreed: _Agreement) -> int:
    """How well a candidate agrees; 0 where that is not enough for a proposal."""
    if agreed.contradiction:
        return 0
    parties = min(len(agreed.parties), 2)
    dated = agreed.date or agreed.number
    enough = (
        (dated and parties >= 1)
        or (dated and agreed.title and not agreed.asked)
        or (agreed.same_title and parties == 2)
    )
    if not enough:
        return 0
    return 4 * bool(agreed.date) + 4 * bool(agreed.number) + 2 * bool(agreed.title) + parties


def _is_certain(agreed: _Agreement) -> bool:
    return bool((agreed.date or agreed.number) and agreed.title and len(agreed.parties) >= 2)


def _reasons(agreed: _Agreement, alike: int) -> tuple[str, ...]:
    reasons = [reason for reason in (agreed.date, agreed.number, agreed.title) if reason]
    if agreed.parties:
        both = "The parties are the same" if len(agreed.parties) >= 2 else "A party is the same"
        reasons.append(f"{both}: {' and '.join(agreed.parties)}.")
    if alike > 1:
        reasons.append(f"{alike} documents agree equally well.")
    return tuple(reasons)


@lru_cache(maxsize=2_048)
def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text)
    letters = "".join(char for char in folded if not unicodedata.combining(char)).lower()
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=\w)[.'’](?=\w|$)", "", letters.replace("&", " and "))))


def normalised_party(name: str) -> str:
    """A company's name for comparing: lower case, no accents, punctuation, legal form or article.

    >>> normalised_party("The Birch Company, Inc."), normalised_party("BIRCH COMPANY L.L.C.")
    ('birch', 'birch')
    """
    plain = _plain(name)
    bare = " ".join(word for word in _LEGAL_FORM.sub(" ", plain).split() if word != "the")
    return bare or plain


def distinct_parties(names: Sequence[str]) -> tuple[str, ...]:
    """The names without those that are part of another ("Alder", "Alder Systems, Inc."), in their order.

    >>> distinct_parties(("Alder", "Alder Systems, Inc.", "ALDER SYSTEMS INC", "Birch Ltd"))
    ('Alder Systems, Inc.', 'Birch Ltd')
    """
    kept: list[str] = []
    for name in names:
        plain = f" {normalised_party(name)} "
        longer = [other for other in kept if plain in f" {normalised_party(other)} "]
        if any(len(name) <= len(other) or f" {normalised_party(other)} " != plain for other in longer):
            continue
        kept = [other for other in kept if f" {normalised_party(other)} " not in plain]
        kept.append(name)
    return tuple(kept)


def same_title(one: Filed, other: Filed) -> bool:
    """Whether two documents bear the same title, but for a word that says which version it is."""
    words = [
        _title_words(filed.title or "") - {"draft", "execution", "copy", "version", "final"} for filed in (one, other)
    ]
    return bool(words[0]) and words[0] == words[1]


def same_parties(one: Filed, other: Filed) -> bool:
    """Whether two of the parties of each are parties of the other."""
    names = distinct_parties(one.parties)
    return sum(_is_party(name, other) for name in names) >= min(2, len(names)) > 0


def _is_party(name: str, candidate: Filed) -> bool:
    wanted = normalised_party(name)
    if any(_same_name(wanted, normalised_party(other)) for other in candidate.parties):
        return True
    return bool(candidate.opening and _named_in(name, candidate.opening))


def _same_name(one: str, other: str) -> bool:
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 6 and f" {longer} ".startswith(f" {shorter} "):
        return True
    return len(shorter) >= 12 and abs(len(one) - len(other)) <= NEAR and _distance_within(one, other, NEAR)


def _named_in(name: str, text: str) -> bool:
    wanted = normalised_party(name)
    return len(wanted) >= 4 and f" {wanted} " in f" {_plain(text)} "


def _distance_within(one: str, other: str, limit: int) -> bool:
    """Whether ``limit`` insertions, deletions and replacements make one out of the other."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1] <= limit


def _title_words(title: str) -> frozenset[str]:
    words = (_SAME.get(word, word) for word in _plain(title).split())
    return frozenset(word for word in words if word not in _FILLER and not word.isdigit())


def _run_of(wanted: frozenset[str], title: str, opening: str) -> bool:
    """Whether the title's words stand together in the opening (two at least: "Agreement" alone says nothing)."""
    return len(wanted) >= 2 and f" {_plain(title)} " in f" {_plain(opening)} "


def _number(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())
