"""Every command the README shows is run here, in the order it is shown."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ") for block in CONSOLE.findall(README) for line in block.splitlines() if line.startswith("$ ")
]
MAKE = [command for command in COMMANDS if command.startswith("make ")]
MILEPOST = [command for command in COMMANDS if command.startswith("milepost ")]


def test_the_readme_shows_commands_of_known_kinds_only() -> None:
    assert MILEPOST
    assert sorted(MAKE) == ["make demo", "make test"]
    assert len(COMMANDS) == len(MAKE) + len(MILEPOST)


@pytest.mark.parametrize("command", MAKE)
def test_make_knows_the_target(command: str) -> None:
    # Run for real by CI; here they would call this test again.
    done = subprocess.run([*shlex.split(command), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.prefect
def test_every_milepost_command_of_the_readme_works(tmp_path: Path) -> None:
    # The commands name fixtures/contracts: a few of them stand in for all, to keep the suite quick.
    for slug in ("master-services-agreement", "mutual-nda"):
        shutil.copytree(ROOT / "fixtures" / "contracts" / slug, tmp_path / "fixtures" / "contracts" / slug)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in MILEPOST:
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert (tmp_path / "contracts.jsonl").read_text(encoding="utf-8").count("\n") == 1
    assert "notice" in (tmp_path / "milestones.csv").read_text(encoding="utf-8-sig")


def test_every_subcommand_stands_in_the_readme() -> None:
    from typer.main import get_command

    from milepost.cli import app

    group = get_command(app)
    names = set(getattr(group, "commands", {}))
    documented = set(re.findall(r"^\| `(\w+)", README, re.MULTILINE)) | {"demo"}
    assert names <= documented | {"db"}
