"""Who does what, titles, methods and vague words, by the word lists that come with the program."""

import pytest

from extractors.milestones.titles import shortened
from extractors.milestones.wording import Wording, as_the_contract_says, wording_for
from models.contract import Party
from rules.loader import installed_rules


@pytest.fixture(scope="module")
def wording() -> Wording:
    return wording_for(installed_rules())


@pytest.mark.parametrize(
    ("clause", "who", "done"),
    [
        ("The Supplier shall deliver the goods within 10 days.", "Supplier", "Deliver the goods"),
        ("Fees. Dr. Moss will pay $1,250.00 in advance.", "Dr. Moss", "Pay $1,250.00 in advance"),
        ("Training Plan. The Consultant shall present a plan by 1 May.", "Consultant", "Present a plan"),
        ("Either party may, in each Year, audit the books.", None, None),
        ("The report shall be delivered by 1 May.", None, "Deliver the report"),
        ("This Agreement shall be governed by law.", None, None),
        ("Supplier shall give Customer not less than ten days' notice of any price increase.", "Supplier",
         "Give notice of any price increase"),
        ("Supplier shall use commercially reasonable efforts to repair the machine.", "Supplier", "Repair the machine"),
        ("Customer shall not later than 1 May return the keys.", None, None),
    ],
)  # fmt: skip
def test_a_duty_is_who_and_what(wording: Wording, clause: str, who: str | None, done: str | None) -> None:
    duty = wording.duty(clause, len(clause))
    assert (duty.who if duty else None) == who
    assert (shortened(duty.does) if duty else None) == done


@pytest.mark.parametrize(
    ("does", "title"),
    [
        ("pay rent of $18,200.00 per month, in advance, on the first day", "Pay rent of $18,200.00 per month"),
        ("submit (in writing) a report of the Services performed", "Submit a report of the Services performed"),
        ("contribute £6,000 in each Year to agreed marketing costs", "Contribute £6,000"),
        ("meet quarterly", "Meet quarterly"),
        ("be", None),
    ],
)
def test_a_title_is_cut_where_a_person_would_end(does: str, title: str | None) -> None:
    assert shortened(does) == title


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("Supplier", "Supplier"),
        ("Alder Ltd", "Supplier"),
        ("each Contract Year Customer", "Customer"),
        ("Supplier and Customer", "Supplier and Customer"),
        ("either party", "either party"),
        (None, None),
    ],
)
def test_a_party_is_called_as_the_contract_calls_it(who: str | None, name: str | None) -> None:
    parties = (Party(name="Alder Ltd", defined_as="Supplier"), Party(name="Birch Ltd", defined_as="Customer"))
    assert as_the_contract_says(who, parties) == name


def test_vague_words_and_methods_are_those_of_the_clause(wording: Wording) -> None:
    clause = "Supplier shall promptly, and in any case as soon as practicable, notify Customer by certified mail."
    assert wording.vague(clause) == ("promptly", "as soon as practicable")
    assert wording.method(clause) == "certified mail"
    assert wording.method("Supplier shall notify Customer.") is None


@pytest.mark.parametrize(
    ("clause", "who"),
    [
        ("Either party may terminate if the other party fails to cure a breach within ten days.", "breaching party"),
        ("Supplier may terminate if Customer fails to pay within ten days after notice.", "Customer"),
        ("The Supplier may terminate upon failure of Customer to pay within ten days.", "Customer"),
        ("The breaching party shall have thirty days after notice to cure.", "breaching party"),
        ("The cure period is ten days.", None),
    ],
)
def test_a_breach_is_cured_by_the_one_who_fails(wording: Wording, clause: str, who: str | None) -> None:
    assert wording.defaulter(clause) == who


@pytest.mark.parametrize(
    ("clause", "who"),
    [
        ("Invoices shall be paid by the Customer within ten days.", "Customer"),
        ("This Agreement may be terminated at any time by either party.", "either party"),
        ("Notice must be given in writing by Supplier before the end.", "Supplier"),
        ("The fee shall be paid by wire transfer.", None),
        ("The fee shall be paid within ten days.", None),
    ],
)
def test_the_agent_of_a_passive_clause_acts(wording: Wording, clause: str, who: str | None) -> None:
    assert wording.agent(clause) == who


def test_who_issues_an_invoice_does_not_pay_it(wording: Wording) -> None:
    clause = "Each invoice issued by Supplier shall be paid within ten days."
    assert (wording.agent(clause), wording.agent(clause, paying=True)) == ("Supplier", None)
