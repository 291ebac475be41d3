"""Decides whether 03/04/2025 is in March or in April: by the document's other dates, else by the places it names."""

import re
from collections import Counter

from extractors.grammar.mentions import DateOrder, infer_order
from rules.schema import RuleSet

_PLACE = re.compile(
    r"\b[Ll]aws?\s+of\s+(?:the\s+)?(?:(?:State|Commonwealth|Province|Republic|Kingdom)\s+of\s+)?(?P<law>[A-Z]\w+(?:\s+[A-Z]\w+){0,2})"
    r"|\b(?:State|STATE|Commonwealth)\s+(?:of|OF)\s+(?P<state>[A-Z]\w+(?:\s+[A-Z]\w+){0,2})"
    r"|\b(?:an?|the)\s+(?P<form>[A-Z]\w+(?:\s+[A-Z]\w+){0,2})\s+(?:corporation|limited\s+liability|limited\s+partnership|company)"
)


def day_month_order(text: str, rules: RuleSet) -> DateOrder | None:
    """The order of day and month in numeric dates; None where nothing decides, and both readings must be shown."""
    stated = infer_order(text)
    if stated is not None:
        return stated
    table = rules.data.get("day_month_order")
    if not isinstance(table, dict):
        return None
    of_place: dict[str, DateOrder] = {}
    for name in DateOrder:
        places = table.get(name.value)
        of_place |= {str(place).lower(): name for place in places} if isinstance(places, list) else {}
    votes: Counter[DateOrder] = Counter()
    for match in _PLACE.finditer(text):
        words = " ".join((match["law"] or match["state"] or match["form"]).lower().split())
        order = next((of_place[place] for place in _prefixes(words) if place in of_place), None)
        if order is not None:
            votes[order] += 1
    ranked = votes.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _prefixes(words: str) -> list[str]:
    """ "new york without" → itself, "new york", "new"."""
    parts = words.split()
    return [" ".join(parts[:count]) for count in range(len(parts), 0, -1)]
