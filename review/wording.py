"""The words people read in place of the program's own: dates, kinds, confidence, what is odd about a passage."""

import datetime as dt
from typing import NamedTuple

from models.contract import Milestone, MilestoneKind, Recurrence, Renewal, Term, TermField, TermState
from models.decision import Action, ItemState
from models.derivation import WEEKDAYS, date_words, window_words
from models.money import Amount
from models.period import Direction
from rules.tracking_policies import When

KINDS = {
    MilestoneKind.PAYMENT: "Payment",
    MilestoneKind.NOTICE: "Notice deadline",
    MilestoneKind.RENEWAL: "Renewal",
    MilestoneKind.TERMINATION: "Termination",
    MilestoneKind.CURE: "Cure period",
    MilestoneKind.EXPIRATION: "End of term",
    MilestoneKind.EFFECTIVE: "Takes effect",
    MilestoneKind.REPORT: "Report",
    MilestoneKind.DELIVERY: "Delivery",
    MilestoneKind.REVIEW: "Review",
    MilestoneKind.SURVIVAL: "Survival",
}

TERMS = {
    TermField.AGREEMENT_DATE: "Agreement date",
    TermField.EFFECTIVE_DATE: "Effective date",
    TermField.EXPIRATION_DATE: "End of the initial term",
    TermField.RENEWAL_TERM: "Renewal",
    TermField.NOTICE_PERIOD: "Notice to stop a renewal",
    TermField.TITLE: "Title",
    TermField.PARTIES: "Parties",
    TermField.CONTRACT_TYPE: "Type of contract",
    TermField.GOVERNING_LAW: "Governing law",
    TermField.TOTAL_VALUE: "Total value",
}

RECURRENCES = {
    Recurrence.WEEKLY: "every week",
    Recurrence.MONTHLY: "every month",
    Recurrence.QUARTERLY: "every quarter",
    Recurrence.SEMIANNUAL: "every half year",
    Recurrence.ANNUAL: "every year",
    Recurrence.PER_EVENT: "each time it happens",
}

_FLAGS = {
    "word_figure_conflict": "The words and the figure disagree.",
    "redacted": "Part of it is redacted.",
    "blank": "Part of it is left blank.",
    "ambiguous_order": "Day and month could be the other way round.",
    "two_digit_year": "The year has two digits only.",
    "month_only": "It names a month, not a day.",
    "unit_missing": "The unit of time is missing.",
    "by_agreement": "Only if the parties agree.",
    "calendar": "Calendar periods are meant.",
    "contract": "Periods of the contract are meant.",
    "fiscal": "Fiscal periods are meant.",
    "rolling": "It goes on from one period to the next.",
}

_STEPS = (
    (0.97, "Almost certainly right"),
    (0.9, "Very likely right"),
    (0.75, "Likely right"),
    (0.5, "More likely right than wrong"),
    (0.25, "Doubtful"),
)


class Confidence(NamedTuple):
    """A confidence for people: a word, what it means, and how full a bar of five is."""

    word: str
    meaning: str
    filled: int


def kind_words(kind: str) -> str:
    """A milestone's kind or a term's field as people call it."""
    for names in (KINDS, TERMS):
        for key, words in names.items():
            if key.value == kind:
                return words
    return kind.replace("_", " ").capitalize()


def confidence_words(value: float) -> Confidence:
    """How sure the program is; "of 10 such answers" is what a calibrated confidence means."""
    word = next((words for least, words in _STEPS if value >= least), "Probably wrong")
    tenths = min(round(value * 10), 10)
    meaning = "of 100 answers like this, about " + str(round(value * 100)) + " are right"
    if value < 0.97:
        meaning = f"of 10 answers like this, about {tenths} {'is' if tenths == 1 else 'are'} right"
    return Confidence(word, meaning, max(1, min(5, round(value * 5))))


