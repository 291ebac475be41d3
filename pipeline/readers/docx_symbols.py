"""Characters of symbol fonts as Unicode: in a cover page the boxes say which option was chosen.

Word writes them as ``w:sym``, as private-use characters U+F020 to U+F0FF, or as plain letters in a symbol font.
The tables hold what contracts use (boxes, ticks, bullets, arrows, section signs), by the fonts' own code charts.
"""

_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x70: "☐", 0x71: "☐", 0x72: "☐", 0x73: "•", 0x75: "◆", 0x76: "•", 0x78: "☒",
    0x9E: "·", 0x9F: "•", 0xA1: "○", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xE0: "→", 0xE8: "➔", 0xF0: "⇨",
    0xFB: "☒", 0xFC: "☑", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2 = {
    0x2A: "☐", 0x30: "☐", 0x4F: "☒", 0x50: "☑", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0xA2: "☐",
    0xA3: "☐",
}  # fmt: skip
_SYMBOL = {
    0xA3: "≤", 0xA7: "♣", 0xA8: "♦", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xD2: "®",
    0xD3: "©", 0xD4: "™", 0xE2: "®", 0xE3: "©", 0xE4: "™",
}  # fmt: skip
_FONTS = {
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "symbol": _SYMBOL,
    "webdings": {0x61: "☑", 0x63: "☐", 0x67: "■", 0x72: "☒"},
}
_PRIVATE = 0xF000


def is_symbol_font(font: str) -> bool:
    """Whether letters in this font are pictures."""
    return font.lower() in _FONTS


def glyphs(text: str, font: str) -> str:
    """The characters shown for ``text`` in a symbol font; those without a counterpart here are left out."""
    table = _FONTS.get(font.lower(), {})
    shown = []
    for character in text:
        code = ord(character)
        private = _PRIVATE <= code <= _PRIVATE + 0xFF
        if private:
            code -= _PRIVATE
        if code in table:
            shown.append(table[code])
        elif private or (table and character.isprintable() and not character.isspace() and font.lower() != "symbol"):
            # A letter of a pictures-only font says nothing; a bullet is what such characters mostly are.
            shown.append("•" if private else "")
        else:
            shown.append(character)
    return "".join(shown)


def glyph(code: str, font: str) -> str:
    """The character of a ``w:sym`` from its hexadecimal code."""
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    if not 0 < value <= 0xFFFF or 0xD800 <= value <= 0xDFFF:
        return ""
    return glyphs(chr(value if value >= _PRIVATE else value | _PRIVATE if is_symbol_font(font) else value), font)
