"""Normalising text without losing the way back: what may be exchanged one for one, and what changes length.

``one_for_one`` keeps every offset. ``edits_of`` lists the few places where characters are added or dropped, so
that a reader can apply them while it counts; ``apply`` does so for readers that need no way back.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

HYPHEN_AT_BREAK = "\ufffe"
"""What PDFium puts for a hyphen before a line break; kept until the reader knows whether the hyphen stays."""


class Edit(NamedTuple):
    """``text[start:end]`` is to read ``replacement``."""

    start: int
    end: int
    replacement: str


# Characters that look like others and mean them: odd spaces and hyphens, the Greek question mark that many
# converters print for a semicolon, full-width forms; and control characters that fonts without a mapping leave.
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys(map(chr, (*range(9), 9, 11, 12, *range(14, 32), 0x1680, *range(0x2000, 0x200B))), " "),
        **dict.fromkeys("\u2028\u2029\u202f\u205f\u3000\u00a0", " "),
        **dict.fromkeys("\u2010\u2011\u2212\u00ad", "-"),
        **{chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)},
        "\x02": HYPHEN_AT_BREAK,
        "\u037e": ";",
        "\u2215": "/",
        "\u2044": "/",
        # Symbol fonts keep their bullets and boxes in the private area.
        **dict(zip("\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf0a8\uf06f\uf0fe\uf078", "•▪➢❖✓☐□☒☒", strict=True)),
    }
)
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_ODD = re.compile("[^\r\n -~\u00a1-\u024f\u2012-\u2027\u20ac\u2122\ufffe]")
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
_DROPPED = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_LIGATURE = re.compile(f"[{''.join(_LIGATURES)}]")
_SPECIAL = re.compile(f"[{''.join(_LIGATURES)}{_DROPPED}]")
_INVISIBLE_OR_SPACES = re.compile(f"([{_DROPPED}][ {_DROPPED}]*)| {{2,}}")
_SPACES = re.compile(" {2,}")
# "17t h day", "60 th": an ordinal whose ending was set apart, as superscripts are.
_SPLIT_ORDINAL = re.compile(r"\d(?:( )(?:st|nd|rd|th)\b|( ?)(?:s( )t|n( )d|r( )d|t( )h)(?![\w.]))")
# "2.1Conditions", "(vii)“Program": the number of a clause set so close to its text that the gap is no space.
_GLUED = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2})+\.?|\d{1,2}\.|\((?:[a-z]{1,4}|[A-Z]|\d{1,2})\)"
    r"|(?:ARTICLE|Article|SECTION|Section) \d{1,2}(?:\.\d{1,2})*[.:]?)(?=[“\"‘][^\s]|[A-Z][a-z]|[A-Z]{3})"
)


def one_for_one(text: str) -> str:
    """The text with lookalikes exchanged for what they mean: same length, same offsets."""
    if text.isascii():
        return text.translate(_LOOKALIKES) if _CONTROL.search(text) else text
    # The common three without the slower table.
    text = text.replace("\u00a0", " ").replace("\u037e", ";").replace("\u00ad", "-")
    return text.translate(_LOOKALIKES) if _ODD.search(text) else text


def edits_of(text: str) -> list[Edit]:
    """Places of ``text`` (already ``one_for_one``) where characters are added or dropped, in order."""
    edits: list[Edit] = []
    if not text.isascii() and _SPECIAL.search(text):
        edits += [Edit(*match.span(), _LIGATURES[match[0]]) for match in _LIGATURE.finditer(text)]
        for match in _INVISIBLE_OR_SPACES.finditer(text):
            start, end = match.span()
            if match[1] is None:
                edits.append(Edit(start + 1, end, ""))
            else:
                spaced = " " in match[1] and text[start - 1 : start] != " "
                edits.append(Edit(start, end, " " if spaced else ""))
    elif "  " in text:
        edits += [Edit(match.start() + 1, match.end(), "") for match in _SPACES.finditer(text)]
    for match in _SPLIT_ORDINAL.finditer(text):
        for group in range(1, 7):
            start, end = match.span(group)
            if start < end:
                edits.append(Edit(start, end, ""))
    edits.sort()
    return edits


def glued_number(text: str, start: int, end: int) -> int | None:
    """Where a space is missing after the clause number that a line (``text[start:end]``) begins with."""
    match = _GLUED.match(text, start, end)
    return match.end() if match else None


def apply(text: str, edits: list[Edit]) -> str:
    """``text`` with the edits made."""
    parts, at = [], 0
    for edit in edits:
        if edit.start < at:
            continue
        parts += [text[at : edit.start], edit.replacement]
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


def clean(text: str) -> str:
    """A line of text, cleaned, for readers that keep no offsets into their source."""
    text = one_for_one(text)
    edits = edits_of(text)
    lead = len(text) - len(text.lstrip())
    glued = glued_number(text, lead, len(text))
    if glued is not None:
        edits = sorted([*edits, Edit(glued, glued, " ")])
    return apply(text, edits).replace(HYPHEN_AT_BREAK, "-")


# Compounds keep their hyphen at a line break: "non-\nexclusive".
_KEEPING = frozenset(
    {
        "non",
        "pre",
        "post",
        "co",
        "re",
        "sub",
        "self",
        "third",
        "first",
        "second",
        "one",
        "two",
        "half",
        "full",
        "part",
        "well",
        "ex",
        "anti",
        "multi",
        "inter",
        "intra",
        "semi",
        "cross",
        "over",
        "under",
        "out",
        "off",
        "on",
        "up",
        "in",
        "by",
        "e",
        "sole",
        "long",
        "short",
        "high",
        "low",
        "all",
        "pro",
        "quasi",
        "vice",
        "attorney",
        "arm",
        "arms",
        "know",
    }
)


_BEFORE_BREAK = re.compile(r"[^\W\d_]+$")
_AFTER_BREAK = re.compile(r"\s*([^\W\d_]+)")
_LONGEST_PART = 30
_HYPHENATED_SHARE = 0.4


def is_hyphenated(text: str, seen: Callable[[str], bool]) -> bool:
    """Whether the text was set with hyphenation: its broken words are words that it writes in one elsewhere.

    Browsers and most word processors break only at the hyphens that are there.
    """
    broken: list[tuple[str, str]] = []
    at = text.find(HYPHEN_AT_BREAK)
    while at >= 0:
        before = _BEFORE_BREAK.search(text[max(0, at - _LONGEST_PART) : at])
        after = _AFTER_BREAK.match(text, at + 1)
        if before and after and after[1][0].islower() and before[0].lower() not in _KEEPING:
            broken.append((before[0].lower(), after[1]))
        at = text.find(HYPHEN_AT_BREAK, at + 1)
    whole = sum(seen(left + right) and not seen(f"{left}-{right}") for left, right in broken)
    return whole >= max(1.0, _HYPHENATED_SHARE * len(broken))


def hyphen_stays(before: str, after: str, hyphenated: bool, seen: Callable[[str], bool]) -> bool:
    """Whether a word broken at a hyphen keeps it.

    ``before`` and ``after`` are its parts, ``hyphenated`` says whether the document hyphenates, ``seen`` whether a
    word (lower case) occurs elsewhere in it: a document that writes "agreement" means it at "agree-" + "ment", too.
    """
    if not hyphenated or not before or not after or not (before[-1].isalpha() and after[0].islower()):
        return True
    left, right = before.lower(), after.lower()
    if seen(f"{left}-{right}"):
        return True
    if seen(left + right):
        return False
    return left in _KEEPING or (seen(left) and seen(right) and len(left) > 2 and len(right) > 2)
