from sqlalchemy import Engine

from models.contract import MilestoneKind
from models.decision import Change
from review.adding import Added, add
from store.engine import reading, writing
from store.search import EntryKind, search
from tests.review.desk import ANNA, NOW, passage, read


def test_what_a_person_added_is_found_at_once(engine: Engine) -> None:
    contract_id = read(engine)
    quote = "Supplier shall return all moulds within ten days."
    new = Added(kind=MilestoneKind.DELIVERY, title="Return moulds", evidence=passage(900, quote), change=Change())
    with writing(engine) as session:
        assert search(session, "moulds", EntryKind.QUOTE) == []
        item = add(session, contract_id, new, ANNA, NOW)
    with reading(engine) as session:
        (hit,) = search(session, "moulds", EntryKind.QUOTE)
    assert (hit.snippet.text, hit.item_id, hit.contract.id) == (quote, item.id, contract_id)
