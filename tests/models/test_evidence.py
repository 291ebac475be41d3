"""How evidence is referred to."""

import pytest

from models.evidence import Evidence


@pytest.mark.parametrize(
    ("page", "section", "where"),
    [
        (3, "9.2", "s. 9.2"),
        (3, "(a)", "s. (a)"),
        (3, "Schedule 1", "Schedule 1"),
        (3, "Section 9", "Section 9"),
        (3, None, "p. 3"),
        (3, "", "p. 3"),
        (None, None, ""),
    ],
)
def test_the_reference_is_the_section_or_else_the_page(page: int | None, section: str | None, where: str) -> None:
    assert Evidence(start=0, end=4, quote="text", page=page, section=section).where == where
