"""The commands for those who work on the program: ``train`` and ``evaluate --calibrate``."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.nlp import TextModel
from tests.milepost.conftest import CONTRACTS, Run


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
        assert TextModel.load(tmp_path / "models" / name).labels


def test_calibrating_writes_rising_steps_and_says_how_well_they_do(milepost: Run, few: Path, tmp_path: Path) -> None:
    run = milepost("evaluate", few, "--calibrate", "--out", tmp_path / "confidence.yaml", "-j", "1")
    assert run.returncode == 0, run.stderr
    assert "milestone.found" in run.stdout
    table: Any = yaml.safe_load((tmp_path / "confidence.yaml").read_text(encoding="utf-8"))
    assert {"milestone.found", "expiration_date.found"} <= set(table)
    for steps in table.values():
        assert [confidence for _, confidence in steps] == sorted(confidence for _, confidence in steps)


@pytest.mark.parametrize("options", [("--calibrate", "--json"), ("--out", "x.yaml")])
def test_options_that_do_not_go_together_are_refused(milepost: Run, few: Path, options: tuple[str, ...]) -> None:
    assert milepost("evaluate", few, *options).returncode == 2
