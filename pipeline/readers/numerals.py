"""How lists spell their numbers (ISO/IEC 29500-1, 17.18.59): decimal, roman, letters, words."""

from collections.abc import Callable

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_ONES = (
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven",
    "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_TENS = ("Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_ORDINALS = {
    "One": "First", "Two": "Second", "Three": "Third", "Five": "Fifth", "Eight": "Eighth", "Nine": "Ninth",
    "Twelve": "Twelfth",
}  # fmt: skip
_MARKS = "*†‡§"


def roman(value: int) -> str:
    """4 is "IV"; beyond what Romans wrote it stays decimal."""
    if not 0 < value < 5000:
        return str(value)
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (value // worth)
        value %= worth
    return text


def letter(value: int) -> str:
    """1 is "A", 27 is "AA", 28 is "BB": Word repeats the letter instead of counting in base 26."""
    if not 0 < value <= 780:
        return str(value)
    return chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def words(value: int) -> str:
    """21 is "Twenty-One"; from a thousand on it stays decimal."""
    if not 0 <= value < 1000:
        return str(value)
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10 - 2] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    return f"{_ONES[value // 100]} Hundred" + (f" {words(value % 100)}" if value % 100 else "")


def ordinal(value: int) -> str:
    """3 is "3rd", 12 is "12th"."""
    teen = 10 <= value % 100 <= 20
    return f"{value}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def ordinal_words(value: int) -> str:
    """21 is "Twenty-First"."""
    text = words(value)
    if text.isdigit() or value < 0:
        return ordinal(value)
    cut = max(text.rfind(" "), text.rfind("-")) + 1
    last = text[cut:]
    if last not in _ORDINALS:
        return text[:cut] + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return text[:cut] + _ORDINALS[last]


NUMERALS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda value: f"{value:02d}",
    "upperRoman": roman,
    "lowerRoman": lambda value: roman(value).lower(),
    "upperLetter": letter,
    "lowerLetter": lambda value: letter(value).lower(),
    "ordinal": ordinal,
    "cardinalText": words,
    "ordinalText": ordinal_words,
    "numberInDash": lambda value: f"- {value} -",
    "decimalEnclosedParen": lambda value: f"({value})",
    "decimalEnclosedFullstop": lambda value: f"{value}.",
    "chicago": lambda value: _MARKS[(value - 1) % 4] * ((value - 1) // 4 + 1) if 0 < value < 100 else str(value),
    "hex": lambda value: f"{value:X}",
    "none": lambda _value: "",
}
"""By the names of ``ST_NumberFormat``. Formats of other scripts fall back to decimal."""
