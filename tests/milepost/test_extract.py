import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.milepost.conftest import BAD, ROOT, Run

SCHEMA = json.loads((ROOT / "docs/schema/extract-1.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def batch(milepost: Run, folder: Path) -> subprocess.CompletedProcess[str]:
    return milepost("extract", *sorted(folder.iterdir()), folder / "absent.pdf", folder, "--format", "jsonl", "-j", "2")


@pytest.fixture(scope="module")
def objects(batch: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    given = [json.loads(line) for line in batch.stdout.splitlines()]
    return {Path(one["file"]).name: one for one in given}


@pytest.mark.parametrize(("name", "category"), [(name, category) for name, (_, category, _) in BAD.items()])
def test_a_bad_file_is_an_outcome_with_a_reason(objects: dict[str, dict[str, Any]], name: str, category: str) -> None:
    assert objects[name]["status"] == "failed"
    assert [problem["category"] for problem in objects[name]["problems"]] == [category]
    assert objects[name]["problems"][0]["message"].endswith(".")


def test_a_missing_file_and_a_folder_are_outcomes_too(objects: dict[str, dict[str, Any]], folder: Path) -> None:
    assert objects["absent.pdf"]["problems"][0]["message"] == "There is no such file."
    assert objects[folder.name]["problems"][0]["message"] == "This is a folder, not a file."


def test_bad_files_cost_no_good_one_anything(objects: dict[str, dict[str, Any]]) -> None:
    for name in ("good.pdf", "zz last.pdf"):
        assert objects[name]["status"] == "ok"
        assert objects[name]["terms"]["agreement_date"]["value"] == "2021-03-01"
        assert objects[name]["terms"]["expiration_date"]["value"] == "2023-03-01"


def test_outcomes_come_in_the_order_of_the_files(batch: subprocess.CompletedProcess[str], folder: Path) -> None:
    given = [json.loads(line)["file"] for line in batch.stdout.splitlines()]
    assert given == [*map(str, sorted(folder.iterdir())), str(folder / "absent.pdf"), str(folder)]


def test_failures_give_exit_code_1_and_never_a_trace(batch: subprocess.CompletedProcess[str]) -> None:
    assert batch.returncode == 1
    assert batch.stderr == ""


def test_every_object_is_as_the_schema_says(objects: dict[str, dict[str, Any]]) -> None:
    validator = Draft202012Validator(SCHEMA)
    for one in objects.values():
        validator.validate(one)


def test_evidence_is_quoted_and_has_its_boxes_on_the_page(objects: dict[str, dict[str, Any]]) -> None:
    (evidence, *_) = objects["good.pdf"]["terms"]["agreement_date"]["evidence"]
    assert "March 1, 2021" in evidence["quote"]
    assert evidence["page"] == 1
    for x0, y0, x1, y1 in evidence["boxes"]:
        assert 0 <= x0 < x1 <= 1
        # the second line of the page, 82 points below the top of 842
        assert 0.07 < y0 < y1 < 0.15
    assert evidence["boxes"]


def test_without_boxes_there_are_none(milepost: Run, folder: Path) -> None:
    run = milepost("extract", folder / "good.pdf", "--format", "json", "--no-boxes")
    (one,) = json.loads(run.stdout)
    assert run.returncode == 0
    assert one["terms"]["agreement_date"]["evidence"][0]["boxes"] == []


def test_the_table_shows_terms_and_reasons(milepost: Run, folder: Path) -> None:
    run = milepost("extract", folder / "good.pdf", folder / "locked.pdf")
    assert run.returncode == 1
    assert "2023-03-01" in run.stdout
    assert "encrypted: The PDF is protected by a password." in run.stdout


def test_a_file_whose_name_is_no_text_is_read_all_the_same(milepost: Run, folder: Path, tmp_path: Path) -> None:
    odd = str(tmp_path).encode() + b"/caf\xe9.pdf"
    Path(sys.getfilesystemencoding() and odd.decode("utf-8", "surrogateescape")).write_bytes(
        (folder / "good.pdf").read_bytes()
    )
    run = milepost("extract", odd.decode("utf-8", "surrogateescape"), "--format", "jsonl")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["file"].endswith("caf\ufffd.pdf")


def test_extract_loads_neither_prefect_nor_a_database_and_leaves_the_model_to_its_workers(
    folder: Path, own_environment: dict[str, str]
) -> None:
    script = (
        "import sys\n"
        "from milepost.cli import main\n"
        "if __name__ == '__main__':\n"
        "    try:\n"
        "        main()\n"
        "    finally:\n"
        "        heavy = {'prefect', 'sqlalchemy', 'sqlmodel', 'alembic', 'fastapi', 'spacy'}\n"
        "        print(sorted(heavy & {name.split('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, "extract", folder / "good.pdf", "--format", "jsonl"],
        cwd=ROOT,
        env=own_environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert run.stderr.strip() == "[]"
    assert json.loads(run.stdout)["status"] == "ok"


def test_help_answers_within_half_a_second(milepost: Run) -> None:
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert milepost("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    # Processor time, for it does nothing but compute; how long that takes on a busy machine is not its doing.
    assert min(seconds) < 0.5


@pytest.mark.parametrize(
    "args", [("extract",), ("extract", "x.pdf", "--format", "xml"), ("extract", "x.pdf", "-j", "0")]
)
def test_wrong_usage_is_exit_code_2(milepost: Run, args: tuple[str, ...]) -> None:
    assert milepost(*args).returncode == 2


def test_settings_that_cannot_be_used_are_exit_code_3_and_a_sentence(milepost: Run, folder: Path) -> None:
    run = milepost("extract", folder / "good.pdf", MILEPOST_DEADLINE="soon")
    assert run.returncode == 3
    assert run.stderr.startswith("milepost: The settings cannot be used:\n  deadline = 'soon'")
    assert "Traceback" not in run.stderr


def test_a_reader_of_the_output_who_has_enough_is_no_error(folder: Path, own_environment: dict[str, str]) -> None:
    command = (
        f"{sys.executable} -m milepost extract {folder / 'good.pdf'} {folder / 'good.pdf'} --format jsonl | head -c 9"
    )
    run = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, env=own_environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.stdout == '{"schema"'
    assert run.stderr == ""
