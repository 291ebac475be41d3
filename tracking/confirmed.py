"""From what people confirmed in review to what is tracked. What nobody confirmed does not come here."""

from collections.abc import Iterator, Mapping, Sequence

from sqlmodel import Session

from models.contract import Party, TermField
from models.milestone_keys import keys_of
from models.tracked import ContractSettings, TrackedContract, TrackedMilestone
from store.confirmed import Confirmed, ConfirmedMilestone, iter_confirmed
from store.tables import Contract
from store.tracking_occurrences import cycle_decisions, tracked_rows
from store.tracking_tables import TrackedContractRow


def confirmed_contracts(session: Session, ids: Sequence[str]) -> Iterator[TrackedContract]:
    """The contracts of these ids with what was confirmed and decided of them.

    One that is tracked, and of which nothing is confirmed any more, comes without anything.
    """
    rows = tracked_rows(session, ids)
    decisions = cycle_decisions(session, ids)
    for id_ in ids:
        settings = settings_of(rows.get(id_))
        confirmed = next(iter_confirmed(session, id_), None)
        contract = confirmed.contract if confirmed else session.get(Contract, id_)
        if contract is None or (confirmed is None and id_ not in rows):
            continue
        found = tracked_contract(confirmed) if confirmed else _without_anything(contract)
        yield found.model_copy(update={"settings": settings, "decisions": decisions.get(id_, ())})


def tracked_contract(confirmed: Confirmed) -> TrackedContract:
    """A contract as tracking has it, less what people said of it there."""
    row = confirmed.contract
    parties = confirmed.term(TermField.PARTIES)
    title = confirmed.term(TermField.TITLE)
    value = confirmed.term(TermField.TOTAL_VALUE)
    kind = confirmed.term(TermField.CONTRACT_TYPE)
    return TrackedContract(
        id=row.id,
        title=(title.text if title else None) or row.title or row.name,
        counterparty=_counterparty(parties.parties if parties else ()),
        contract_type=(kind.text if kind else None) or row.contract_type,
        draft=row.draft,
        value=value.amount if value else None,
        terms=confirmed.terms,
        milestones=_milestones(confirmed.milestones),
        supplied=confirmed.facts,
    )


def settings_of(row: TrackedContractRow | None) -> ContractSettings:
    """What people said of a contract."""
    if row is None:
        return ContractSettings()
    return ContractSettings(
        department=row.department,
        risk=row.risk,
        stage=row.stage,
        owner=row.owner_id,
        ladders={kind: tuple(ladder) for kind, ladder in row.ladders.items()},
        terminated_on=row.terminated_on,
    )


def _without_anything(row: Contract) -> TrackedContract:
    return TrackedContract(id=row.id, title=row.title or row.name, contract_type=row.contract_type, draft=row.draft)


def _counterparty(parties: Sequence[Party]) -> str | None:
    """The names of the parties: which of them is ours nobody has said."""
    return "; ".join(party.name for party in parties) or None


def _milestones(confirmed: Sequence[ConfirmedMilestone]) -> tuple[TrackedMilestone, ...]:
    names = _names_within(confirmed)
    return tuple(
        TrackedMilestone(
            key=one.key,
            kind=one.milestone.kind,
            title=one.milestone.title,
            expr=one.milestone.expr,
            date=one.milestone.date,
            earliest=one.milestone.earliest,
            latest=one.milestone.latest,
            blocked_on=one.milestone.blocked_on,
            derivation=one.milestone.derivation,
            amount=one.milestone.amount,
            who=one.milestone.who,
            sending=one.milestone.sending,
            consequences=one.milestone.consequences,
            waits_for=tuple(names[key] for key in one.milestone.depends_on if key in names),
        )
        for one in confirmed
    )


def _names_within(confirmed: Sequence[ConfirmedMilestone]) -> Mapping[str, str]:
    """The keys that milestones of a contract know each other by, and those they are stored by."""
    within = keys_of([one.milestone for one in confirmed])
    return {name: one.key for name, one in zip(within, confirmed, strict=True)}
