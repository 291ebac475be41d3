"""Money and rates: amounts in words, figures or both, ranges, redactions, percentages and what they are of."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Final, NamedTuple

from extractors.grammar.numbers import CARDINAL, REDACTION, Number
from models.money import Amount

SYMBOLS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₪": "ILS"}
CODES: Final = frozenset(
    ["USD", "EUR", "GBP", "CAD", "AUD", "NZD", "JPY", "CNY", "RMB", "CHF", "INR", "HKD", "SGD", "NIS", "ILS", "SEK",
     "NOK", "DKK", "KRW", "TWD", "NTD", "MXN", "BRL", "ZAR", "RUB", "THB", "MYR", "PHP", "IDR", "VND", "AED", "SAR"]
)  # fmt: skip
_ALIASES: Final = {"RMB": "CNY", "NIS": "ILS", "NTD": "TWD", "RS": "INR", "RS.": "INR"}
_DOLLARS: Final = {
    "us": "USD", "u.s.": "USD", "u.s": "USD", "c": "CAD", "cdn": "CAD", "cad": "CAD", "can": "CAD", "a": "AUD",
    "au": "AUD", "aud": "AUD", "nz": "NZD", "hk": "HKD", "s": "SGD", "sgd": "SGD", "nt": "TWD", "r": "BRL",
    "usd": "USD", "mx": "MXN", "rmb": "CNY",
}  # fmt: skip
_SCALES: Final = {
    "thousand": 1_000, "k": 1_000, "million": 1_000_000, "millions": 1_000_000, "mm": 1_000_000, "m": 1_000_000,
    "mil": 1_000_000, "billion": 1_000_000_000, "bn": 1_000_000_000, "b": 1_000_000_000, "crore": 10_000_000,
    "lakh": 100_000, "lakhs": 100_000, "crores": 10_000_000, "hundred": 100,
}  # fmt: skip
_FIGURE = (
    r"(?:\d{1,3}(?:\.\d{3})+,\d{2}(?!\d)|\d{1,3}(?:,\s?\d{3})+(?:\.\d+)?(?!\d)"
    r"|\d{1,3}(?:'\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
)
_SCALE = r"(?:\s?(?:thousand|millions?|mil|billion|bn|mm|lakhs?|crores?)\b|[kKmMbB]\b(?!\.?[\w&]))"
_CURRENCY_WORD = (
    r"(?:(?:U\.?\s?S\.?A?\.?|United\s+States|American|Canadian|Australian|Hong\s+Kong|Singapore|New\s+Zealand|New\s+Taiwan)\s*[-]?\s*)?dollars?"
    r"|euros?|pounds?\s+sterling|(?:British\s+)?pounds?(?=\s*\()|sterling|(?:Japanese\s+)?yen|(?:Chinese\s+)?(?:renminbi|yuan)|(?:Indian\s+)?rupees?"
    r"|(?:Swiss\s+)?francs?|(?:New\s+Israeli\s+)?shekels?|(?:Korean\s+)?won|(?:U\.?S\.?\s+)?cents?|pence"
)
_CODE = "(?:" + "|".join(sorted(CODES)) + ")"
_NO_CENTS = r"(?:\s*,?\s*and\s+(?:no|zero|00|xx|\d\d?)\s?/\s?100(?:ths)?)"
_EMPTY = rf"(?:{REDACTION}|\*+)"


class ReadMoney(NamedTuple):
    """An amount or rate that ends at ``end`` of the text."""

    end: int
    value: Amount
    flags: tuple[str, ...] = ()
    other: tuple[Amount, ...] = ()


def _decimal(text: str) -> Decimal:
    text = "".join(text.split())
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d{2}", text):
        return Decimal(text.replace(".", "").replace(",", "."))
    return Decimal(re.sub(r"[,']", "", text))


def _scaled(figure: str, scale: str | None) -> Decimal:
    value = _decimal(figure) * _SCALES[(scale or "").strip().lower()] if scale else _decimal(figure)
    return value.normalize() + 0 if value == value.to_integral() and scale else value


def currency_of(words: str) -> str:
    """ISO 4217 code for a currency as a contract writes it. "dollars" alone are US dollars."""
    lowered = " ".join(words.lower().replace("-", " ").split())
    table = (
        ("canadian", "CAD"), ("australian", "AUD"), ("hong kong", "HKD"), ("singapore", "SGD"), ("zealand", "NZD"),
        ("taiwan", "TWD"), ("dollar", "USD"), ("euro", "EUR"), ("pound", "GBP"), ("sterling", "GBP"), ("pence", "GBP"),
        ("yen", "JPY"), ("renminbi", "CNY"), ("yuan", "CNY"), ("rupee", "INR"), ("franc", "CHF"), ("shekel", "ILS"),
        ("won", "KRW"), ("cent", "USD"),
    )  # fmt: skip
    return next((code for word, code in table if word in lowered), words.upper())


@cache
def _after_symbol() -> re.Pattern[str]:
    one = rf"(?:(?P<f>{_FIGURE})(?P<sc>{_SCALE})?|(?P<r>{_EMPTY})(?P<rsc>{_SCALE})?)"
    return re.compile(
        rf"(?:[\$€£¥₹₩₪]|(?P<code>{_CODE}|Rs\.?)(?![A-Za-z]))\s?(?:[\$€£¥₹]\s?)?{one}(?:\.[-–—]|/-)?"
        rf"(?:\s*(?:to|and|[-–—])\s*(?:(?:U\.?S\.?\s?)?[\$€£¥₹]|{_CODE}\s?)?\s?(?P<hf>{_FIGURE})(?P<hsc>{_SCALE})?(?![\w/])(?!\s*(?:%|percent|days?|months?|years?)\b))?"
        rf"(?P<tail>\s?(?:{_CODE}\b|(?:{_CURRENCY_WORD})\b))?",
        re.IGNORECASE,
    )


@cache
def _before_dollar() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z])(U\.\s?S\.?|US|USD|CDN|CAD|CAN|C|AUD|AU|A|NZ|HK|SGD|S|NT|R|MX|RMB)\s?$", re.IGNORECASE
    )


@cache
def _connective() -> re.Pattern[str]:
    return re.compile(r"\s*(?:to|[-–—]|and)\s*", re.IGNORECASE)


def read_symbol_money(text: str, start: int) -> tuple[int, ReadMoney] | None:
    """Money with a currency sign or code at ``start``: its real start ("US$" begins before) and the reading."""
    match = _after_symbol().match(text, start)
    if match is None:
        return None
    code = match["code"]
    if code and not code.isupper() and code.lower().rstrip(".") != "rs":
        return None
    currency = SYMBOLS.get(text[start], "") if not code else _ALIASES.get(code.upper(), code.upper())
    if code and text[start + len(code) : match.end()].lstrip()[:1] == "$" and code == "RMB":
        currency = "CNY"
    if not code and text[start] == "$":
        before = _before_dollar().search(text[max(0, start - 6) : start])
        if before:
            currency = _DOLLARS[before[1].lower().replace(" ", "")]
            start -= len(before.group())
    tail = match["tail"]
    if tail and not code and text[match.start()] == "$":
        named = (
            currency_of(tail.strip())
            if not tail.strip().isupper() or "DOLLAR" in tail
            else _ALIASES.get(tail.strip(), tail.strip())
        )
        currency = named if named in CODES and "cent" not in tail.lower() else currency
    end = match.end()
    if re.match(r"\s+par\s+value|\s*,?\s*par\s+value", text[end : end + 14], re.IGNORECASE):
        return None
    quote = text[start:end]
    if match["r"]:
        return start, ReadMoney(end, Amount(text=quote, currency=currency, redacted=True), ("redacted",))
    if not match["hf"]:
        return start, ReadMoney(end, Amount(text=quote, value=_scaled(match["f"], match["sc"]), currency=currency))
    connective = _connective().match(text, match.end("sc") if match["sc"] else match.end("f"))
    word = connective.group().strip().lower() if connective else ""
    low = _scaled(match["f"], match["sc"] or (match["hsc"] if _decimal(match["f"]) < 1000 else None))
    high = _scaled(match["hf"], match["hsc"])
    if high < low or word == "and":
        # "$5,000 and $10,000" are two amounts: keep the first, the second is read for itself.
        end = match.end("sc") if match["sc"] else match.end("f")
        return start, ReadMoney(
            end, Amount(text=text[start:end], value=_scaled(match["f"], match["sc"]), currency=currency)
        )
    return start, ReadMoney(end, Amount(text=quote, value=low, high=high, currency=currency), ("range",))


@cache
def _after_number() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<sc>{_SCALE})?{_NO_CENTS}?\s*[-]?\s*(?:\(\s*(?P<in>(?:U\.?S\.?\s?)?[\$€£¥]|{_CODE}\s?[\$€£]?)\s?(?P<inf>{_FIGURE})(?P<insc>{_SCALE})?\s*\)\s*)?"
        rf"(?P<cur>(?:{_CURRENCY_WORD})\b|{_CODE}\b)?{_NO_CENTS}?(?:\s*(?:of\s+the\s+)?(?:United\s+States|US|U\.S\.)(?:\s+currency)?(?=\s*\())?"
        rf"(?:\s*[\(\[]\s*(?P<post>(?:U\.?\s?S\.?\s?|C|A|CDN|HK)?[\$€£¥₹]|{_CODE}\s?[\$€£¥]?|Rs\.?)\s?(?:(?P<pf>{_FIGURE})(?P<psc>{_SCALE})?|{_EMPTY})"
        rf"(?:\s?(?:{_CODE}|(?:{_CURRENCY_WORD})))?\s*[\)\]])?",
        re.IGNORECASE,
    )


def _symbol_currency(sign: str) -> str:
    bare = sign.replace(" ", "").rstrip("$€£¥₹")
    if sign.rstrip()[-1] == "$":
        return _DOLLARS.get(bare.lower(), "USD") if bare else "USD"
    if bare:
        return _ALIASES.get(bare.upper(), bare.upper())
    return SYMBOLS[sign.strip()]


def read_number_money(text: str, number: Number) -> ReadMoney | None:
    """Money that begins with a number: "ten thousand dollars ($10,000)", "Fifty Thousand ($50,000)", "10,000 Euros"."""
    match = _after_number().match(text, number.end)
    if match is None or number.ordinal or not (match["cur"] or match["in"] or match["post"]):
        return None
    if match["cur"] is None and number.word is None:
        return None
    cents = match["cur"] is not None and re.search(r"cents?|pence", match["cur"], re.IGNORECASE) is not None
    end = match.end()
    quote = text[number.start : end]
    sign = match["post"] or match["in"]
    currency = _symbol_currency(sign) if sign else ""
    if match["cur"]:
        named = match["cur"]
        said = (
            _ALIASES.get(named.upper(), named.upper())
            if re.fullmatch(_CODE, named, re.IGNORECASE)
            else currency_of(named)
        )
        currency = said if said != "USD" or not currency else currency
    if number.value is None:
        return ReadMoney(end, Amount(text=quote, currency=currency, redacted=True), ("redacted",))
    scale = _SCALES[match["sc"].strip().lower()] if match["sc"] else 1
    value = _exact(number.value * scale / (100 if cents else 1))
    figure = match["pf"] or match["inf"]
    repeated = _scaled(figure, match["psc"] or match["insc"]) if figure else None
    if repeated is None and number.conflict and number.figure is not None:
        repeated = _exact(number.figure * scale)
    if repeated is not None and repeated != value and int(repeated) != int(value):
        rival = Amount(text=quote, value=repeated, currency=currency)
        return ReadMoney(end, Amount(text=quote, value=value, currency=currency), ("word_figure_conflict",), (rival,))
    return ReadMoney(end, Amount(text=quote, value=value if repeated is None else repeated, currency=currency))


def _exact(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


@cache
def _percent() -> re.Pattern[str]:
    sign = r"(?:%|per\s?cent(?:age\s+points?)?(?![a-z])|percentage\s+points?|basis\s+points)"
    return re.compile(
        rf"\s*-?\s*(?:{sign})(?:\s*[\(\[]\s*(?:{_FIGURE}|{CARDINAL}|{_EMPTY})\s*{sign}?\s*[\)\]])?(?:\s*{sign})?"
        rf"|\s*[\(\[]\s*(?:{_FIGURE}|{_EMPTY})\s*%\s*[\)\]](?:\s*{sign})?",
        re.IGNORECASE,
    )


@cache
def _percent_figure() -> re.Pattern[str]:
    return re.compile(rf"[\(\[]\s*({_FIGURE})\s*(?:%|per\s?cent)?\s*[\)\]]", re.IGNORECASE)


@cache
def _base() -> re.Pattern[str]:
    """What a rate is of: a run of nouns, told by capitals or by a few words that contracts use."""
    lead = (
        r"(?:the|all|its|any|such|each|said|their|aggregate|total|gross|net|annual|monthly|quarterly|then[- ]current"
        r"|actual|full|initial)"
    )
    return re.compile(
        rf"\s+of\s+((?:{lead}\s+){{0,4}}(?:[A-Z][\w'’-]*(?:\s+(?:of\s+|from\s+|and\s+|for\s+(?:the\s+)?)?(?=[A-Z][a-z]))?\s?){{1,6}}"
        rf"|(?:{lead}\s+){{0,4}}(?!shall|will|which|that\b)[a-z][\w'’-]+(?:\s+(?:price|sales|revenues?|amounts?|fees?|costs?|value|balance|proceeds|income|receipts|paid|due|invoice[ds]?|payments?)){{0,2}})"
    )


@cache
def _rate_range() -> re.Pattern[str]:
    return re.compile(r"\s*(?:to|[-–—]|and|or)\s*$", re.IGNORECASE)


def read_rate(text: str, number: Number) -> ReadMoney | None:
    """A percentage, with what it is of where that is said: "five percent (5%) of Net Sales"."""
    match = _percent().match(text, number.end)
    if match is None or number.ordinal:
        return None
    end = match.end()
    flags: list[str] = []
    figure = _percent_figure().search(match.group())
    conflict = number.conflict or (
        figure is not None and number.word is not None and _decimal(figure[1]) != _exact(number.word)
    )
    if number.value is None:
        flags.append(number.redacted)
    elif conflict:
        flags.append("word_figure_conflict")
    base = _base().match(text, end)
    if base is not None:
        end = base.end() - (len(base.group()) - len(base.group().rstrip()))
    quote = text[number.start : end]
    of = " ".join(base[1].split()) if base else ""
    said = "" if number.value is None else f"{_exact(number.value).normalize():f}"
    unit = " basis points" if "basis" in match.group().lower() else "%"
    rate = f"{said}{unit}{f' of {of}' if of else ''}" if said else " ".join(quote.split())
    return ReadMoney(end, Amount(text=quote, rate=rate, redacted=number.value is None), tuple(flags))
