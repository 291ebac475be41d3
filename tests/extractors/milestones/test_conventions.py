"""When a milestone falls by its kind, whatever the classifiers would have taken the clause for."""

import pytest

from tests.extractors.milestones.contracts import taken_as, timing


@pytest.mark.parametrize(
    ("kind", "clause", "expected"),
    [
        (
            "payment",
            "Customer shall pay the fee on the first business day of each month.",
            "1 business day after start of each month, 2014-04-01, monthly",
        ),
        (
            "report",
            "Supplier sends a forecast no later than the fifteenth (15th) Working Day of each Quarter.",
            "15 business days after start of each Quarter, 2014-04-21, quarterly",
        ),
        (
            "review",
            "The parties shall review this Agreement every six (6) months.",
            "6 months after None, 2014-03-03, semiannual",
        ),
        ("review", "The salary is reviewed every two years.", "2 years after None, 2014-03-03"),
        ("report", "Supplier shall report every month.", "2014-03-03, monthly"),
        (
            "notice",
            "Renewal is agreed in writing within 30 days of license expiration.",
            "30 days before license expiration",
        ),
        (
            "notice",
            "Customer may elect to buy within 30 days of receipt of the offer.",
            "30 days after receipt of the offer",
        ),
        ("report", "Each shipment shall be accompanied by a certificate.", "upon shipment, per_event"),
        ("delivery", "Prior to any disclosure, Customer shall warn Supplier.", "upon disclosure, per_event"),
        (
            "payment",
            "Customer pays the balance before the Products are shipped.",
            "upon Products are shipped, per_event",
        ),
        (
            "payment",
            "Customer shall pay the exit fee prior to the transfer of merchants.",
            "upon transfer of merchants, per_event",
        ),
        (
            "payment",
            "Concurrently with the execution of this Agreement, Customer shall pay $35,000.",
            "upon execution of this Agreement, 2014-03-03",
        ),
        ("payment", "Customer pays the remaining $3,100 on completion of the Works.", "upon completion of the Works"),
        ("payment", "On acceptance of the launch $150,000 is due.", "upon acceptance of the launch"),
        ("payment", "A fee of $299.00 is due at contract signing.", "upon contract signing"),
        ("payment", "A deposit is to be paid at the start of the project.", "upon start of the project"),
        (
            "payment",
            "Bills shall be paid by the end of the month following the month in which they are rendered.",
            "1 month after end of the month following the month in which they are rendered, 2014-03-31, monthly",
        ),
        (
            "payment",
            "The fee is due by the 7th of each month for the preceding month.",
            "7 days after end of the month, 2014-03-07, monthly",
        ),
        ("payment", "The fee is due by the 7th of each month.", "2014-03-07, monthly"),
        (
            "notice",
            "Customer may elect so by written notice within sixty (60) days of such consultation.",
            "60 days after consultation",
        ),
        (
            "notice",
            "A party may end it by notice within 30 days of the expiry of the Cure Period.",
            "30 days after expiry of the Cure Period",
        ),
        ("payment", "Half of it is paid at the time the order is placed.", "upon order is placed, per_event"),
        ("payment", "Customer will pay the price in full at the closing.", "upon closing"),
        ("payment", "On the Closing Date, Customer will deposit the Reserve Amount.", "upon Closing Date"),
        ("payment", "On each Payment Date, Customer will pay the Servicing Fee.", "upon Payment Date, per_event"),
    ],
)
def test_a_kind_says_when(kind: str, clause: str, expected: str) -> None:
    [milestone] = taken_as(kind, clause)
    assert timing(milestone) == expected


@pytest.mark.parametrize(
    ("kind", "clause", "offset", "direction"),
    [
        (
            "delivery",
            "Products are accepted upon the earlier of (i) acceptance or (ii) ten (10) days after delivery.",
            "10 days",
            "after",
        ),
        (
            "expiration",
            "It ends on the later of (i) five (5) years from the date hereof and (ii) completion of the Works.",
            "5 years",
            "after",
        ),
    ],
)
def test_one_of_several_times_is_counted_by_the_one_that_is_a_length(
    kind: str, clause: str, offset: str, direction: str
) -> None:
    [milestone] = taken_as(kind, clause)
    assert (str(milestone.offset), milestone.direction) == (offset, direction)
    assert milestone.date is None
    assert milestone.blocked_on


