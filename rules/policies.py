"""Policies of tracking: which files of this folder they are."""

FILES = frozenset({"owners", "reminders", "reviews"})
"""Names, without suffix, of the files that are no rules and no part of their version (``rules.loader``)."""