def flag_words(flag: str) -> str:
    """What is odd about a passage, as a sentence."""
    return _FLAGS.get(flag, flag.replace("_", " ").capitalize() + ".")


def weekday(day: dt.date) -> str:
    """The day of the week."""
    return WEEKDAYS[day.weekday()]


def distance(day: dt.date, today: dt.date) -> str:
    """How far a day is from today, as people say it: ``in 3 months``, ``12 days ago``."""
    days = (day - today).days
    if days in (-1, 0, 1):
        return {-1: "yesterday", 0: "today", 1: "tomorrow"}[days]
    away = abs(days)
    if away < 45:
        words = f"{away} days"
    elif away < 730:
        words = f"{round(away / 30.44)} months"
    else:
        words = f"{away / 365.25:.1f}".removesuffix(".0") + " years"
    return f"in {words}" if days > 0 else f"{words} ago"


def when_words(milestone: Milestone) -> str:
    """The day or window of a milestone, else how it is timed, else what it waits for."""
    if milestone.date or milestone.earliest or milestone.latest:
        return window_words(milestone.date or milestone.earliest, milestone.date or milestone.latest)
    return timing_words(milestone) or (f"waits for {milestone.blocked_on}" if milestone.blocked_on else "no date")


def timing_words(milestone: Milestone) -> str:
    """The timing as the contract states it: ``30 days after receipt of invoice, every month``."""
    parts = []
    if milestone.offset is not None and milestone.offset.count == 0:
        parts.append(f"upon {milestone.anchor}" if milestone.anchor else "at once")
    elif milestone.offset is not None:
        side = {Direction.BEFORE: "before", Direction.AFTER: "after"}.get(milestone.direction or Direction.AFTER)
        parts.append(f"{milestone.offset} {side} {milestone.anchor}" if milestone.anchor else str(milestone.offset))
    elif milestone.anchor:
        parts.append(f"{milestone.direction or 'upon'} {milestone.anchor}")
    if milestone.recurrence is not None:
        parts.append(RECURRENCES[milestone.recurrence])
    return ", ".join(parts)


def renewal_words(renewal: Renewal) -> str:
    """``12 months at a time, automatic, again and again``."""
    if renewal.perpetual:
        return "goes on without an end"
    parts = [str(renewal.period) if renewal.period else "length not stated"]
    parts.append("automatic" if renewal.automatic else "only if someone acts")
    if renewal.times:
        parts.append("once" if renewal.times == 1 else f"at most {renewal.times} times")
    elif renewal.successive:
        parts.append("again and again")
    return ", ".join(parts)


def amount_words(amount: Amount) -> str:
    """The amount with its currency, else as the contract words it."""
    if amount.value is None:
        return amount.rate or amount.text
    figure = f"{amount.value:,.2f}".removesuffix(".00")
    if amount.high is not None:
        figure += f" to {amount.high:,.2f}".removesuffix(".00")
    return f"{amount.currency} {figure}" if amount.currency else figure


def term_words(term: Term) -> str:
    """The value of a term, ``Not found`` included."""
    if term.state is TermState.ABSENT:
        return "Not found"
    if term.perpetual:
        return "No end: the contract is perpetual"
    if term.date is not None:
        return date_words(term.date)
    if term.renewal is not None:
        return renewal_words(term.renewal)
    if term.notice is not None:
        return str(term.notice)
    if term.parties:
        return "; ".join(p.name + (f" (“{p.defined_as}”)" if p.defined_as else "") for p in term.parties)
    if term.amount is not None:
        return amount_words(term.amount)
    if term.text:
        return term.text
    if term.state is TermState.PARTIAL:
        return "Stated with a blank"
    return f"Waits for {term.blocked_on}" if term.blocked_on else "Not known"


def rule_words(rule: str | None) -> str:
    """What found it: ``rule payment net days (version 3)``."""
    if not rule:
        return "nothing found it"
    name, _, version = rule.partition("@")
    words = name.replace("_", " ").replace(".", " › ")
    return f"{words} (version {version})" if version else words


