"""``milepost explain``: which rules and which model speak on a sentence, why the merge chose as it did, and what that
means with the facts that are known."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.markup import escape
from rich.tree import Tree

from extractors.day_month_order import day_month_order
from extractors.engine import engine_for, prepare
from extractors.extract import extract
from extractors.terms import extract_terms
from milepost.console import shorten, stdout
from milepost.settings import load_settings
from milepost.tables import add_milestone, milestones_table, terms_table
from milepost.voices import choices_tree, finder_tree
from milepost.wiring import options, use_config
from models.business import WEEKENDS_ONLY, BusinessCalendar, calendar_for
from models.candidate import Part
from models.contract import Term, TermState
from models.contract_resolution import resolve_contract, rolling_term
from models.cycles import CycleKind
from models.dateexpr import Anchor, AnchorName, Fixed
from models.resolution import Blocked, Conventions, Fact
from pipeline.identify import MediaType
from pipeline.limits import Limits
from pipeline.read import read
from rules.loader import installed_rules


class FactError(Exception):
    """A fact of the command line cannot be used."""


def run(text: str, facts: Sequence[str], as_of: dt.date | None, config: Path | None) -> None:
    """Print the rules that fire, the terms and milestones they give, and the term in force on ``as_of``."""
    supplied = dict(map(parse_fact, facts))
    use_config(config)
    given = options(load_settings())
    rules = installed_rules()
    media, source = read("the text", text.encode("utf-8", "replace"), Limits())
    if media is not MediaType.TEXT:
        raise FactError("Give a sentence of a contract, not a document; for files there is: milepost extract FILE")
    console = stdout()
    document = prepare(source, day_month_order(source.text, rules))
    trees = [hit.why(document.text) for group in rules.rules for hit in engine_for(rules, group).run(document)]
    console.print(_rules_tree(trees))
    found = extract(source, rules)
    heard = extract_terms(document, rules)
    if heard.candidates or heard.clauses.scores:
        console.print()
        console.print(finder_tree(heard.clauses, document))
        console.print()
        console.print(choices_tree(heard, document, rules.data))
    calendar = calendar_for(given.jurisdiction) if given.jurisdiction else WEEKENDS_ONLY
    terms, milestones = resolve_contract(found.terms, found.milestones, calendar, given.conventions, supplied)
    said = [term for term in terms if term.state is not TermState.ABSENT]
    if said:
        console.print()
        console.print(terms_table(said))
    if milestones:
        console.print()
        table = milestones_table()
        for milestone in milestones:
            add_milestone(table, milestone)
        console.print(table)
        for milestone in milestones:
            if milestone.derivation:
                console.print(f"{milestone.kind}: {milestone.derivation}", markup=False)
    if as_of is not None:
        console.print()
        console.print(_in_force(found.terms, calendar, given.conventions, supplied, as_of), markup=False)


def parse_fact(text: str) -> tuple[str, Fact]:
    """``effective_date=2024-01-01``, or ``"delivery of the goods=2024-01-01"`` for an event in the contract's words."""
    name, _, date = text.partition("=")
    try:
        day = dt.date.fromisoformat(date.strip())
    except ValueError as error:
        raise FactError(f"--fact {text!r} has no date; write NAME=YYYY-MM-DD.") from error
    name = name.strip()
    known = name.lower().replace(" ", "_").replace("-", "_")
    if not name:
        raise FactError(f"--fact {text!r} has no name; write NAME=YYYY-MM-DD.")
    if known in set(AnchorName) - {AnchorName.EVENT}:
        anchor = Anchor(name=AnchorName(known))
        label = known.replace("_", " ").capitalize()
    else:
        anchor, label = Anchor(name=AnchorName.EVENT, event=name), name
    return anchor.key, Fact(label=label, expr=Fixed(date=day))


def _rules_tree(trees: Sequence[Part]) -> Tree:
    root = Tree("[bold]Rules that fire[/bold]" if trees else "No rule fires.")
    for part in trees:
        _add(root, part)
    return root


def _add(tree: Tree, part: Part) -> None:
    branch = tree.add(f"[cyan]{escape(part.rule)}[/cyan]  {escape(shorten(part.text, 100))}")
    for child in part.parts:
        _add(branch, child)


def _in_force(
    terms: tuple[Term, ...],
    calendar: BusinessCalendar,
    conventions: Conventions,
    supplied: Mapping[str, Fact],
    day: dt.date,
) -> str:
    """The term a contract is in on a day, and the notice that is still worth giving."""
    rolling = rolling_term(terms, calendar, conventions, supplied)
    if isinstance(rolling, Blocked):
        return f"On {day}: the term is not known; {rolling.reason}"
    cycle = rolling.cycle_at(day)
    if cycle is None:
        return f"On {day}: the contract has ended."
    name = "initial term" if cycle.kind is CycleKind.INITIAL else f"renewal term {cycle.number - 1}"
    words = f"On {day}: {name}, {cycle.start or '…'} to {cycle.end or cycle.blocked_on or 'no end'}."
    notice = rolling.next_notice(day)
    if notice is not None:
        words += f" Notice that stops the next renewal: by {notice.notice_latest}."
    elif cycle.notice_blocked_on:
        words += f" Notice: {cycle.notice_blocked_on}."
    return words
