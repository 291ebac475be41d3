"""Evidence for what was read: the passage, its page and its section."""

from extractors.engine import Document
from models.evidence import Evidence
from models.part import PartKind
from models.source import Span


def evidence(document: Document, span: Span) -> Evidence:
    """The characters of ``span`` as evidence. Boxes are filled later, for the spans that are kept."""
    part = document.part_at(span.start)
    passage = document.passages[document.index_at(span.start)] if document.passages else None
    return Evidence(
        start=span.start,
        end=span.end,
        quote=document.text[span.start : span.end],
        page=document.source.page_of(span.start),
        section=(passage.section or None) if passage else None,
        part=(part.title or None) if part.kind is not PartKind.MAIN else None,
    )
