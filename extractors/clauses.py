"""The clause finder: which passages read like the clause of each term, by a small trained classifier.

It is the second voice beside the rules. Rules know forms; the finder knows what passages with such words usually are.
It sees words with every value masked by its kind, the heading above, and where the passage stands, so it cannot have
learned a name, a date or a number. It reads no values: it says where to look, and how likely it is that there is
anything to see.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from extractors.engine import Document, bits
from extractors.grammar.mentions import Mention, MentionKind
from extractors.masking import MASK
from extractors.nlp import TextModel, installed_model
from extractors.passages import Passage
from models.contract import FIVE_TERMS, TermField

MODEL = "clause"
"""The folder of the trained model."""
NAME = "model.clause@1"
"""What the finder is called where rules are named."""
TERMINATION = "termination_for_convenience"
"""A clause that is easily taken for the notice that stops a renewal."""
LABELS: tuple[str, ...] = (*(str(field) for field in FIVE_TERMS), TERMINATION)
"""The clauses the finder knows."""

VOICES = {
    TermField.AGREEMENT_DATE: 0.2,
    TermField.EFFECTIVE_DATE: 0.1,
    TermField.EXPIRATION_DATE: 0.05,
    TermField.RENEWAL_TERM: 0.05,
    TermField.NOTICE_PERIOD: 0.2,
}
"""How much the finder's opinion weighs in the choice between candidates, by term: from half of it against to half for.
Ends of a term weigh less: what is said of the same term elsewhere (a schedule, a cover) reads like no clause."""

_CUES = ("term ", "terminat", "expir", "renew", "effective", "perpetu", "duration", "in force", "commenc", "in effect")
"""Words of which one stands in nearly every clause of a term that states no value."""
_TIMES = tuple(
    MASK[kind] for kind in (MentionKind.DATE, MentionKind.MONTH_DAY, MentionKind.PERIOD, MentionKind.RECURRENCE)
)
_KINDS = {character: kind for kind, character in MASK.items()}
_WORD = re.compile(rf"[{''.join(MASK.values())}]|[a-z][a-z'-]*|\[?\*+\]?|_{{2,}}|[():;\"]")
_LONGEST = 160
"""Words of a passage that are looked at."""
_FIRST = (1, 3, 6, 12, 25)
"""Bounds between the places at the beginning of a document that are told apart."""


@dataclass(frozen=True, slots=True)
class Clauses:
    """What the finder says of one document: the scores of the passages it looked at, by index."""

    scores: Mapping[int, Mapping[str, float]]

    def score(self, label: str, passage: int) -> float:
        """How likely a passage is (part of) the clause; 0 where the finder saw no reason to look."""
        return self.scores[passage][label] if passage in self.scores else 0.0

    def voice(self, field: TermField, passage: int) -> float:
        """What the finder adds to the score of a candidate in a passage: agreement raises, silence lowers."""
        return VOICES[field] * (self.score(field, passage) - 0.5) if self.scores else 0.0

    def best(self, label: str) -> tuple[float, int | None]:
        """The likeliest passage, the earlier of equals, and its score; 0 and None where it looked at none."""
        passage = max(self.scores, key=lambda index: (self.scores[index][label], -index), default=None)
        return (0.0, None) if passage is None else (self.scores[passage][label], passage)


SILENT = Clauses({})
"""What is said of a document that was not looked at."""


def find_clauses(document: Document, model: TextModel | None = None) -> Clauses:
    """The scores of every passage of ``document`` that could be a clause of a term."""
    looked_at = worth_a_look(document)
    words = [clause_words(document, index) for index in looked_at]
    return Clauses(dict(zip(looked_at, (model or installed_model(MODEL)).scores(words), strict=True)))


def worth_a_look(document: Document) -> list[int]:
    """The passages that hold a time or a word that clauses of terms have: few of a contract, nearly all its terms."""
    found = 0
    for literal in (*_TIMES, *_CUES):
        found |= document.passages_with(literal)
    return list(bits(found))


def clause_words(document: Document, index: int) -> list[str]:
    """What the finder sees of a passage; prefixes say what a word is."""
    return list(_words(document, index))


def _words(document: Document, index: int) -> Iterator[str]:
    passage = document.passages[index]
    for tag in sorted(passage.tags):
        yield f"tag={tag}"
    yield f"place={_place(document, passage, index)}"
    for word in _WORD.findall(passage.heading.lower())[:8]:
        yield f"head={word}"
    yield "|"
    start, end = document.bounds[index]
    mention_at = document.masked.mention_at
    for number, match in enumerate(_WORD.finditer(document.masked.text, start, end)):
        if number == _LONGEST:
            break
        word = match.group()
        kind = _KINDS.get(word)
        yield word if kind is None else _value(kind, mention_at(match.start()))


def _place(document: Document, passage: Passage, index: int) -> str:
    """Where a passage stands: counted at the beginning, else in quarters of the document."""
    for bound in _FIRST:
        if index < bound:
            return f"<{bound}"
    return str(4 * passage.start // len(document.text))


def _value(kind: MentionKind, mention: Mention | None) -> str:
    if mention is not None and mention.period is not None:
        return f"#{mention.period.unit}"
    return f"#{kind}"


def term_scores(clauses: Clauses, passage: int) -> Sequence[tuple[TermField, float]]:
    """The terms whose clause a passage may be, likeliest first."""
    scores = [(field, clauses.score(str(field), passage)) for field in FIVE_TERMS]
    return sorted(scores, key=lambda pair: -pair[1])
