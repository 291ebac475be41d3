"""The Prefect flows. Nothing else imports Prefect, and its settings must be set before this module is imported
(``pipeline.prefect_server.prefect_api`` sees to that).

Prefect retries, shows and distributes; the ledger decides. Each task reads some tens of documents, because a task
run costs several calls to the server. Tasks are threads: the work is done by the guard's processes.
"""

from typing import Any

import httpx
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import PrefectException
from prefect.task_runners import ThreadPoolTaskRunner

from pipeline.onboard import Onboarding
from pipeline.prefect_server import PrefectError

TOGETHER = 2
"""Tasks at a time: while one stores its last documents, the other keeps the workers busy."""


def read_all(run: Onboarding) -> None:
    """Read what the ledger of ``run`` has pending, as a flow run of one task for each batch of documents.

    Raises:
        PrefectError: Prefect failed. What was read until then is in the store.
        StoreError, GuardError: what a task met, after its retries.
    """
    runner: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=TOGETHER)

    @task(name="read documents", retries=2, retry_delay_seconds=2, cache_policy=NO_CACHE, persist_result=False)
    def read_documents() -> int:
        return run.read_some()

    @flow(name="onboard", task_runner=runner, persist_result=False)  # type: ignore[arg-type]  # it is invariant
    def onboard() -> None:
        batches = [read_documents.submit() for _ in range(run.tasks)]
        for batch in batches:
            batch.result()

    try:
        onboard()
    except (PrefectException, httpx.HTTPError) as error:
        raise PrefectError(
            f"Prefect failed ({type(error).__name__}: {error}). What was read is kept; run the same command again."
        ) from error
