"""How dates are computed that people's decisions move: as those that reading a document gives."""

from models.business import WEEKENDS_ONLY, calendar_for
from pipeline.document import Options
from review.resolving import Reckoning


def reckoning(given: Options) -> Reckoning:
    """The holidays and conventions that documents are read with."""
    calendar = calendar_for(given.jurisdiction) if given.jurisdiction else WEEKENDS_ONLY
    return Reckoning(calendar, given.conventions)
