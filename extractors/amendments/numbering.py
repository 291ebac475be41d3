"""Numbers of amendments and clauses, as different documents write the same one."""

import re

_NUMBERS = (
    "one first i,two second ii,three third iii,four fourth iv,five fifth v,six sixth vi,seven seventh vii,"
    "eight eighth viii,nine ninth ix,ten tenth x,eleven eleventh,twelve twelfth"
)
_WORDS = {word: number for number, words in enumerate(_NUMBERS.split(","), start=1) for word in words.split()}
_KIND = re.compile(r"(?i)^(?:sub-?)?(section|clause|article|paragraph|art\.|sec\.|§)s? ?")
_ATTACHED = re.compile(r"(?i)^(exhibit|schedule|appendix|annex|attachment)s? ?")


def as_number(word: str) -> int | None:
    """The number a document has among its kind: "2", "Second", "2nd", "II".

    >>> as_number("Second"), as_number("3"), as_number("iv"), as_number("4th")
    (2, 3, 4, 4)
    """
    plain = word.strip(" .#()").lower()
    if figure := re.match(r"\d+", plain):
        return int(figure[0])
    return _WORDS.get(plain)


def clause_name(words: str) -> str:
    """A clause as it is cited, without its kind; an attachment keeps it.

    >>> clause_name("Section 4.2"), clause_name("clauses 12.1 (ii)"), clause_name("EXHIBIT B")
    ('4.2', '12.1(ii)', 'Exhibit B')
    """
    plain = " ".join(words.split())
    if kind := _ATTACHED.match(plain):
        number = re.sub(r"(?<=-)l$", "1", plain[kind.end() :])  # scans take the one for the letter
        return f"{kind[1].capitalize()} {number.upper()}"
    return _KIND.sub("", plain).replace(" (", "(").rstrip(".")
