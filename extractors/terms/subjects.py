"""Tells the contract itself from other agreements that it speaks of ("the Purchase Agreement shall expire ...")."""

import re

from extractors.engine import Document, Hit

OPENING = 600
"""Characters of the beginning in which a contract says what it calls itself."""
_NAMED = re.compile(
    r"(?:[Tt]he|[Ss]aid|[Ss]uch)\s+[\"“]?(?P<names>(?:[A-Z][\w&/'’-]*\s+){1,4})(?:Agreement|Contract|Amendment|Lease|Licen[cs]e)\b",
)
_ITS_OWN = frozenset({"present", "entire", "original", "initial", "amended", "restated", "foregoing", "instant"})
"""Words that any contract may put before "Agreement" when it means itself."""


def of_another_agreement(hit: Hit, document: Document) -> bool:
    """Whether a match is about an agreement whose name stands nowhere in the opening of this contract."""
    named = _NAMED.match(document.text, hit.span.start)
    if named is None:
        return False
    opening = document.text[: min(OPENING, document.passages[hit.passage].start)].lower()
    words = [word.lower() for word in re.findall(r"[A-Z][\w'’-]*", named["names"])]
    return any(word not in opening and word not in _ITS_OWN for word in words)
