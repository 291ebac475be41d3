"""All tables of the database. Importing this module makes ``Row.metadata`` complete, which migrations need."""

from store.account_tables import ACCOUNT_TABLES
from store.family_tables import FAMILY_TABLES
from store.recurring_tables import RECURRING_TABLES
from store.review_tables import REVIEW_TABLES
from store.search_tables import SEARCH_TABLES
from store.tables import TABLES, Row
from store.tracking_tables import TRACKING_TABLES

ALL_TABLES: tuple[type[Row], ...] = (
    *TABLES,
    *ACCOUNT_TABLES,
    *REVIEW_TABLES,
    *SEARCH_TABLES,
    *TRACKING_TABLES,
    *FAMILY_TABLES,
    *RECURRING_TABLES,
)
"""Every table, parents before children. ``TABLES`` alone are what reading documents fills (``store.fingerprint``)."""

METADATA = Row.metadata
