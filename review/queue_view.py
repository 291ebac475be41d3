"""Which part of the queue a person looks at: the filters of the page, to and from the address it is at."""

from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from models.actor import Actor
from models.contract import MilestoneKind, TermField
from models.decision import Finding, ItemState
from store.review_queue import DONE, OPEN, Place, QueueFilter

STATES = {
    "open": ("To decide", OPEN),
    "decided": ("Decided", DONE),
    "second": ("Waits for a second person", (ItemState.AWAITING_APPROVAL,)),
    "rejected": ("Rejected", (ItemState.REJECTED,)),
    "all": ("All", OPEN + DONE),
}

SURE = {
    "": ("Any", None, None),
    "doubtful": ("Doubtful", None, 0.5),
    "likely": ("Likely right", 0.5, 0.9),
    "sure": ("Very likely right", 0.9, None),
}

LOOK_AT = {
    "": ("Anything", ()),
    "conflict": ("Conflicts", (Finding.CONFLICT,)),
    "absent": ("Not found", (Finding.ABSENT,)),
    "blocked": ("Waits for a fact", (Finding.BLOCKED,)),
    "partial": ("Blank or redacted", (Finding.PARTIAL,)),
    "vanished": ("No longer found", (Finding.VANISHED,)),
}

WHOSE = {"": "Anybody's", "me": "Mine", "none": "Nobody's"}
"""Whose items: besides these it may be the id of somebody's account."""

KINDS = tuple(kind.value for kind in MilestoneKind) + tuple(field.value for field in TermField)

_NAMES = ("state", "kind", "look", "sure", "whose", "counterparty", "q", "contract", "batch", "reviewer")
_LONGEST = 200


class QueueView(NamedTuple):
    """What is filtered by, as it stands in the address."""

    state: str = "open"
    kind: str = ""
    look: str = ""
    sure: str = ""
    whose: str = ""
    counterparty: str = ""
    q: str = ""
    contract: str = ""
    batch: str = ""
    reviewer: str = ""

    @classmethod
    def of(cls, params: QueryParams) -> "QueueView":
        """The view that an address asks for; what makes no sense in it is left out."""
        given = {name: params.get(name, "").strip()[:_LONGEST] for name in _NAMES}
        allowed: dict[str, Collection[str]] = {
            "state": STATES,
            "look": LOOK_AT,
            "sure": SURE,
            "kind": KINDS,
        }
        for name, values in allowed.items():
            if given[name] not in values:
                given[name] = "open" if name == "state" else ""
        return cls(**given)

    def which(self, actor: Actor) -> QueueFilter:
        """The items it lets through."""
        _, low, high = SURE[self.sure]
        return QueueFilter(
            batch=self.batch or None,
            contract=self.contract or None,
            kinds=(self.kind,) if self.kind else (),
            counterparty=self.counterparty or None,
            assignee={"me": actor.id, "none": None}.get(self.whose, self.whose or None),
            unassigned=self.whose == "none",
            reviewer=self.reviewer or None,
            states=STATES[self.state][1],
            findings=LOOK_AT[self.look][1],
            min_confidence=low,
            max_confidence=high,
            text=self.q or None,
        )

    @property
    def query(self) -> str:
        """The view for an address: ``?kind=notice``, empty for the plain one."""
        plain = QueueView()
        given = {name: getattr(self, name) for name in _NAMES if getattr(self, name) != getattr(plain, name)}
        return f"?{urlencode(given)}" if given else ""

    def of_whom(self, whose: str) -> "QueueView":
        """The same, of somebody else's items."""
        return self._replace(whose=whose)

    @property
    def narrowed(self) -> int:
        """How many filters are set."""
        return sum(getattr(self, name) != getattr(QueueView(), name) for name in _NAMES)


def place_text(place: Place) -> str:
    """A place in the queue for an address."""
    return f"{place.priority!r},{place.id}"


def place_in(text: str) -> Place | None:
    """The place that an address names, None if it names none."""
    priority, _, id_ = text.partition(",")
    try:
        return Place(float(priority), id_) if id_ else None
    except ValueError:
        return None
