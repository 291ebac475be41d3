"""Reads what a period is counted from: "the date hereof", "the Commencement Date", "the execution hereof"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.dateexpr import Anchor, AnchorName, DateExpr

_AGREEMENT = re.compile(
    r"date (?:hereof|of (?:this|the) (?!last)[\w ]{0,30}?"
    r"(?:agreement|contract|amendment|addendum|lease|license|document|deed))"
    r"|first (?:above|here|written|set|mentioned|stated|herein)|(?:above|herein) (?:written|set forth|mentioned)"
    r"|(?:written|set forth|mentioned|stated|listed|noted|indicated) (?:above|below|herein)"
    r"|agreement date|contract date"
)
_SIGNATURE = re.compile(
    r"(?:date (?:of|on which|when|that) )?(?:[\w ]{0,30} )?(?:execut(?:ion|ed)|sign(?:ed|ing|ature))"
    r"(?! of (?:the|a|an) )"
)
_EFFECTIVE = re.compile(
    r"effective date|^(?:the )?(?:commencement|start(?:ing)?) date\b|effectiveness|effective time|becomes effective"
    r"|(?:commencement|start|beginning) of (?:this|the) (?:agreement|contract|term|initial term)|commencement hereof"
)


_OF_ANOTHER = re.compile(
    r"(?!this|the|our|such)\b\w+ (?:agreement|contract|plan|lease|merger|registration(?: statement)?)(?:'s)?"
    r" effective (?:date|time)"
)
"""The effective date of something else: "Lease Agreement Effective Date"."""


@dataclass(frozen=True, slots=True)
class DefinedDates:
    """Dates the contract gives a name to ("Launch Date" means 1 May 2014), by name in lower case."""

    by_name: Mapping[str, DateExpr]

    def read(self, words: str) -> DateExpr:
        """The point in time that ``words`` name: a defined date, a fact of the contract, or an event in those words."""
        plain = " ".join(words.lower().replace('"', " ").replace("“", " ").replace("”", " ").split())
        plain = re.sub(r"^(?:the|its|said|this) ", "", plain)
        plain = re.sub(r"^such (?=date$|day$|time$)", "", plain)
        for name, expr in self.by_name.items():
            if name in plain:
                return expr
        if plain in ("agreement", "contract", "lease", "amendment"):
            return Anchor(name=AnchorName.AGREEMENT_DATE)
        if _EFFECTIVE.search(plain) and not _OF_ANOTHER.match(plain):
            return Anchor(name=AnchorName.EFFECTIVE_DATE)
        if _AGREEMENT.search(plain):
            return Anchor(name=AnchorName.AGREEMENT_DATE)
        if _SIGNATURE.match(plain):
            return Anchor(name=AnchorName.AGREEMENT_DATE)
        return Anchor(name=AnchorName.EVENT, event=plain)
