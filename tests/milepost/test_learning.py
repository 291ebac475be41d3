from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from milepost.learning_cli import app
from pipeline.evaluation.gold import load_gold
from review.deciding import accept
from store.engine import open_engine, writing
from tests.review.desk import ANNA, NOW, item, outcome, read
from tests.review.served import read_with_text

run = CliRunner()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one contract, its document, and twenty of which people accepted the effective date."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "data"
    engine = open_engine(f"sqlite:///{folder / 'milepost.db'}", create=True)
    contracts = [read_with_text(engine, folder), *(read(engine, outcome(f"{number}.pdf")) for number in range(19))]
    with writing(engine) as session:
        for contract_id in contracts:
            found = item(session, "Effective date", contract_id)
            accept(session, found.id, found.version, ANNA, NOW)
    engine.dispose()
    return folder


def asked(*arguments: Any) -> tuple[int, str]:
    result = run.invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_labels_are_written_for_the_evaluation_and_documents_that_are_gone_are_named(
    data: Path, tmp_path: Path
) -> None:
    code, said = asked("labels", tmp_path / "labels", "--data", data)
    assert code == 1
    assert "1 contracts, 0 of them with all milestones" in said
    assert "3.pdf: " in said
    [contract] = load_gold(tmp_path / "labels")
    assert contract.terms == {"effective_date": ("2024-10-01",)}
    assert "dated September 20, 2024" in contract.path.read_text()
    code, said = asked("labels", tmp_path / "labels", "--data", data)
    assert (code, "not an empty folder" in said) == (3, True)


def test_rules_are_shown_with_their_errors(data: Path) -> None:
    code, said = asked("rules", "--data", data)
    assert code == 0
    assert "effective_date.rule@1" in said
    assert "0%" in said


def test_confidences_are_fitted_to_what_people_found_right_and_written_as_a_rule_file(
    data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "confidence.yaml"
    code, said = asked("confidences", "--out", out, "--data", data)
    assert code == 0, said
    assert "effective date" in said
    written = yaml.safe_load(out.read_text())
    assert any(key.startswith("effective_date.") for key in written)


def test_nothing_to_learn_from_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    open_engine(f"sqlite:///{folder / 'milepost.db'}", create=True).dispose()
    assert asked("rules", "--data", folder) == (0, "Nobody has decided anything yet.\n")
    code, said = asked("confidences", "--data", folder)
    assert (code, "too few decisions" in said) == (3, True)