_STATES = {
    ItemState.PENDING: "To decide",
    ItemState.AWAITING_APPROVAL: "Waits for a second person",
    ItemState.ACCEPTED: "Accepted",
    ItemState.CORRECTED: "Corrected",
    ItemState.REJECTED: "Rejected",
    ItemState.SUPERSEDED: "Superseded",
}

_ACTIONS = {
    Action.ACCEPT: "accepted",
    Action.CORRECT: "corrected",
    Action.REJECT: "rejected",
    Action.APPROVE: "approved",
    Action.ADD: "added",
    Action.SUPPLY: "supplied a date",
    Action.WITHDRAW: "took back a supplied date",
    Action.REDATE: "moved with what it hangs on",
    Action.REOPEN: "opened again",
    Action.UNDO: "undid",
    Action.ASSIGN: "assigned",
    Action.AUTO_ACCEPT: "accepted by policy",
    Action.SUPERSEDE: "superseded",
    Action.POLICY: "changed a policy",
    Action.LINK: "said whether a document belongs to it",
    Action.SEEN: "saw to an amendment",
}


def state_words(state: ItemState) -> str:
    """How far the review of an item is."""
    return _STATES[state]


def action_words(action: Action) -> str:
    """What was done, after the name of who did it."""
    return _ACTIONS[action]


def case_words(when: When) -> str:
    """Which items a rule speaks of: ``payment or report, of contracts above EUR 100,000``."""
    parts = [" or ".join(kind_words(kind).lower() for kind in when.kinds)] if when.kinds else []
    if when.contract_types:
        parts.append(f"contracts of the type {' or '.join(when.contract_types)}")
    if when.departments:
        parts.append(f"the department {' or '.join(when.departments)}")
    if when.counterparties:
        parts.append(f"with {' or '.join(when.counterparties)}")
    if when.min_value is not None:
        parts.append(f"a value of at least {when.currency + ' ' if when.currency else ''}{when.min_value:,}")
    elif when.currency:
        parts.append(f"values in {when.currency}")
    if when.risk:
        parts.append(f"{' or '.join(when.risk)} risk")
    return "; ".join(parts) or "everything"


def share_words(share: float | None) -> str:
    """A share in per cent, with a decimal where it counts: ``2.9 %``, ``98 %``."""
    if share is None:
        return "not known"
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def browser_words(agent: str | None) -> str:
    """What a browser says it is, as people call it: ``Firefox on Windows``."""
    if not agent:
        return "unknown"
    name = next((words for mark, words in _BROWSERS if mark in agent), None)
    system = next((words for mark, words in _SYSTEMS if mark in agent), None)
    if name is None:
        return agent[:60]
    return f"{name} on {system}" if system else name


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
"""In this order: most of them claim to be those after them."""

_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def moment(at: dt.datetime) -> str:
    """A moment, in the time zone of the machine: ``3 Jul 2027, 14:05``."""
    here = at.astimezone()
    return f"{date_words(here.date())}, {here:%H:%M}"


def contract_name(title: str | None, name: str) -> str:
    """What to call a contract: its title, not shouted, else its file's name."""
    if not title:
        return name
    if title.upper() != title:
        return title
    words = [_SMALL.get(word, word.capitalize()) for word in title.lower().split()]
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


def heading(title: str, kind: str, is_term: bool) -> str:
    """What an item is called: a milestone by its title, a term by its name."""
    return kind_words(kind) if is_term else title


def plain_words(name: str) -> str:
    """A name of the program's own as words: ``Late fee``."""
    return name.replace("_", " ").capitalize()


_SMALL = {word: word for word in ("a", "an", "and", "by", "for", "in", "of", "on", "or", "the", "to", "with")} | {
    word: word.upper() for word in ("llc", "plc", "inc.", "ltd", "saas", "nda", "it")
}
