"""A process that has loaded the program and becomes each command that is asked for, in a fork of itself.

Each command so runs in a process of its own, with its own environment, output and exit code, as a user's does; but what
takes longer than most commands, loading the program, is done once. Where a test is about how the program is loaded, or
needs an environment that counts before it is, ``python -m milepost`` is run instead.
"""

import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import milepost

_LOADED_LATER = {"__main__", "deployed"}
"""The program itself, and what loads Prefect, which reads the environment while it is loaded."""

_OURS = ("MILEPOST_", "PREFECT_")
_SECONDS = 300


class Forking:
    """Starts the process with the first command, and ends it with ``close``."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._environment = dict(environment)
        self._process: subprocess.Popen[str] | None = None

    def can(self, environment: Mapping[str, str]) -> bool:
        """Whether a command can be run so with what is added to the environment."""
        return sys.platform == "linux" and all(name.startswith(_OURS) for name in environment)

    def run(
        self, args: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; its output passes through files in ``folder``."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                env=self._environment,
                cwd=self._root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        out, err = folder / "out", folder / "err"
        asked = {
            "args": list(args),
            "environment": {**self._environment, **environment},
            "out": str(out),
            "err": str(err),
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        said = [path.read_text(encoding="utf-8") for path in (out, err)]
        return subprocess.CompletedProcess(["milepost", *args], code, *said)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()


def _serve() -> None:
    for module in pkgutil.iter_modules(milepost.__path__):
        if module.name not in _LOADED_LATER:
            importlib.import_module(f"milepost.{module.name}")
    assert "prefect" not in sys.modules
    gc.collect()
    gc.freeze()  # else each fork looks through all of it, and so copies it
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            return _become(asked)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return None


def _become(asked: dict[str, object]) -> None:
    signal.alarm(_SECONDS)
    for number, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, str(asked["out"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, str(asked["err"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(name, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    environment, args = asked["environment"], asked["args"]
    assert isinstance(environment, dict)
    assert isinstance(args, list)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["milepost", *args]
    runpy.run_module("milepost", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
