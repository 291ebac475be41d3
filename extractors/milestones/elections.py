"""Notices that decide something: whether a contract goes on or ends, whether an option is taken.

Who reads "shall notify Supplier of its intention to renew within ten days" may take it for a duty to deliver something;
what is delivered is a notice, by a deadline, and the right is lost without it.
"""

import re

from models.dateexpr import Anchor, AnchorName, DateExpr, Shift, Within
from models.period import Direction
from models.source import Span

_TELLS = r"(?:notif\w+|notices?|inform\w*|advis\w+|indicat\w+|elect\w*|communicat\w+)"
_DECIDES = re.compile(
    rf"\b{_TELLS}\b[^.;]{{0,120}}\b(?:intent(?:ion)?s?|decision|election|desires?|wish(?:es)?|intends?)\s+(?:not\s+)?(?:to|of)\b"
    r"[^.;]{0,20}\b(?:terminat|renew|exten|exercis|cancel|discontinu|purchas|sell|acquir)"
    rf"|\b{_TELLS}\b[^.;]{{0,100}}\bwhether\s+(?:or\s+not\s+)?(?:it|they|he|she|[A-Z]\w+)\s+(?:also\s+)?"
    r"(?:will\b|wish|desire|intend|elect|want|choose|would\b)"
    r"|\bexercis\w*[^.;]{0,60}\b(?:options?\b|right\s+of\s+first)|\b(?:options?|right\s+of\s+first\s+\w+)\b[^.;]{0,60}\bexercis",
    re.IGNORECASE,
)
_NOTICE = re.compile(r"\bnotice\b|\bnotif(?:y|ies|ied)\b", re.IGNORECASE)
_ENDS = frozenset({AnchorName.TERM_END, AnchorName.INITIAL_TERM_END, AnchorName.RENEWAL_START})
_REACH = 200
"""Characters before and after a time within which the words that decide stand."""


def elects(clause: str, at: Span, expr: DateExpr | None) -> bool:
    """Whether what is due at a time (at ``at`` of ``clause``, meaning ``expr``) is a notice that decides something."""
    near = clause[max(0, at.start - _REACH) : at.end + _REACH]
    if _DECIDES.search(near):
        return True
    return _before_the_end(expr) and _NOTICE.search(near) is not None


def _before_the_end(expr: DateExpr | None) -> bool:
    return (
        isinstance(expr, Shift | Within)
        and expr.direction is Direction.BEFORE
        and isinstance(expr.base, Anchor)
        and expr.base.name in _ENDS
    )
