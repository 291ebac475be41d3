"""Numbers as contracts write them: in words, in figures, and in both ("thirty (30)").

``FRAGMENTS`` are the named pieces of regular expressions that every reader of the grammar is assembled from.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "ninty": 90,
}  # fmt: skip
SCALES: Final = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
LOW_ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
}  # fmt: skip
HIGH_ORDINALS: Final = {
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40,
    "fiftieth": 50, "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100,
}  # fmt: skip
CARDINALS: Final = {**UNITS, **TEENS, **TENS}
ORDINALS: Final = {**LOW_ORDINALS, **HIGH_ORDINALS}
VULGAR: Final = {
    "½": Fraction(1, 2),
    "¼": Fraction(1, 4),
    "¾": Fraction(3, 4),
    "⅓": Fraction(1, 3),
    "⅔": Fraction(2, 3),
}


def _any(words: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_JOIN = r"(?:\s*-\s*|\s+)"
_LOW = _any({word: number for word, number in UNITS.items() if number})
_SUB100 = rf"(?:{_any(TENS)}(?:{_JOIN}{_LOW})?|{_any(TEENS)}|{_any(UNITS)})"
_HUNDREDS = rf"(?:(?:{_any(TEENS)}|{_LOW}|a){_JOIN}hundred)"
_SUB1000 = rf"(?:{_HUNDREDS}(?:{_JOIN}(?:and{_JOIN})?{_SUB100})?|{_SUB100})"
_AND = rf"(?:\s*,)?{_JOIN}(?:and{_JOIN})?"

CARDINAL = (
    rf"(?:{_SUB1000}{_JOIN}billion(?:{_AND}{_SUB1000}{_JOIN}million)?(?:{_AND}{_SUB1000}{_JOIN}thousand)?(?:{_AND}{_SUB1000})?"
    rf"|{_SUB1000}{_JOIN}million(?:{_AND}{_SUB1000}{_JOIN}thousand)?(?:{_AND}{_SUB1000})?"
    rf"|(?:{_SUB1000}|a){_JOIN}thousand(?:{_AND}{_SUB1000})?"
    rf"|{_SUB1000})"
)
"""A cardinal in words, to 999 billion. Needs word boundaries around it."""

ORDINAL_WORDS = (
    rf"(?:(?:(?:{_LOW}|a){_JOIN})?hundredth|"
    rf"(?:{_HUNDREDS}{_JOIN}(?:and{_JOIN})?)?"
    rf"(?:{_any(TENS)}{_JOIN}{_any(LOW_ORDINALS)}|{_any(HIGH_ORDINALS)}|{_any(LOW_ORDINALS)}))"
)
"""An ordinal in words: "first", "thirtieth", "one hundred and twentieth"."""

FIGURE = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+\s+[1-3]/[2-4](?!\d)|[1-3]/[2-4](?![\d/])|\d*\s?[½¼¾⅓⅔]|\d+(?:\.\d+)?)"
)
"""A number in figures, with thousands separators, decimals or a fraction."""

# Bounded, all of them: a page may be ruled with thousands of these signs.
_OMITTED = r"\*[\s*.…]{0,40}|[.…]{2,10}\s?\*[\s*.…]{0,40}|[●•■▪◆]{1,10}|_[_\s]{0,60}"
REDACTION = (
    rf"(?:[\[<]\s*(?:{_OMITTED}|[-–—.…]{{1,20}}|[xX]{{2,20}}|\s|#{{1,20}}|redacted|(?:intentionally\s+)?omitted|confidential[^\]>\n]{{0,60}}"
    rf"|tbd|to be determined|insert[^\]>\n]{{0,40}}|blank|number)?\s*[\]>]|\(\s*(?:{_OMITTED})\s*\)"
    r"|_{2,60}(?:\s_{2,60}){0,4}|\*{1,20}(?:\s\*{1,20}){0,4}|[●•](?=\s))"
)
"""Where a number was taken out or never filled in."""

ORDINAL_SUFFIX = r"(?:\s?(?:st|nd|rd|th)\b)"


def cardinal(words: str) -> int:
    """The number that ``words``, matched by ``CARDINAL``, name. "one hundred eighty" is 180."""
    total = section = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in CARDINALS:
            section += CARDINALS[word]
        elif word == "a":
            section = 1
        elif word == "hundred":
            section *= 100
        elif word in SCALES:
            total += section * SCALES[word]
            section = 0
    return total + section


def ordinal(words: str) -> int:
    """The number that ``words``, matched by ``ORDINAL_WORDS`` or such as "23rd", name."""
    digits = re.match(r"\d+", words)
    if digits:
        return int(digits.group())
    *before, last = re.findall(r"[a-z]+", words.lower())
    if last == "hundredth":
        return cardinal(" ".join([*before, "hundred"])) if before else 100
    return cardinal(" ".join(before)) + ORDINALS[last]


def figure(text: str) -> Fraction:
    """The number that ``text``, matched by ``FIGURE``, names."""
    text = text.strip()
    if text.isdecimal():
        return Fraction(int(text))
    if text[-1] in VULGAR:
        whole = text[:-1].strip()
        return (Fraction(whole) if whole else Fraction(0)) + VULGAR[text[-1]]
    if "/" in text:
        *whole_part, fraction = text.split()
        return Fraction(fraction) + (Fraction(whole_part[0]) if whole_part else 0)
    return Fraction(text.replace(",", ""))


_LONGEST = 40
_ENDLESS = re.compile(rf"[\d,./]{{{_LONGEST}}}")
"""Rows of digits that count nothing: barcodes, rulers, what an attacker wrote."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from ``text[start:end]``.

    ``word`` and ``figure`` are what words and figures say, where there are such. ``value`` is None for a redaction or
    a blank. ``ordinal`` marks "thirtieth (30th)". ``bracket`` marks a bare "(60)".
    """

    start: int
    end: int
    word: Fraction | None = None
    figure: Fraction | None = None
    redacted: str = ""
    ordinal: bool = False
    bracket: bool = False

    @property
    def value(self) -> Fraction | None:
        """The word's number, else the figure's."""
        return self.figure if self.word is None else self.word

    @property
    def conflict(self) -> bool:
        """Word and figure say different numbers."""
        return self.word is not None and self.figure is not None and self.word != self.figure


_HALVES: Final = {
    "half": Fraction(1, 2),
    "quarter": Fraction(1, 4),
    "quarters": Fraction(3, 4),
    "third": Fraction(1, 3),
}


_FIGURES = rf"(?P<f>{FIGURE})(?:\s*[\(\[]\s*(?:(?P<fw>{CARDINAL})|(?P<ff>{FIGURE}))\s*[\)\]])?"


@cache
def _number() -> re.Pattern[str]:
    half = r"(?:(?:one|a)[\s-]+(?:half|quarter|third)|three[\s-]+quarters)"
    # The unit may stand inside the brackets: "thirty (30 days)", "ten (10%)". It is read from there by look-ahead.
    return re.compile(
        rf"(?P<ow>{ORDINAL_WORDS})\b(?:\s*[\(\[]\s*(?P<owf>\d+)(?:\s?(?:s\s?t|n\s?d|r\s?d|t\s?h))?\s*[\)\]])?"
        rf"|(?P<h>{half})\b(?:\s*[\(\[]\s*(?P<hf>{FIGURE})\s*[\)\]])?"
        rf"|(?P<w>{CARDINAL})\b(?P<wh>{_JOIN}and{_JOIN}{half}\b)?"
        rf"(?:\s{{0,4}}-?\s{{0,4}}[\(\[{{]\s*(?:(?P<wf>{FIGURE})(?:st|nd|rd|th)?\s*-?\s*[\)\]}}]|(?P<wr>{REDACTION})\s*[\)\]]|[Il|!]\s*[\)\]]))?"
        rf"|{_FIGURES}"
        rf"|[\(\[]\s*(?P<op>\d+)\s?(?:st|nd|rd|th)\s*[\)\]]"
        rf"|[\(\[]\s*(?:(?P<p>{FIGURE})|(?P<pw>{CARDINAL}))\s*[\)\]]"
        rf"|(?P<r>{REDACTION})(?:\s*[\(\[]\s*(?:{REDACTION}|\d+)\s*[\)\]])?",
        re.IGNORECASE,
    )


@cache
def _figures() -> re.Pattern[str]:
    """What can begin with a figure: the same as ``_number`` reads, found sooner."""
    return re.compile(
        rf"(?P<of>\d+)\s?(?:st|nd|rd|th)\b(?:\s*[\(\[]\s*{ORDINAL_WORDS}\s*[\)\]])?"
        rf"|{_FIGURES}",
        re.IGNORECASE,
    )


def _read_figures(text: str, start: int) -> Number | None:
    match = _figures().match(text, start)
    if match is None:
        return None
    end = match.end()
    if end - start > _LONGEST and _ENDLESS.search(text, start, end):
        return None
    if digits := match["of"]:
        return Number(start, end, None, Fraction(int(digits)), ordinal=True)
    return _in_figures(start, end, match)


def _in_figures(start: int, end: int, match: re.Match[str]) -> Number:
    plain, words, again = match.group("f", "fw", "ff")
    word = Fraction(cardinal(words)) if words else figure(again) if again else None
    return Number(start, end, word, figure(plain))


def read_number(text: str, start: int) -> Number | None:
    """The number that begins exactly at ``start``, with its repetition in brackets; None if there is none."""
    if text[start : start + 1].isdecimal():
        return _read_figures(text, start)
    match = _number().match(text, start)
    if match is None:
        return None
    end = match.end()
    if end - start > _LONGEST and _ENDLESS.search(text, start, end):
        return None
    if words := match["ow"]:
        repeated = match["owf"]
        return Number(start, end, Fraction(ordinal(words)), Fraction(repeated) if repeated else None, ordinal=True)
    if digits := match["op"]:
        return Number(start, end, None, Fraction(digits), ordinal=True)
    if words := match["w"]:
        value = Fraction(cardinal(words))
        if match["wh"]:
            value += _HALVES[re.findall(r"\w+", match["wh"].lower())[-1]]
        return Number(
            start, end, value, figure(match["wf"]) if match["wf"] else None, redacted="part" if match["wr"] else ""
        )
    if words := match["h"]:
        value = _HALVES[re.findall(r"\w+", words.lower())[-1]]
        return Number(start, end, value, figure(match["hf"]) if match["hf"] else None)
    if match["f"]:
        return _in_figures(start, end, match)
    if digits := match["p"]:
        return Number(start, end, None, figure(digits), bracket=True)
    if words := match["pw"]:
        return Number(start, end, Fraction(cardinal(words)), None, bracket=True)
    return Number(start, end, redacted=redaction_kind(match["r"]))


def redaction_kind(text: str) -> str:
    """``blank`` for a line to be filled in, ``redacted`` for what was taken out."""
    return "redacted" if re.search(r"[^\[\]<>()\s_]", text) else "blank"