@pytest.mark.parametrize(
    ("clause", "direction", "anchor", "recurrence"),
    [
        ("Customer shall pay within [***] of receipt of the invoice.", "after", "receipt of the invoice", "per_event"),
        (
            "Supplier shall warn Customer at least [**] prior to any change of the Products.",
            "before",
            "change of the Products",
            "per_event",
        ),
        (
            "Payment is made within [***] ([***]) days after receipt of the report.",
            "after",
            "receipt of the report",
            "per_event",
        ),
        ("Supplier shall, within [***], advise Customer by telephone.", "after", None, None),
        ("Customer has [***] following the Delivery Date to inspect.", "after", "Delivery Date", None),
        (
            "Notice is given [***] prior to the end of the applicable term.",
            "before",
            "end of the applicable term",
            None,
        ),
    ],
)
def test_a_redacted_length_leaves_its_side_and_its_event_and_no_date(
    clause: str, direction: str, anchor: str, recurrence: str | None
) -> None:
    [milestone] = taken_as("delivery", clause)
    assert (milestone.offset, milestone.direction, milestone.anchor) == (None, direction, anchor)
    assert milestone.recurrence == recurrence
    assert milestone.date is None
    assert milestone.blocked_on
    assert "redacted" in milestone.flags


@pytest.mark.parametrize(
    "clause", ["Customer shall take [***] of the Products.", "Supplier ships *** from the Territory."]
)
def test_a_redacted_quantity_is_no_time(clause: str) -> None:
    assert taken_as("delivery", clause) == []


@pytest.mark.parametrize(
    ("clause", "kind"),
    [
        ("Customer shall notify Supplier of its intention to renew within ten (10) days after the offer.", "notice"),
        ("Shipper must notify Carrier on or before October 31, 2016 of its intent to terminate.", "notice"),
        ("Customer shall inform Supplier within ten (10) days whether it will order the Products.", "notice"),
        ("Customer shall exercise the option within thirty (30) days after the offer.", "notice"),
        (
            "Lessee shall give 120 days' written notice prior to the end of the term of the place of return.",
            "notice",
        ),
        ("Customer shall notify Supplier of its rejection within ten (10) days after receipt.", "delivery"),
        ("Customer shall return the goods ten (10) days prior to the end of the term.", "delivery"),
    ],
)
def test_a_notice_that_decides_something_is_not_taken_for_a_delivery(clause: str, kind: str) -> None:
    assert {str(one.kind) for one in taken_as("delivery", clause)} == {kind}


def test_what_is_due_by_a_day_that_has_a_name_comes_before_it() -> None:
    [milestone] = taken_as("delivery", "The segment shall be provided by the Acceptance Date.")
    assert (str(milestone.offset), milestone.direction, milestone.anchor) == ("0 days", "before", "Acceptance Date")
    assert milestone.date is None


@pytest.mark.parametrize("clause", ["Goods are sent by air.", "Payment is made on delivery trucks at the office."])
def test_words_that_only_look_like_a_time_are_none(clause: str) -> None:
    assert taken_as("delivery", clause) == []


def test_what_comes_with_a_payment_comes_when_that_is_due() -> None:
    paid = "Customer shall pay royalties within 45 days after the end of each calendar quarter."
    with_it = "Each such payment shall be accompanied by a statement of sales."
    [payment, statement] = taken_as("report", f"4. Royalties. {paid}\n{with_it}")
    assert statement.quote == with_it
    assert timing(statement) == timing(payment) == "45 days after end of each calendar quarter, 2014-05-15, quarterly"


def test_what_comes_with_a_payment_of_which_nothing_is_said_has_no_time() -> None:
    assert [one for one in taken_as("report", "Each such payment is accompanied by a statement.") if one.date] == []


@pytest.mark.parametrize(
    ("kind", "clause", "expected"),
    [
        (
            "payment",
            "Commencing on 20 August 2015, the fee is $8,500 per month.",
            ["2015-08-20", "2015-08-20, monthly"],
        ),
        (
            "payment",
            "Beginning April 1, 2015 Customer shall pay $100 on the first day of each calendar month.",
            ["2015-04-01", "2015-04-01, monthly"],
        ),
        ("payment", "The fee of $8,500 falls due monthly.", ["2014-03-03, monthly"]),
        ("review", "Such audit is made not more than once in any twelve (12) month period.", ["2014-03-03, annual"]),
        (
            "review",
            "Books are examined no more than twice in any given twelve month period.",
            ["2014-03-03, semiannual"],
        ),
        (
            "effective",
            "It shall become effective when counterparts have been signed by each Party.",
            ["upon signature, 2014-03-03"],
        ),
    ],
)
def test_what_comes_back_says_from_when_and_how_often(kind: str, clause: str, expected: list[str]) -> None:
    assert [timing(one) for one in taken_as(kind, clause)] == expected


def test_what_comes_back_through_a_day_ends_with_it() -> None:
    monthly, _ = taken_as("payment", "The fee is $8,500 per month through 19 May 2014.")
    assert [day.isoformat() for day in monthly.occurrences] == ["2014-03-03", "2014-04-03", "2014-05-03"]
