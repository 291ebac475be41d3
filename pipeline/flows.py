"""The Prefect flows. Nothing else imports Prefect, and its settings must be set before this module is imported
(``pipeline.prefect_server.prefect_api`` sees to that).

Prefect retries, shows and distributes; the ledger decides. Each task reads some tens of documents, because a task
run costs several calls to the server. Tasks are threads: the work is done by the guard's processes.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import httpx
from prefect import Flow, State, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import PrefectException
from prefect.states import Completed
from prefect.task_runners import ThreadPoolTaskRunner

from pipeline.prefect_server import PrefectError

Result = TypeVar("Result")

RETRY_SECONDS = 300

TOGETHER = 2
"""Tasks at a time: while one stores its last documents, the other keeps the workers busy."""


class Batched(Protocol):
    """Reading in batches: onboarding, or reading the portfolio anew."""

    @property
    def tasks(self) -> int:
        """How many calls of ``read_some`` read everything."""

    def read_some(self) -> int:
        """Read some documents and store what each gave; how many."""


def read_all(work: Batched, name: str = "onboard") -> None:
    """Read all of ``work``, as a flow run of one task for each batch of documents.

    Raises:
        PrefectError: Prefect failed. What was read until then is in the store.
        StoreError, GuardError: what a task met, after its retries.
    """
    runner: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=TOGETHER)

    @task(name="read documents", retries=2, retry_delay_seconds=2, cache_policy=NO_CACHE, persist_result=False)
    def read_documents() -> int:
        return work.read_some()

    @flow(name=name, task_runner=runner, persist_result=False)  # type: ignore[arg-type]  # it is invariant
    def read_batches() -> None:
        batches = [read_documents.submit() for _ in range(work.tasks)]
        for batch in batches:
            batch.result()

    try:
        read_batches()
    except (PrefectException, httpx.HTTPError) as error:
        raise PrefectError(
            f"Prefect failed ({type(error).__name__}: {error}). What was read is kept; run the same command again."
        ) from error


def flow_of(name: str, work: Callable[[], Result], say: Callable[[Result], str], *, retries: int = 0) -> Flow[[], Any]:
    """A flow that does ``work``; what ``say`` makes of its result is what Prefect shows of the run.

    ``retries`` tries again after some minutes what raised an error: another run may have been in the way.
    """

    @flow(name=name, persist_result=False, retries=retries, retry_delay_seconds=RETRY_SECONDS)
    def scheduled() -> State[Any]:
        done = work()
        return Completed(message=say(done), data=done)

    return scheduled


def run_as_flow(name: str, work: Callable[[], Result], say: Callable[[Result], str]) -> Result:
    """Do ``work`` as a flow run.

    Raises:
        PrefectError: Prefect failed; whether the work was done is not known.
        Exception: what ``work`` raises.
    """
    found: list[Result] = []

    def keeping() -> Result:
        found.append(work())
        return found[-1]

    try:
        flow_of(name, keeping, say)()
    except (PrefectException, httpx.HTTPError) as error:
        if not found:
            raise PrefectError(f"Prefect failed ({type(error).__name__}: {error}).") from error
    return found[-1]
