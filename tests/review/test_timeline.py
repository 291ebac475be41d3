"""The picture of a contract's life."""

import datetime as dt
from itertools import pairwise

from models.contract import Milestone, MilestoneKind, Renewal
from models.contract_resolution import notice_expr
from models.cycles import RollingTerm
from models.dateexpr import AnchorName, Fixed
from models.evidence import Evidence
from models.period import Period, Unit
from models.resolution import Fact
from review.timeline import WIDTH, Due, timeline

TODAY = dt.date(2026, 3, 2)
YEAR = Period(count=12, unit=Unit.MONTH)


def rolling() -> RollingTerm:
    start = dt.date(2024, 10, 1)
    return RollingTerm(
        start=start,
        length=Period(count=36, unit=Unit.MONTH),
        renewal=Renewal(period=YEAR, automatic=True, successive=True),
        notice=notice_expr(Period(count=90, unit=Unit.DAY)),
        facts={AnchorName.EFFECTIVE_DATE: Fact(label="Effective date", expr=Fixed(date=start))},
    )


def due(kind: MilestoneKind, day: dt.date | None, title: str = "Pay", *, confirmed: bool = False) -> Due:
    evidence = Evidence(start=0, end=3, quote=title)
    milestone = Milestone(kind=kind, title=title, evidence=(evidence,), rule="r@1", confidence=0.9, date=day)
    return Due(milestone, "/items/1", confirmed)


def test_terms_follow_each_other_with_their_notices() -> None:
    drawn = timeline(rolling(), [], TODAY)
    assert drawn is not None
    terms = [bar for bar in drawn.bars if bar.kind in ("initial", "renewal")]
    assert [bar.title for bar in terms[:2]] == [
        "Initial term: 1 Oct 2024 to 1 Oct 2027",
        "Renewal 1: 1 Oct 2027 to 1 Oct 2028",
    ]
    assert all(one.x < other.x for one, other in pairwise(terms))
    assert next(bar.title for bar in drawn.bars if bar.kind == "window").endswith("by 3 Jul 2027")
    assert "Notice about its end by 3 Jul 2027." in drawn.summary


def test_everything_lies_within_the_picture() -> None:
    dues = [due(MilestoneKind.PAYMENT, dt.date(year, 6, 30)) for year in (1911, 2020, 2025, 2026, 2030, 2199)]
    drawn = timeline(rolling(), dues, TODAY)
    assert drawn is not None
    assert all(0 <= dot.x <= WIDTH for dot in drawn.dots)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in drawn.bars)
    assert 4 <= len(drawn.ticks) <= 30
    assert drawn.today is not None


def test_each_kind_has_its_lane_and_says_whether_it_is_confirmed() -> None:
    day = dt.date(2026, 6, 1)
    drawn = timeline(None, [due(MilestoneKind.PAYMENT, day, confirmed=True), due(MilestoneKind.REPORT, day)], TODAY)
    assert drawn is not None
    assert [lane.label for lane in drawn.lanes] == ["Term", "Payments", "Duties"]
    assert [dot.kind for dot in drawn.dots] == ["payment confirmed", "report proposed"]
    assert drawn.dots[0].title == "1 Jun 2026: Pay (confirmed)"


def test_a_contract_without_any_date_has_no_picture() -> None:
    assert timeline(None, [due(MilestoneKind.PAYMENT, None)], TODAY) is None
