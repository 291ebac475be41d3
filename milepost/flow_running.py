"""Runs what reads documents as a Prefect flow, with a temporary server where the settings name none."""

from typing import TYPE_CHECKING

from milepost.settings import Settings
from pipeline.prefect_server import PrefectError, prefect_api

if TYPE_CHECKING:
    from pipeline.flows import Batched


def run_batches(name: str, work: "Batched", settings: Settings, *, verbose: bool = False) -> None:
    """Read all of ``work`` as the flow ``name``.

    Raises:
        PrefectError: Prefect cannot be used, or failed.
    """
    with prefect_api(settings.data_dir / "prefect", verbose=verbose) as server:
        try:
            from pipeline import flows  # after Prefect's settings are set; it takes seconds, and so does the server
        except ImportError as error:
            raise PrefectError(f"Prefect cannot be loaded ({error}). Install milepost again.") from error
        server.wait()
        flows.read_all(work, name)
