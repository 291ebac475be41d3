"""The parts of one file: the contract itself, and what is attached to it or filed with it."""

from enum import StrEnum

from models.base import Value


class PartKind(StrEnum):
    """What a part of a file is."""

    MAIN = "main"
    """The contract (or the amendment) that the file is about: what stands before its signatures, and they."""
    EXHIBIT = "exhibit"
    """A schedule, annex, appendix or other attachment that belongs to the contract and completes it."""
    STATEMENT_OF_WORK = "statement_of_work"
    ORDER = "order"
    """An order form or a purchase order."""
    AMENDMENT = "amendment"
    """An amendment of the contract, or a joinder to it, filed behind it."""
    AGREEMENT = "agreement"
    """Another agreement: the original behind an amendment, or one that was made beside the contract."""
    FORM = "form"
    """The form of an agreement or notice that may be made later."""


OF_THEIR_OWN = frozenset({PartKind.AMENDMENT, PartKind.AGREEMENT, PartKind.FORM})
"""Parts with dates and terms of their own, which are not those of the contract that the file is about."""


class DocumentPart(Value):
    """``text[start:end]`` is a part of the document. ``title`` is how it names itself, "" where it does not."""

    kind: PartKind
    title: str
    start: int
    end: int
