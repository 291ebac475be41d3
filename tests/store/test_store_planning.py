import pytest

from models.problem import Category
from store.planning import GONE, PENDING, FileSeen, Standing, Verdict, plan
from store.tables import LedgerState
from tests.store.samples import seen, sha

DONE = Verdict(LedgerState.DONE)
RUNNING = Verdict(LedgerState.RUNNING)
FAILED = Verdict(LedgerState.FAILED, Category.DAMAGED, "It is cut off.")
MISSING = Verdict(LedgerState.FAILED, Category.MISSING, GONE)


def duplicate_of(path: str) -> Verdict:
    return Verdict(LedgerState.DUPLICATE, Category.DUPLICATE, f"The same file as {path}.")


def row(path: str, content: str, verdict: Verdict, of: str | None = None) -> Standing:
    file = seen(path, content)
    return Standing(path, file.sha256, file.size, verdict, duplicate_of=of)


@pytest.mark.parametrize(
    ("listing", "existing", "known", "expected"),
    [
        pytest.param(
            [seen("b", "1"), seen("a", "2")], [], {}, {"a": PENDING, "b": PENDING}, id="new files are pending"
        ),
        pytest.param(
            [seen("c", "1"), seen("a", "1"), seen("b", "1")],
            [],
            {},
            {"a": PENDING, "b": duplicate_of("a"), "c": duplicate_of("a")},
            id="of the same bytes the first path is read, whatever the order of the listing",
        ),
        pytest.param(
            [FileSeen("a", sha(""), 0), FileSeen("b", sha(""), 0)],
            [],
            {},
            {"a": PENDING, "b": PENDING},
            id="empty files are not duplicates of one another",
        ),
        pytest.param(
            [FileSeen("a", None, None), FileSeen("b", None, None)],
            [],
            {},
            {"a": PENDING, "b": PENDING},
            id="files that cannot be hashed are tried, each by itself",
        ),
        pytest.param(
            [seen("a", "1"), seen("b", "1")],
            [],
            {sha("1"): FAILED},
            {"a": FAILED, "b": duplicate_of("a")},
            id="bytes read before bring their result, failures too",
        ),
        pytest.param(
            [seen("a", "1"), seen("b", "2"), seen("c", "3"), seen("d", "1")],
            [row("a", "1", DONE), row("b", "2", RUNNING), row("c", "3", FAILED), row("d", "1", duplicate_of("a"), "a")],
            {},
            {},
            id="beginning again changes nothing",
        ),
        pytest.param(
            [seen("a", "1"), seen("b", "2")],
            [row("a", "1", PENDING), row("b", "2", PENDING)],
            {sha("2"): DONE},
            {"b": DONE},
            id="what another batch read in the meantime is taken over",
        ),
        pytest.param(
            [seen("a", "new"), seen("b", "1")],
            [row("a", "1", DONE), row("b", "1", duplicate_of("a"), "a")],
            {},
            {"a": PENDING, "b": PENDING},
            id="a file whose bytes changed is read again, and its duplicate is one no more",
        ),
        pytest.param(
            [seen("a", "1"), seen("b", "1")],
            [row("b", "1", DONE)],
            {sha("1"): DONE},
            {"a": duplicate_of("b")},
            id="a copy that comes later is the duplicate even if its name comes first",
        ),
        pytest.param(
            [seen("b", "1")],
            [row("a", "1", PENDING), row("b", "1", duplicate_of("a"), "a")],
            {},
            {"a": MISSING, "b": PENDING},
            id="when the file to be read has gone its duplicate is read instead",
        ),
        pytest.param([], [row("a", "1", DONE), row("b", "2", RUNNING)], {}, {}, id="what is done or in work stays"),
        pytest.param(
            [seen("a", "1")], [row("a", "1", MISSING)], {}, {"a": PENDING}, id="a file that is back is read after all"
        ),
        pytest.param(
            [FileSeen("a", None, None)],
            [Standing("a", None, None, MISSING)],
            {},
            {},
            id="a path that is still missing stays so",
        ),
    ],
)
def test_what_becomes_of_a_file_follows_from_listing_ledger_and_results(
    listing: list[FileSeen], existing: list[Standing], known: dict[str, Verdict], expected: dict[str, Verdict]
) -> None:
    planned = plan(listing, {row.path: row for row in existing}, known)
    assert {path: row.verdict for path, row in planned.items()} == expected
    for row in planned.values():
        assert (row.duplicate_of is not None) == (row.verdict.state is LedgerState.DUPLICATE)


def test_planning_twice_plans_nothing_the_second_time() -> None:
    listing = [seen("a", "1"), seen("b", "1"), seen("c", "2"), FileSeen("d", None, None), seen("e", "")]
    first = plan(listing, {}, {sha("2"): DONE})
    assert len(first) == len(listing)
    assert plan(listing, first, {sha("2"): DONE}) == {}
