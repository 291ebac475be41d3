"""The text of a numbered clause of a document: what an amendment replaces, to show beside what it puts in its place."""

import re

from models.family import Exchange, Operation, OperationKind
from models.source import SourceText

LONGEST = 8_000
"""Characters of a clause that are shown."""
_KIND = re.compile(r"^(?:sub-?)?(?:section|clause|article|paragraph|§)s?\s+", re.IGNORECASE)


def clause_text(source: SourceText, number: str) -> str | None:
    """The clause of that number as it stands in the document, with its heading; None where it cannot be told.

    Where the reader knows no section of the number, it is the lines from the one that begins with it to the next that
    begins with another number.
    """
    wanted = _plain(number)
    for section in source.sections:
        if section.number and _plain(section.number) == wanted:
            return source.text[section.start : min(section.end, section.start + LONGEST)].strip()
    line = re.compile(rf"^[ \t]*(?:section |clause )?{re.escape(wanted)}\.?(?=[ \t])", re.MULTILINE | re.IGNORECASE)
    found = [match.start() for match in line.finditer(source.text)]
    if len(found) != 1:
        return None
    after = re.compile(r"^[ \t]*(?:section |clause )?\d{1,3}(?:\.\d{1,3})*\.?(?=[ \t])", re.MULTILINE | re.IGNORECASE)
    begins = source.text.find("\n", found[0])
    following = after.search(source.text, begins + 1) if begins >= 0 else None
    end = following.start() if following else len(source.text)
    return source.text[found[0] : min(end, found[0] + LONGEST)].strip()


def old_and_new(operation: Operation, clause: str | None) -> tuple[str, str] | None:
    """A clause before and after an operation; None where the operation does not tell, or the clause is not at hand."""
    told = [pair for pair in operation.exchanges if pair.old and pair.new]
    match operation.kind:
        case OperationKind.REPLACE_CLAUSE if told:
            return _words(told[0])
        case OperationKind.REPLACE_CLAUSE if operation.text and clause:
            return clause, operation.text
        case OperationKind.INSERT if operation.text:
            return "", operation.text
        case OperationKind.DELETE if clause:
            return clause, ""
        case OperationKind.REPLACE_WORDS if told:
            after = clause or ""
            for pair in told:
                old, new = _words(pair)
                after = re.sub(r"\s+".join(map(re.escape, old.split())), lambda _, new=new: new, after)  # type: ignore[misc]
            return (clause, after) if clause and after != clause else _words(told[0])
        case _:
            return None


def _words(pair: Exchange) -> tuple[str, str]:
    return (pair.old.text if pair.old else ""), (pair.new.text if pair.new else "")


def _plain(number: str) -> str:
    return _KIND.sub("", " ".join(number.split())).rstrip(".").replace(" (", "(").lower()
