import pytest

from pipeline.evaluation.folds import company, folds

FILES = [
    f"{name}_{year}_EX-10.{n}.pdf"
    for n, name in enumerate(["Alpha", "Bravo", "Carol", "Delta", "Echo"] * 4)
    for year in (1, 2)
]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("AcmeWidgetsInc_20140520_10-Q_EX-10.27.pdf", "acmewidgetsi"),
        ("ACME WIDGETS INC - Supply Agreement.pdf", "acmewidgetsi"),
        ("mutual-nda/mutual-nda.docx", "mutualndamut"),
        ("2021-07 lease.pdf", "2021-07 lease.pdf"),
    ],
)
def test_the_company_is_what_the_name_begins_with(file: str, name: str) -> None:
    assert company(file) == name


def test_a_company_is_in_one_fold_and_folds_are_alike_in_size() -> None:
    fold = folds(FILES, 3)
    assert set(fold) == set(FILES)
    for name in map(company, FILES):
        assert len({fold[file] for file in FILES if company(file) == name}) == 1
    sizes = [list(fold.values()).count(number) for number in range(3)]
    assert max(sizes) - min(sizes) <= 8


def test_folds_do_not_depend_on_the_order_of_the_files() -> None:
    assert folds(FILES) == folds(reversed(FILES))
