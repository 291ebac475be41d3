"""Telling the same clause in many contracts: by its words, and by its numbers."""

import hashlib
import re

FEWEST_WORDS = 6
"""Shorter passages (a cell of a table, a date) say too little to be called one clause."""

_WORD = re.compile(r"\w+")
_NUMBER_WORDS = frozenset(
    re.findall(
        r"\w+",
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half first "
        "second third fourth fifth sixth daily weekly monthly quarterly semiannual semiannually annual annually yearly "
        "day days week weeks month months quarter quarters year years business calendar before after prior following "
        "within not no unless",
    )
)


def clause_words(quote: str) -> list[str]:
    """The words of a passage, as passages are compared: no case, no punctuation, no spacing."""
    return _WORD.findall(quote.lower())


def clause_hash(kind: str, quote: str) -> str | None:
    """A name for the words of a passage, the same in every contract; None for a passage too short to be a clause."""
    words = clause_words(quote)
    return _named(kind, words) if len(words) >= FEWEST_WORDS else None


def clause_shape(kind: str, quote: str) -> str | None:
    """A name for the numbers, units and negations of a passage, in order.

    Passages of one shape may be variants of one clause (another party's name); those of different shapes never are:
    sixty days are not ninety. None for a passage too short to be a clause, or without any of these.
    """
    words = clause_words(quote)
    telling = [word for word in words if word in _NUMBER_WORDS or any(sign.isdigit() for sign in word)]
    return _named(f"shape of {kind}", telling) if telling and len(words) >= FEWEST_WORDS else None


def _named(kind: str, words: list[str]) -> str:
    return hashlib.sha256(f"{kind}\x1f{' '.join(words)}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
