"""Which contracts are held out together, so that nothing is measured on what it was learned from.

Contracts of one company are drawn up alike: they share a fold. The company is read off the beginning of the file's
name, which in the public filings it serves is the filer's; names without one are companies of their own.
"""

import random
import re
from collections.abc import Iterable

FOLDS = 5
_LETTERS = 12
"""Letters of a company's name that tell it from others ("AcmeInc" and "AcmeIncorporated" are one)."""


def company(file: str) -> str:
    """What contracts of one company share."""
    name = re.split(r"[_\d]", file.lower(), maxsplit=1)[0]
    return re.sub(r"[^a-z]", "", name)[:_LETTERS] or file


def folds(files: Iterable[str], count: int = FOLDS) -> dict[str, int]:
    """The fold of every file: companies drawn at random, always the same, into folds of about equal size."""
    by_company: dict[str, list[str]] = {}
    for file in sorted(set(files)):
        by_company.setdefault(company(file), []).append(file)
    companies = sorted(by_company)
    random.Random(1).shuffle(companies)
    sizes = [0] * count
    fold: dict[str, int] = {}
    for name in sorted(companies, key=lambda name: -len(by_company[name])):
        smallest = sizes.index(min(sizes))
        sizes[smallest] += len(by_company[name])
        fold |= dict.fromkeys(by_company[name], smallest)
    return fold
