from pathlib import Path

import pytest

from models.resolution import Conventions
from pipeline.document import Options
from pipeline.limits import Limits
from pipeline.versions import versions
from rules.loader import installed_rules, load_rules


def test_the_same_program_and_settings_have_the_same_versions() -> None:
    assert versions(installed_rules(), Options()) == versions(load_rules(), Options())


@pytest.mark.parametrize(
    "options",
    [
        Options(conventions=Conventions(inclusive_term_end=False)),
        Options(jurisdiction="US-NY"),
        Options(limits=Limits(pages=5)),
        Options(ocr=False),
    ],
)
def test_a_setting_that_changes_results_changes_the_version(options: Options) -> None:
    assert versions(installed_rules(), options).model != versions(installed_rules(), Options()).model


def test_whether_boxes_are_wanted_is_no_matter_of_results() -> None:
    assert versions(installed_rules(), Options(boxes=False)) == versions(installed_rules(), Options())


def test_other_rules_are_another_version(tmp_path: Path) -> None:
    other = load_rules(tmp_path)
    assert versions(other, Options()).ruleset != versions(installed_rules(), Options()).ruleset
