"""The temporary Prefect server of one run: a process that starts with it and ends with it, however it ends.

Prefect would start one itself, but that one outlives a run that was killed, and writes to the run's own output.
This one watches for its parent, keeps its log in a file, and starts while the client is still importing Prefect.
Prefect is not imported here: its settings must be in the environment before anything imports it.

    with prefect_api(home) as server:
        from pipeline import flows      # takes seconds, and so does the server's start
        server.wait()
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

START_SECONDS = 120.0
"""A busy machine takes far longer than Prefect's own 20 seconds."""


class PrefectError(Exception):
    """Prefect cannot be used: one sentence for the operator."""


def quiet_environment(home: Path, *, verbose: bool = False) -> dict[str, str]:
    """Settings of Prefect for a run of ours: its files in our folder, nothing sent anywhere, logs only if asked."""
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_HOME": str(home),
        "PREFECT_LOGGING_LEVEL": "INFO" if verbose else "CRITICAL",  # what stops a run we say ourselves
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_LOGGING_COLORS": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(int(START_SECONDS)),
    }


class TemporaryServer:
    """A Prefect server on a free port of this machine."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._log = home / "server.log"
        self._environment = {**os.environ, **environment}
        self._launch()

    @property
    def url(self) -> str:
        """Address of the server's API."""
        return f"http://127.0.0.1:{self._port}/api"

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Return when the server answers. Raises PrefectError if it does not within ``seconds``."""
        until = time.monotonic() + seconds
        while not _answers(self.url):
            if self._process.poll() is not None:
                raise PrefectError(f"Prefect's temporary server did not start ({self._last_words()}).")
            if time.monotonic() > until:
                raise PrefectError(
                    f"Prefect's temporary server did not answer within {seconds:g} seconds; its log is {self._log}."
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _launch(self) -> None:
        self._port = _free_port()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pipeline.prefect_server", str(self._port), str(os.getpid())],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; the server ends when we are done with it
            )

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else f"exit code {self._process.returncode}"


class GivenServer:
    """A Prefect server that runs already, named by ``PREFECT_API_URL``."""

    def __init__(self, url: str) -> None:
        self.url = url

    def wait(self, seconds: float = 5.0) -> None:
        """Return if the server answers. Raises PrefectError if it does not within ``seconds``."""
        until = time.monotonic() + seconds
        while not _answers(self.url):
            if time.monotonic() > until:
                raise PrefectError(
                    f"The Prefect server at {self.url} (PREFECT_API_URL) does not answer. "
                    "Start it, or unset PREFECT_API_URL to let milepost start its own."
                )
            time.sleep(0.5)

    def stop(self) -> None:
        """It is not ours to stop."""


@contextlib.contextmanager
def prefect_api(home: Path, *, verbose: bool = False) -> Iterator[TemporaryServer | GivenServer]:
    """A server to run a flow with, and the environment that leads Prefect to it.

    The server may still be starting; ``wait`` for it before the flow. A server named by ``PREFECT_API_URL`` is used
    instead of a temporary one, and must answer now.
    """
    environment = quiet_environment(home, verbose=verbose)
    given = os.environ.get("PREFECT_API_URL")
    server: TemporaryServer | GivenServer
    if given:
        server = GivenServer(given)
        server.wait()
    else:
        server = TemporaryServer(home, environment)
    os.environ.update(environment | {"PREFECT_API_URL": server.url})
    try:
        yield server
    finally:
        if not given:
            del os.environ["PREFECT_API_URL"]  # what comes next must not look for a server that is gone
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def _serve(port: int, parent: int) -> None:
    """The server process: Prefect's own application, without its web pages and schedules."""
    import uvicorn

    threading.Thread(target=_leave_with_parent, args=(parent,), daemon=True).start()
    os.environ.update(PREFECT_UI_ENABLED="0", PREFECT__SERVER_EPHEMERAL="1", PREFECT__SERVER_FINAL="1")
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
    )


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
