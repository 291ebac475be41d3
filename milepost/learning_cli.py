"""The commands of ``milepost learn``: what can be asked for. The work is in ``milepost.learning``."""

from pathlib import Path
from typing import Annotated

import typer

from milepost.failures import stated

app = typer.Typer(help="What people's decisions in the review teach.", no_args_is_help=True)

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder; the embedded database lies in it.")
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file (TOML).")]


@app.command()
def labels(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty folder, or none yet.", show_default=False)],
    data: Data = None,
    config: Config = None,
) -> None:
    """Write what people decided as labelled contracts, which `milepost evaluate DIR` reads."""
    with stated():
        from milepost.learning import labels as run

        gone = run(folder, data, config)
    raise typer.Exit(1 if gone else 0)


@app.command()
def rules(data: Data = None, config: Config = None) -> None:
    """Show how right each rule is, those with the most errors first."""
    with stated():
        from milepost.learning import rules as run

        run(data, config)


@app.command()
def confidences(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the table of confidences.")
    ] = Path("confidence.yaml"),
    data: Data = None,
    config: Config = None,
) -> None:
    """Fit the confidences anew to what people found right."""
    with stated():
        from milepost.learning import confidences as run

        run(out, data, config)
