"""Tables for people: the terms and milestones of a document, the milestones of many, the account of a batch."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from milepost.console import shorten
from models.contract import Milestone, Outcome, Status, Term, TermState
from models.evidence import Evidence
from models.period import Direction
from pipeline.output import term_value

_SHADES = {Status.OK: "green", Status.PARTIAL: "yellow", Status.FAILED: "red"}


def outcome_view(outcome: Outcome) -> RenderableType:
    """All that a document said, or why it said nothing."""
    head = Text.assemble((outcome.file, "bold"), "  ", (str(outcome.status), _SHADES[outcome.status]))
    if outcome.pages:
        head.append(f"  {outcome.pages} {'page' if outcome.pages == 1 else 'pages'}")
    if outcome.draft:
        head.append("  draft", "yellow")
    parts: list[RenderableType] = [head]
    parts += [Text(f"  {problem.category}: {problem.message}", "red") for problem in outcome.problems]
    if outcome.terms:
        parts.append(terms_table(outcome.terms))
    if outcome.milestones:
        table = milestones_table()
        for milestone in outcome.milestones:
            add_milestone(table, milestone)
        parts.append(table)
    return Group(*parts, Text())


def terms_table(terms: Iterable[Term]) -> Table:
    """A row for each term, absent ones too."""
    table = plain_table("Term", "Value", "Why", "Where")
    table.add_column("Conf.", justify="right")
    for term in terms:
        table.add_row(
            str(term.field).replace("_", " "),
            escape(term_words(term)),
            escape(shorten(term.derivation or (term.evidence[0].quote if term.evidence else ""), 80)),
            _where(term.evidence),
            f"{term.confidence:.0%}",
        )
    return table


def milestones_table(*, contract: bool = False) -> Table:
    """An empty table for milestones, with a column for the contract if there are several."""
    columns = ["Kind", "What", "Date, or what it waits for", "Quote", "Where"]
    table = plain_table(*(["Contract"] if contract else []), *columns)
    table.add_column("Conf.", justify="right")
    return table


def add_milestone(table: Table, milestone: Milestone, contract: str | None = None) -> None:
    """Add a row."""
    table.add_row(
        *([escape(contract)] if contract is not None else []),
        str(milestone.kind),
        escape(what(milestone)),
        escape(when(milestone)),
        escape(shorten(milestone.quote, 60)),
        _where(milestone.evidence),
        f"{milestone.confidence:.0%}",
    )


def what(milestone: Milestone) -> str:
    """The title, who acts, and the amount."""
    parts = [milestone.title]
    if milestone.who:
        parts.append(f"({milestone.who})")
    if milestone.amount and milestone.amount.value is not None:
        parts.append(f"{milestone.amount.value:,} {milestone.amount.currency or ''}".strip())
    return " ".join(parts)


def when(milestone: Milestone) -> str:
    """The date of a milestone, else its window, else what it waits for, else how it is timed."""
    again = f", {milestone.recurrence}".replace("_", " ") if milestone.recurrence else ""
    if milestone.date:
        return f"{milestone.date}{again}"
    if milestone.earliest or milestone.latest:
        return f"{milestone.earliest or '…'} to {milestone.latest or '…'}{again}"
    timing = _timing(milestone)
    if milestone.blocked_on:
        return f"{timing}{again}; waits for: {milestone.blocked_on}".lstrip("; ,")
    return (timing + again).lstrip(", ") or "no date stated"


def _timing(milestone: Milestone) -> str:
    """The timing as stated: "45 days after receipt of the invoice", "upon acceptance"."""
    if milestone.offset is None:
        return ""
    if milestone.anchor is None:
        return str(milestone.offset) if milestone.offset.count else ""
    if milestone.offset.count == 0:
        return f"{'by' if milestone.direction is Direction.BEFORE else 'upon'} {milestone.anchor}"
    return " ".join(filter(None, [str(milestone.offset), milestone.direction, milestone.anchor]))


def term_words(term: Term) -> str:
    """The value of a term, or why there is none."""
    value = term_value(term)
    if value is None:
        waits = f": {term.blocked_on}" if term.blocked_on else ""
        return "not found" if term.state is TermState.ABSENT else f"{term.state}{waits}"
    if isinstance(value, list):
        names = (
            f"{party['name']} ({party['defined_as']})" if party["defined_as"] else party["name"] for party in value
        )
        return "; ".join(names)
    if not isinstance(value, dict):
        return str(value)
    if "text" in value:
        return str(value["text"])
    words = [f"{value[unit]} {unit}" for unit in ("months", "days") if unit in value]
    words += [word for word in ("business", "successive", "automatic") if value.get(word)]
    return ", ".join(words)


def _where(evidence: tuple[Evidence, ...]) -> str:
    return escape(evidence[0].where) if evidence else ""


def plain_table(*columns: str) -> Table:
    """An empty table of the look they all have."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
