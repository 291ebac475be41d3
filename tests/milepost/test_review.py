"""``milepost review`` as a process: it says where it is, explains a port that is taken, and stops cleanly."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from milepost.reviewing import Answer, GuardedReader, Task, worker
from models.problem import DocumentError
from pipeline.document import Options
from pipeline.guard import Bounds, Guard
from tests.milepost.conftest import ROOT, Run, write_pdf
from tests.pipeline.hostile import self_referencing_form


@pytest.fixture
def started(own_environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "milepost", "review", "--data", str(tmp_path / "data")],
        env=own_environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()


def test_it_prints_its_address_serves_and_stops_cleanly_on_ctrl_c(started: subprocess.Popen[str]) -> None:
    assert started.stdout is not None
    line = started.stdout.readline()
    found = re.fullmatch(r"The review is at (http://127\.0\.0\.1:\d+/)\n", line)
    assert found, line
    with urllib.request.urlopen(found.group(1) + "queue") as answer:
        assert "No contract was onboarded yet" in answer.read().decode()
    os.kill(started.pid, signal.SIGINT)
    _, errors = started.communicate(timeout=30)
    assert started.returncode == 0
    assert errors.endswith("Stopped.\n")
    assert "Traceback" not in errors


def test_a_port_that_is_taken_is_explained(milepost: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = milepost("review", "--port", str(port), "--data", tmp_path / "data")
    assert done.returncode == 3
    assert done.stderr.startswith(f"milepost: Port {port} is taken by another program. Choose another one, ")


def test_without_accounts_nobody_else_may_reach_it(milepost: Run, tmp_path: Path) -> None:
    done = milepost("serve", "--host", "0.0.0.0", "--port", "0", "--data", tmp_path / "data")
    assert done.returncode == 2  # there is no port 0 to ask for
    with socket.create_server(("0.0.0.0", 0)) as free:
        port = free.getsockname()[1]
    done = milepost("serve", "--host", "0.0.0.0", "--port", str(port), "--data", tmp_path / "data")
    assert done.returncode == 3
    assert "there are no accounts" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_hostile_page_is_a_problem_and_the_next_one_is_drawn(tmp_path: Path) -> None:
    bounds = Bounds(deadline=3.0, memory_mb=1024)
    with Guard[Task, Answer](prepare, 1, bounds) as guard:
        reader = GuardedReader(guard, guard, "1")
        with pytest.raises(DocumentError):
            reader.draw(self_referencing_form(), 1)
        good = write_pdf(tmp_path / "good.pdf").read_bytes()
        assert reader.draw(good, 1).startswith(b"\xff\xd8")
        [(width, height)] = reader.sizes(good)
        assert (round(width), round(height)) == (595, 842)
        assert "SUPPLY AGREEMENT" in reader.read("good.pdf", good).text


def prepare() -> Callable[[Task], Answer]:
    return worker(Options())
