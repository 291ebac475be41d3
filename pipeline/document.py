"""One document's path, from bytes to outcome.

hash > identify and read > extract > resolve > boxes for the evidence that was kept. Whatever goes wrong ends here
as a ``Problem`` of that document.
"""

import hashlib
import importlib
import logging
import os
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from models.base import Value
from models.business import WEEKENDS_ONLY, BusinessCalendar, calendar_for
from models.contract import Milestone, Outcome, Status, Term, TermState
from models.contract_resolution import resolve_contract
from models.evidence import Evidence
from models.problem import Category, DocumentError, Problem, Stage
from models.resolution import Conventions
from models.sending import Sending
from models.sketch import sketch_of
from models.source import SourceText, Span
from pipeline.identify import MediaType
from pipeline.limits import Limits
from pipeline.read import locate, read
from rules.loader import installed_rules
from rules.schema import RuleSet
from store.texts import dear, pack

log = logging.getLogger(__name__)

_CONTRACT_WORD = re.compile(
    r"\b(agree|agreement|amendment|contract|covenants?|parties|party|shall|hereby|hereto|hereof|hereunder|thereof|licensee|"
    r"lessee|undersigned|notwithstanding|pursuant|warrants|witnesseth)\b",
    re.IGNORECASE,
)
_FEW = 3
"""Different words of contracts that a text without dates or terms needs to pass for one all the same."""

_OPENING = 4_000
"""Characters of the text that are kept for linking documents."""

_NO_TEXT = Problem(stage=Stage.READ, category=Category.EMPTY, message="There is no text in this file.")


class Options(Value):
    """What decides, besides the rules, what a document gives."""

    limits: Limits = Limits()
    conventions: Conventions = Conventions()
    jurisdiction: str | None = None
    """Whose holidays are no business days (ISO 3166); where it is absent only weekends are not."""
    ocr: bool = True
    """Whether pages that are pictures are read, if an engine is installed."""
    boxes: bool = True
    """Whether evidence gets its boxes on the page."""


class Job(NamedTuple):
    """A file to be processed: where it is, and what it is called in the outcome."""

    path: str
    name: str


class Processed(NamedTuple):
    """The outcome of a file, and what the store notes about reading it."""

    outcome: Outcome
    size: int | None = None
    media_type: str | None = None
    seconds: float = 0.0
    reading: float = 0.0
    """Seconds of these until there was text."""
    words: int = 0
    """Words of the text, parted by white space."""
    text: bytes | None = None
    """The text, where it is dear to have (``store.texts``)."""


def process(name: str, data: bytes, rules: RuleSet, options: Options) -> Processed:
    """Read one document. A failure is an outcome too; nothing that is in a file makes this raise."""
    from extractors.extract import extract  # loads spaCy, which a process that only hands out work can do without

    started = time.perf_counter()
    sha256 = hashlib.sha256(data).hexdigest()
    stage = Stage.READ
    media: MediaType | None = None
    reading, words, text = 0.0, 0, None
    try:
        media, source = read(Path(name).name, data, options.limits, ocr=options.ocr)
        reading, words = time.perf_counter() - started, len(source.text.split())
        text = pack(source) if dear(source) else None
        if not source.text.strip():
            problems = source.problems or (_NO_TEXT,)
            outcome = failed(name, *problems, sha256=sha256, pages=len(source.pages) or None)
            return Processed(outcome, len(data), str(media), time.perf_counter() - started, reading)
        stage = Stage.EXTRACT
        findings = extract(source, rules)
        stage = Stage.RESOLVE
        terms, milestones = resolve_contract(
            findings.terms, findings.milestones, _calendar(options.jurisdiction), options.conventions
        )
        status, problems = _judged(source, terms, milestones)
        outcome = Outcome(
            file=name,
            sha256=sha256,
            status=status,
            pages=len(source.pages) or None,
            draft=source.draft or findings.draft,
            draft_evidence=findings.draft_evidence,
            terms=terms,
            milestones=milestones,
            problems=problems,
            amends=findings.amends,
            operations=findings.operations,
            parts=findings.parts,
            opening=source.text[:_OPENING],
            jurisdiction=options.jurisdiction,
            conventions=options.conventions,
            sketch=sketch_of(source.text),
        )
        stage = Stage.READ
        if options.boxes and source.pages:
            outcome = _with_boxes(outcome, media, data, source)
    except DocumentError as error:
        outcome = failed(name, _for_people(error.problem), sha256=sha256)
    except MemoryError:
        problem = Problem(stage=stage, category=Category.MEMORY, message="There was not enough memory for this file.")
        outcome = failed(name, problem, sha256=sha256)
    except Exception as error:  # the one trap at the edge of a document: a defect costs this document only
        log.info("%s: a defect, please report it", name, exc_info=True)
        message = f"A defect of the program stopped it here ({type(error).__name__}); -v shows where."
        outcome = failed(name, Problem(stage=stage, category=Category.INTERNAL, message=message), sha256=sha256)
    return Processed(outcome, len(data), media and str(media), time.perf_counter() - started, reading, words, text)


