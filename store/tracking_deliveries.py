"""Reading the ledger of deliveries: everything that happened to a reminder, or to those of an occurrence."""

from sqlmodel import Session, col, select

from store.tracking_tables import DeliveryAttempt, ReminderRow

_SHOWN = 500
"""Entries that are read of an occurrence, at most: the newest."""


def ledger(session: Session, reminder_id: str) -> list[DeliveryAttempt]:
    """Everything that happened to a reminder, in order."""
    statement = select(DeliveryAttempt).where(DeliveryAttempt.reminder_id == reminder_id)
    return list(session.exec(statement.order_by(col(DeliveryAttempt.seq))))


def deliveries_of(session: Session, occurrence_id: str) -> list[tuple[ReminderRow, DeliveryAttempt]]:
    """Everything that happened to the reminders of an occurrence, the newest first."""
    statement = (
        select(ReminderRow, DeliveryAttempt)
        .join(DeliveryAttempt, col(DeliveryAttempt.reminder_id) == col(ReminderRow.id))
        .where(ReminderRow.occurrence_id == occurrence_id)
        .order_by(col(DeliveryAttempt.seq).desc())
        .limit(_SHOWN)
    )
    return list(session.exec(statement).all())
