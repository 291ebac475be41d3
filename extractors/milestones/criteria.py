"""When something counts as done, in the contract's words: "in accordance with the Specifications", "signed by both"."""

import re
from functools import lru_cache
from typing import Any

from rules.schema import RuleSet

_LONGEST = 160
"""Characters of a criterion at most; longer ones are cut at a word."""
_STOP = re.compile(
    r"[;:\n]|,(?!\d)|\.(?=\s|$)|\s\([a-z]\)\s"
    r"|\s(?:provided|unless|if|within|no later|not later|by (?:written )?notice)\b"
)


_NEGATED = re.compile(r"\bnot\s+$")


class Criteria:
    """The words of ``rules/criteria.yaml``, compiled."""

    def __init__(self, data: Any) -> None:
        opening = "|".join((data or {}).get("open") or ["(?!)"])
        standard = "|".join((data or {}).get("standard") or ["(?!)"])
        measures = (data or {}).get("measures") or "(?!)"
        self._pattern = re.compile(
            rf"\b(?:(?:{opening})|(?:{standard})(?=[^.;,]{{0,80}}\b{measures}\b))".replace(" ", r"\s+"), re.IGNORECASE
        )

    def of(self, clause: str) -> str | None:
        """What a clause says of when its duty is done, None where it says nothing."""
        found = []
        end = 0
        for match in self._pattern.finditer(clause):
            if match.start() < end or _NEGATED.search(clause, max(0, match.start() - 8), match.start()):
                continue
            stop = _STOP.search(clause, match.end())
            end = stop.start() if stop else len(clause)
            words = " ".join(clause[match.start() : end].split()).strip(" ,.;")
            if len(words.split()) > 2:
                found.append(_cut(words))
        return "; ".join(dict.fromkeys(found)) or None


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rsplit(' ', 1)[0]} ..."


@lru_cache(maxsize=4)
def criteria_for(rules: RuleSet) -> Criteria:
    """The compiled words of a rule set, made once for each."""
    return Criteria(rules.data.get("criteria"))