def process_file(job: Job, rules: RuleSet, options: Options) -> Processed:
    """Read one file."""
    path = Path(job.path)
    try:
        if path.is_dir():
            return Processed(_unread(job.name, Category.MISSING, "This is a folder, not a file."))
        size = path.stat().st_size
        if size > options.limits.bytes:
            message = f"The file has {size:,} bytes; more than {options.limits.bytes:,} are not read (limits.bytes)."
            return Processed(_unread(job.name, Category.TOO_LARGE, message), size)
        data = path.read_bytes()
    except OSError as error:
        words = "There is no such file." if isinstance(error, FileNotFoundError) else f"{error.strerror}."
        return Processed(_unread(job.name, Category.MISSING, words))
    return process(job.name, data, rules, options)


def worker(options: Options, log_level: int = logging.WARNING) -> Callable[[Job], Processed]:
    """What a worker process does with a file, with the rules loaded."""
    logging.basicConfig(level=log_level, format="%(message)s")
    importlib.import_module("extractors.extract")  # now, so that no document's deadline pays for it
    return partial(process_file, rules=installed_rules(), options=options)


def _for_people(problem: Problem) -> Problem:
    """A container is not taken apart on the way of one document; say what its owner can do."""
    if problem.category is not Category.CONTAINER:
        return problem
    message = "This is an archive or an e-mail with attachments. Unpack it and hand in the documents it holds."
    return problem.model_copy(update={"message": message})


def _calendar(jurisdiction: str | None) -> BusinessCalendar:
    return calendar_for(jurisdiction) if jurisdiction else WEEKENDS_ONLY


def _judged(
    source: SourceText, terms: tuple[Term, ...], milestones: tuple[Milestone, ...]
) -> tuple[Status, tuple[Problem, ...]]:
    """How reading went, by the reader's problems and by whether anything was found.

    A text that speaks of nothing a contract speaks of, in no such words, is none; unless its letters are garbled or
    pictures, which is a better reason for having found nothing.
    """
    problems = source.problems
    found = bool(milestones) or any(term.state is not TermState.ABSENT for term in terms)
    words = {word.lower() for word in _CONTRACT_WORD.findall(source.text)}
    categories = {problem.category for problem in problems}
    if found or len(words) >= _FEW or Category.NO_TEXT_LAYER in categories:
        return (Status.PARTIAL if problems else Status.OK), problems
    if Category.BROKEN_TEXT in categories:
        return Status.FAILED, problems
    message = "This does not read like a contract: no date, no term, nothing that is due was found."
    none = Problem(stage=Stage.EXTRACT, category=Category.NOT_A_CONTRACT, message=message)
    return Status.FAILED, (*problems, none)


def failed(name: str, *problems: Problem, sha256: str | None = None, pages: int | None = None) -> Outcome:
    """The outcome of a document that could not be read."""
    return Outcome(file=name, sha256=sha256, status=Status.FAILED, pages=pages, problems=problems)


def _unread(name: str, category: Category, message: str) -> Outcome:
    return failed(name, Problem(stage=Stage.READ, category=category, message=message))


def printable(name: str) -> str:
    """A file's name as text; bytes that are no UTF-8 become the replacement character."""
    return os.fsencode(name).decode("utf-8", "replace")


def _with_boxes(outcome: Outcome, media: MediaType, data: bytes, source: SourceText) -> Outcome:
    """The same outcome, each passage with its boxes; the file is opened once for all of them."""
    kept = [
        *(evidence for term in outcome.terms for evidence in term.evidence),
        *(reading.evidence for term in outcome.terms for reading in term.alternatives),
        *(evidence for milestone in outcome.milestones for evidence in milestone.evidence),
        *(one.sending.evidence for one in outcome.milestones if one.sending and one.sending.evidence),
        *(reference.evidence for reference in outcome.amends),
        *(evidence for operation in outcome.operations for evidence in operation.evidence[:1]),
    ]
    spans = sorted({_span(evidence) for evidence in kept})
    boxes = dict(zip(spans, locate(media, data, source, spans), strict=True))

    def boxed(evidence: Evidence) -> Evidence:
        return evidence.model_copy(update={"boxes": boxes.get(_span(evidence), ())})

    terms = tuple(
        term.model_copy(
            update={
                "evidence": tuple(map(boxed, term.evidence)),
                "alternatives": tuple(
                    reading.model_copy(update={"evidence": boxed(reading.evidence)}) for reading in term.alternatives
                ),
            }
        )
        for term in outcome.terms
    )

    def placed(sending: Sending | None) -> Sending | None:
        if sending is None or sending.evidence is None:
            return sending
        return sending.model_copy(update={"evidence": boxed(sending.evidence)})

    milestones = tuple(
        milestone.model_copy(
            update={"evidence": tuple(map(boxed, milestone.evidence)), "sending": placed(milestone.sending)}
        )
        for milestone in outcome.milestones
    )
    amends = tuple(one.model_copy(update={"evidence": boxed(one.evidence)}) for one in outcome.amends)
    operations = tuple(
        one.model_copy(update={"evidence": tuple(map(boxed, one.evidence))}) for one in outcome.operations
    )
    return outcome.model_copy(
        update={"terms": terms, "milestones": milestones, "amends": amends, "operations": operations}
    )


def _span(evidence: Evidence) -> Span:
    return Span(evidence.start, evidence.end)
