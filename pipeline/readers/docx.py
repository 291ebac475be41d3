"""Word files (.docx, .docm, .dotx) to a ``SourceText``: the final text a reader of the printed contract would see.

Order of the text: the body with its tables and text boxes; then footnotes and endnotes, each a line "[1] ...";
then headers and footers, each different line once. Notes leave no mark in the sentence they hang on, and headers
and footers come last, so that neither breaks a sentence; both are kept because covers carry dates and terms there.
Page numbers are dropped. A DOCX has no pages: ``pages`` is empty, and a run's "page" is its line (block) from 1.

Tracked changes are resolved to the final text and kept as ``Change``, and so is text struck through by hand, which
has no author; comments stand aside; hidden text is dropped. Automatic numbers are written out as Word shows them.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from models.problem import Category, DocumentError, Problem, Stage
from models.source import Section, SourceText
from pipeline.limits import Limits
from pipeline.readers.blocks import Block, words
from pipeline.readers.docx_numbering import Numbering
from pipeline.readers.docx_package import DocxPackage, R, W, attribute, is_on, too_large
from pipeline.readers.docx_runs import Findings
from pipeline.readers.docx_styles import Styles
from pipeline.readers.docx_walk import StoryWalker
from pipeline.readers.numerals import roman
from pipeline.readers.writer import TextWriter

_FURNITURE = re.compile(r"[\W\d_]*(?:page|pg)?[\W\d_]*(?:of)?[\W\d_]*", re.IGNORECASE)
_DRAFT = re.compile(r"\bdraft\b", re.IGNORECASE)
_DRAFT_LINE = re.compile(r"\W*[Dd]raft\b|.*\bDRAFT\b")
_PROPERTIES = frozenset(("contentStatus", "title", "subject", "category", "keywords"))


def read_docx(data: bytes, limits: Limits) -> SourceText:
    """Read a Word file.

    Raises:
        DocumentError: damaged, over a limit, or without any text.
    """
    package = DocxPackage(data, limits)
    return _DocxReader(package, limits).read()


class _DocxReader:
    def __init__(self, package: DocxPackage, limits: Limits) -> None:
        self._package = package
        self._limits = limits
        self._styles = Styles(package.related("styles"))
        self._lists = package.related("numbering")
        self._findings = Findings()
        self._writer = TextWriter()

    def read(self) -> SourceText:
        root = self._package.xml(self._package.main)
        body = None if root is None else root.find(f"{W}body")
        walker = self._walker()
        self._writer.write(walker.walk(body) if body is not None else [])
        body_end, live_dates = self._writer.length, self._findings.live_dates
        tail = [self._tail("Notes", self._write_notes)]
        furniture = list(self._furniture(walker.sections))
        tail.append(self._tail("Headers and footers", lambda: self._writer.write(furniture)))
        text = self._writer.text()
        if len(text) > self._limits.characters:
            raise too_large(f"Its text has {len(text):,} characters")
        if not text.strip():
            raise self._without_text(walker.embedded)
        changes = self._writer.changes(text)
        return SourceText(
            text=text,
            pages=(),
            runs=self._writer.runs(text),
            sections=self._writer.sections(text, body_end) + tuple(section for section in tail if section is not None),
            tables=self._writer.tables(text),
            changes=changes,
            comments=self._writer.comments(self._comments()),
            draft=any(change.author or change.date for change in changes) or self._calls_itself_draft(furniture),
            problems=tuple(self._problems(walker.embedded, live_dates)),
        )

    def _walker(self) -> StoryWalker:
        return StoryWalker(self._styles, Numbering(self._lists, self._styles), self._findings)

    def _tail(self, heading: str, write: Callable[[], None]) -> Section | None:
        """Write what stands behind the body, as a section of its own so that the last clause ends before it."""
        start = self._writer.length
        write()
        if self._writer.length == start:
            return None
        return Section(start + 1 if start else 0, self._writer.length, "", heading, 1)

    def _write_notes(self) -> None:
        """Footnotes by arabic, endnotes by roman numbers, in the order in which the text refers to them."""
        for kind, spell in (("footnote", str), ("endnote", lambda number: roman(number).lower())):
            names = self._findings.footnotes if kind == "footnote" else self._findings.endnotes
            root = self._package.related(f"{kind}s") if names else None
            notes = {} if root is None else {attribute(note, "id"): note for note in root.iter(f"{W}{kind}")}
            # Notes may refer to further notes while they are read, so the list can grow.
            for number, name in enumerate(names, 1):
                if name in notes:
                    self._writer.write_note(f"[{spell(number)}]", self._walker().walk(notes[name]))

    def _furniture(self, page_layouts: Sequence[etree._Element]) -> Iterator[Block]:
        """Blocks of the headers and footers that are shown, without page numbers and repetitions."""
        relations = self._package.relations(self._package.main)
        settings = self._package.related("settings")
        even = settings is not None and is_on(settings.find(f"{W}evenAndOddHeaders"))
        inherited: dict[tuple[str, str], str] = {}
        parts: dict[str, None] = {}
        for layout in page_layouts:
            for kind in ("header", "footer"):
                for reference in layout.iterchildren(f"{W}{kind}Reference"):
                    inherited[kind, attribute(reference, "type") or "default"] = reference.get(f"{R}id", "")
            first = is_on(layout.find(f"{W}titlePg"))
            for (_kind, page), name in sorted(inherited.items(), reverse=True):
                if page == "default" or (page == "first" and first) or (page == "even" and even):
                    parts[name] = None
        seen: set[str] = set()
        for name in parts:
            relation = relations.get(name)
            root = None if relation is None or relation.external else self._package.xml(relation.target)
            for block in [] if root is None else self._walker().walk(root):
                line = words(block)
                if line not in seen and not _FURNITURE.fullmatch(line):
                    seen.add(line)
                    yield block

    def _comments(self) -> dict[str, tuple[str, str]]:
        root = self._package.related("comments")
        told = {}
        for comment in () if root is None else root.iter(f"{W}comment"):
            lines = filter(None, map(words, self._walker().walk(comment)))
            told[attribute(comment, "id") or ""] = (attribute(comment, "author") or "", " ".join(lines))
        return told

    def _calls_itself_draft(self, furniture: Sequence[Block]) -> bool:
        if any(_DRAFT.search(mark) for mark in self._findings.watermarks):
            return True
        if any(_DRAFT_LINE.match(words(block)) for block in furniture):
            return True
        for relation in self._package.relations("").values():
            if relation.kind == "core-properties":
                root = self._package.xml(relation.target)
                for element in () if root is None else root:
                    if etree.QName(element).localname in _PROPERTIES and _DRAFT.search(element.text or ""):
                        return True
        return False

    def _without_text(self, embedded: Sequence[str]) -> DocumentError:
        if embedded:
            category, message = Category.UNSUPPORTED, "Its text is embedded in another format."
        elif any(relation.kind == "image" for relation in self._package.relations(self._package.main).values()):
            category = Category.NO_TEXT_LAYER
            message = "It holds pictures but no text. Save it as PDF, so that its pages can be read by OCR."
            return DocumentError(Problem(stage=Stage.READ, category=category, message=message))
        else:
            category, message = Category.EMPTY, "It holds no text."
        message += " Open it in Word, check it and save it as a new .docx."
        return DocumentError(Problem(stage=Stage.READ, category=category, message=message))

    def _problems(self, embedded: Sequence[str], live_dates: int) -> Iterator[Problem]:
        if live_dates:
            yield Problem(
                stage=Stage.READ,
                category=Category.LIVE_DATE,
                message=f"{live_dates} date(s) in the text are fields that Word replaces by the day on which the file "
                "is opened; read are those of its last saving. Check them against a signed copy.",
            )
        if embedded:
            yield Problem(
                stage=Stage.READ,
                category=Category.UNSUPPORTED,
                message=f"{len(embedded)} part(s) of the text are embedded in another format and were not read. "
                "Open it in Word and save it as a new .docx.",
            )
