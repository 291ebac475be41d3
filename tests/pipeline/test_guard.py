import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from models.problem import Category, Problem
from pipeline.guard import Bounds, Guard, GuardError
from tests.pipeline import misbehaving

BOUNDS = Bounds(deadline=2.0, memory_mb=1024, file_mb=8, recycle=20)


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard[str, str]]:
    with Guard(misbehaving.prepare, workers=1, bounds=BOUNDS) as guard:
        yield guard


@pytest.mark.parametrize(
    ("item", "category", "words"),
    [
        ("sleep", Category.DEADLINE, "longer than 2 seconds"),
        ("spin", Category.DEADLINE, "longer than 2 seconds"),
        ("abort", Category.CRASH, "Aborted"),
        ("segfault", Category.CRASH, "Segmentation fault"),
        ("kill", Category.MEMORY, "ran out of memory"),
        ("exit", Category.CRASH, "exit code 7"),
        ("allocate", Category.MEMORY, "1024 MiB"),
    ],
)
def test_a_document_that_kills_its_worker_becomes_a_problem(
    guard: Guard[str, str], item: str, category: Category, words: str
) -> None:
    answer = guard.call(item)
    assert isinstance(answer, Problem)
    assert answer.category is category
    assert words in answer.message
    assert guard.call("fine") == "did fine", "the pool must go on"


def test_one_bad_document_costs_no_other_and_answers_keep_their_order(guard: Guard[str, str]) -> None:
    items = ["a", "abort", "b", "sleep", "c", "allocate", "d"]
    answers = list(guard.run(items))
    assert [item for item, _ in answers] == items
    assert [answer if isinstance(answer, str) else answer.category for _, answer in answers] == [
        "did a",
        Category.CRASH,
        "did b",
        Category.DEADLINE,
        "did c",
        Category.MEMORY,
        "did d",
    ]


def test_a_document_that_crashed_is_tried_once_more_alone(guard: Guard[str, str], tmp_path: Path) -> None:
    item = f"abort once:{tmp_path / 'marker'}"
    assert guard.call(item) == f"did {item}"


def test_a_defect_in_our_own_code_is_not_dressed_up_as_a_bad_document(guard: Guard[str, str]) -> None:
    with pytest.raises(LookupError, match="a defect"):
        guard.call("raise")


def test_stopping_tells_those_who_wait_instead_of_leaving_them() -> None:
    with Guard(misbehaving.prepare, bounds=Bounds(deadline=600)) as guard, ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(guard.call, "sleep") for _ in range(2)]
        assert guard._pool.active
        guard.stop()
        for future in waiting:
            with pytest.raises(CancelledError):
                future.result(timeout=30)


def test_whoever_comes_after_the_stop_is_told_the_same() -> None:
    with Guard(misbehaving.prepare, bounds=Bounds(deadline=600)) as guard:
        guard.stop()
        with pytest.raises(CancelledError, match="stopped before"):
            guard.call("sleep")


def test_workers_that_cannot_start_are_one_error_and_no_documents_fault() -> None:
    with pytest.raises(GuardError, match="worker processes could not"), Guard(misbehaving.prepare_broken) as guard:
        guard.call("fine")


def test_a_worker_cannot_write_files_beyond_the_limit(guard: Guard[str, str], tmp_path: Path) -> None:
    target = tmp_path / "large"
    with pytest.raises(OSError, match="File too large"):
        guard.call(f"write:{target}")
    assert target.stat().st_size <= 8 * 1024 * 1024


def test_loading_is_done_once_per_worker_and_workers_are_replaced_after_a_number_of_documents(tmp_path: Path) -> None:
    log = tmp_path / "starts"
    prepare = partial(misbehaving.prepare_counting, str(log))
    with Guard[str, str](prepare, workers=1, bounds=Bounds(deadline=20, recycle=3)) as guard:
        pids = [answer for _, answer in guard.run(["pid"] * 6)]
    assert len(set(pids)) == 2, "six documents, three for each worker"
    started = log.read_text(encoding="utf-8").split()
    assert started[:2] == list(dict.fromkeys(pids))
    assert len(started) == len(set(started)), "each worker loads once"


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "from pipeline.guard import Guard\n"
        "from tests.pipeline import misbehaving\n"
        "if __name__ == '__main__':\n"
        "    with Guard(misbehaving.prepare) as guard:\n"
        "        print(guard.call('pid'), flush=True)\n"
        "        guard.call('sleep')\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    for _ in range(100):
        if not Path(f"/proc/{worker}").exists():
            return
        time.sleep(0.1)
    pytest.fail("the worker is still there ten seconds after its parent")
