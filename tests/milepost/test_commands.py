import re
from pathlib import Path

import pytest

from tests.milepost.conftest import CONTRACTS, Run

CLAUSE = (
    'This Agreement is made on 1 October 2024 (the "Effective Date"). The initial term of this Agreement is three '
    "years from the Effective Date. This Agreement renews automatically for successive one-year terms unless a party "
    "gives notice of non-renewal at least 90 days before the end of the then-current term."
)


def test_the_version_is_printed(milepost: Run) -> None:
    run = milepost("--version")
    assert (run.returncode, run.stderr) == (0, "")
    assert re.fullmatch(r"milepost \d+\.\d+\.\d+\S*\n", run.stdout)


@pytest.mark.parametrize(
    "command", ["extract", "onboard", "status", "explain", "export", "demo", "db upgrade", "db current", "db check"]
)
def test_every_command_has_its_help(milepost: Run, command: str) -> None:
    run = milepost(*command.split(), "--help")
    assert run.returncode == 0
    assert f"milepost {command}" in " ".join(run.stdout.split())


@pytest.mark.parametrize(
    "args",
    [(), ("frobnicate",), ("onboard",), ("export",), ("status", "--csv", "--json"), ("explain", "x", "--fact", "y")],
)
def test_wrong_usage_is_exit_code_2_and_no_trace(milepost: Run, args: tuple[str, ...]) -> None:
    run = milepost(*args)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("command", [("status",), ("export", "--format", "csv"), ("db", "check"), ("db", "current")])
def test_without_a_database_commands_say_what_to_do(milepost: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    run = milepost(*command, "--data", tmp_path / "none")
    assert run.returncode == 3
    assert run.stderr.startswith("milepost: ")
    assert len(run.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "none").exists(), "looking must not create anything"


def test_the_tables_are_made_once_and_checked(milepost: Run, tmp_path: Path) -> None:
    made = milepost("db", "upgrade", "--data", tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert "before: empty" in made.stdout
    assert "already" in milepost("db", "upgrade", "--data", tmp_path).stdout
    checked = milepost("db", "check", "--data", tmp_path)
    assert (checked.returncode, checked.stdout[:13]) == (0, "All is well: ")
    nothing = milepost("status", "--data", tmp_path)
    assert nothing.returncode == 3
    assert "Nothing has been onboarded yet." in nothing.stderr


def test_explain_names_the_rules_and_does_the_arithmetic(milepost: Run) -> None:
    run = milepost("explain", CLAUSE, "--as-of", "2028-01-01")
    assert (run.returncode, run.stderr) == (0, "")
    assert re.search(r"renewal\.\w+@\d+", run.stdout)
    assert "Effective date 1 Oct 2024 + 3 years = 1 Oct 2027" in run.stdout
    assert "On 2028-01-01: renewal term 1, 2027-10-01 to 2028-10-01." in run.stdout
    assert "by 2028-07-03" in run.stdout


def test_explain_shows_what_the_model_said_and_why_the_merge_chose(milepost: Run) -> None:
    shown = milepost("explain", CLAUSE).stdout
    assert re.search(r"model\.clause@\d+", shown)
    assert re.search(r"renewal_term  0\.[5-9]\d", shown)
    assert re.search(r"renewal_term  found, \d+% sure: by renewal\.\w+@\d+", shown)
    assert re.search(r"renewal\.\w+@\d+ 0\.\d\d, finder 0\.\d\d \(\+0\.\d\d\)", shown)
    assert "sure because: " in shown


def test_explain_says_what_a_date_waits_for_and_takes_it_as_a_fact(milepost: Run) -> None:
    sentence = "The term of this Agreement shall commence on the Effective Date and continue for two years thereafter."
    assert "blocked" in milepost("explain", sentence).stdout
    facts = ("--fact", "effective_date=2024-02-29", "--fact", "agreement_date=2024-02-29")
    assert "2026-02-28" in milepost("explain", sentence, *facts).stdout


def test_explain_says_so_when_no_rule_fires(milepost: Run) -> None:
    run = milepost("explain", "The quick brown fox jumps over the lazy dog.")
    assert (run.returncode, run.stdout.strip()) == (0, "No rule fires.")


@pytest.mark.prefect
def test_the_demo_shows_the_milestones_of_the_samples_and_where_they_are(
    milepost: Run, tmp_path: Path, prefect_url: str
) -> None:
    real = tmp_path / "real.db"
    settings = {"PREFECT_API_URL": prefect_url, "MILEPOST_DATABASE_URL": f"sqlite:///{real}"}
    run = milepost("demo", "--data", tmp_path / "demo", **settings)
    assert run.returncode == 0, run.stderr
    files = [path for path in CONTRACTS.rglob("*") if path.suffix in (".pdf", ".docx")]
    assert f"{len(files)} files = " in run.stdout
    assert "failed" not in run.stdout
    assert f"The database: {tmp_path / 'demo' / 'milepost.db'}" in run.stdout
    assert "milepost export --format csv" in run.stdout
    assert re.search(r"payment *│ [^│]+│ \d{4}-\d\d-\d\d", run.stdout)
    assert "waits for" in run.stdout
    assert not real.exists(), "samples must not get into a real database"
    again = milepost("demo", "--data", tmp_path / "demo", "-q", **settings)
    assert again.stdout == run.stdout
