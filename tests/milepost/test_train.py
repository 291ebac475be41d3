"""The commands for those who work on the program: ``train`` and ``evaluate --calibrate``."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.clauses import LABELS
from extractors.milestones.choice import CHOSEN, NAME
from extractors.milestones.linear import LinearModel
from extractors.milestones.trees import Trees
from extractors.nlp import TextModel
from models.contract import FIVE_TERMS
from tests.milepost.conftest import CONTRACTS, Run, write_pdf


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    for slug in ("master-services-agreement", "escrow-agreement"):
        shutil.copytree(CONTRACTS / slug, folder / slug)
    return folder


def test_contracts_annotated_in_the_folder_are_held_out(milepost: Run, few: Path, tmp_path: Path) -> None:
    run = milepost("train", few, "--out", tmp_path / "models")
    assert run.returncode == 3
    assert "held out; --all learns from them" in run.stderr
    assert not (tmp_path / "models").exists()


def test_all_trains_models_that_load(milepost: Run, few: Path, tmp_path: Path) -> None:
    run = milepost("train", few, "--all", "--out", tmp_path / "models")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Learned from ")
    for name in ("milestone", "milestone_kind"):
        folder = tmp_path / "models" / name
        assert set(TextModel.load(folder).labels) == set(LinearModel.load(folder).labels) != set()


def test_the_choice_is_learned_from_annotated_contracts_with_the_voices_as_they_are(
    milepost: Run, few: Path, tmp_path: Path
) -> None:
    run = milepost("train", few, "--only", "choice", "--out", tmp_path / "models")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Learned from 3 annotated contracts")
    assert [folder.name for folder in (tmp_path / "models").iterdir()] == [NAME]
    assert Trees.load(tmp_path / "models" / NAME).labels == CHOSEN


def test_there_is_no_choice_to_learn_where_nothing_is_annotated(milepost: Run, tmp_path: Path) -> None:
    run = milepost("train", tmp_path, "--only", "choice", "--out", tmp_path / "models")
    assert run.returncode == 3
    assert not (tmp_path / "models").exists()


def test_marked_clauses_train_the_finder(milepost: Run, few: Path, tmp_path: Path) -> None:
    assert "no clauses.jsonl" in milepost("train", few, "--only", "clauses").stderr
    folder = tmp_path / "labelled"
    (folder / "pdf").mkdir(parents=True)
    gold: dict[str, Any] = {str(field): {"state": "absent"} for field in FIVE_TERMS}
    gold["file"] = "supply.pdf"
    (folder / "gold.jsonl").write_text(json.dumps(gold), encoding="utf-8")
    marked = {"file": "supply.pdf", "Expiration Date": "['This Agreement begins on the Effective Date and continues']"}
    (folder / "clauses.jsonl").write_text(json.dumps(marked), encoding="utf-8")
    write_pdf(folder / "pdf" / "supply.pdf")
    run = milepost("train", folder, "--only", "clauses", "--out", tmp_path / "models")
    assert (run.returncode, run.stderr) == (0, "")
    assert re.fullmatch(
        r"Learned from 1 contracts: \d passages, of which 1 are clauses of a term\.", run.stdout.splitlines()[0]
    )
    assert set(TextModel.load(tmp_path / "models" / "clause").labels) == set(LABELS)


def test_calibrating_writes_weights_and_steps_and_says_how_well_they_do(
    milepost: Run, few: Path, tmp_path: Path
) -> None:
    run = milepost("evaluate", few, "--calibrate", "--out", tmp_path / "confidence.yaml", "-j", "1")
    assert run.returncode == 0, run.stderr
    for words in ("terms, held out", "expiration_date", "milestone.found"):
        assert words in run.stdout
    table: Any = yaml.safe_load((tmp_path / "confidence.yaml").read_text(encoding="utf-8"))
    assert [confidence for _, confidence in table["milestone.found"]] == sorted(
        confidence for _, confidence in table["milestone.found"]
    )
    assert set(table["agreement_date.value"]) == {"always"}


def test_cross_validating_prints_figures_of_held_out_contracts(milepost: Run, few: Path) -> None:
    run = milepost("evaluate", few, "--cross-validate", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    figures = json.loads(run.stdout)
    assert set(figures) == {"companies", "types"}
    for held_out in figures.values():
        assert held_out["contracts"] == held_out["read"] == 3
        assert 0 < held_out["terms"]["micro"]["recall"] <= 1
    assert 0 < figures["companies"]["found"]["all"]["recall"] <= 1
    assert figures["companies"]["timed"]["all"]["tp"] <= figures["companies"]["found"]["all"]["tp"]
    assert figures["types"]["found"] == {}


@pytest.mark.parametrize(
    "options", [("--calibrate", "--json"), ("--out", "x.yaml"), ("--cross-validate", "--calibrate")]
)
def test_options_that_do_not_go_together_are_refused(milepost: Run, few: Path, options: tuple[str, ...]) -> None:
    assert milepost("evaluate", few, *options).returncode == 2
