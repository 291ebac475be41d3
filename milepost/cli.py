"""The command line: what can be asked for, and with which options. The work is in the modules each command loads.

Nothing heavy is imported here, so that ``--help`` answers at once and ``extract`` needs neither database nor Prefect.

Exit codes: 0 done, 1 done with failures that are listed, 2 wrong usage, 3 cannot run.
"""

import signal
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from milepost import learning_cli, tracking_cli, users_cli
from milepost.failures import stated

app = typer.Typer(
    name="milepost",
    help="Turns a folder of contracts into milestones: notice periods, renewals, payments, with the arithmetic shown.",
    epilog="Exit codes: 0 done, 1 done with failures that are listed, 2 wrong usage, 3 cannot run.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
database = typer.Typer(help="The database: its tables and their versions.", no_args_is_help=True)
app.add_typer(database, name="db")
app.add_typer(users_cli.app, name="users")
app.add_typer(learning_cli.app, name="learn")
app.add_typer(tracking_cli.owners, name="owners")


class ExtractFormat(StrEnum):
    """How ``extract`` prints."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


class ExportFormat(StrEnum):
    """How ``export`` writes."""

    CSV = "csv"
    JSON = "json"
    ICS = "ics"
    XLSX = "xlsx"


class Trainable(StrEnum):
    """What ``train`` trains."""

    CLAUSES = "clauses"
    MILESTONES = "milestones"
    CHOICE = "choice"


class Scheduled(StrEnum):
    """What ``schedule`` does."""

    REMIND = "remind"
    SWEEP = "sweep"
    REREAD = "reread"


Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder; the embedded database lies in it.")
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file (TOML).")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more, traces of defects included.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print results and errors only.")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes.")]
Port = Annotated[
    int | None,
    typer.Option("--port", "-p", min=1, max=65535, help="Listen on this port; 8321 or a free one if left out."),
]
Deadline = Annotated[float | None, typer.Option("--deadline", min=0.1, help="Seconds one document may take.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"milepost {version('milepost')}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def extract(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Contracts to read.", show_default=False)],
    form: Annotated[ExtractFormat, typer.Option("--format", help="How to print.")] = ExtractFormat.TABLE,
    jobs: Jobs = None,
    boxes: Annotated[
        bool | None, typer.Option("--boxes/--no-boxes", help="Where each passage stands on its page (JSON only).")
    ] = None,
    deadline: Deadline = None,
    config: Config = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Show what contracts say. Stores nothing."""
    with stated(verbose):
        from milepost.extracting import run

        failures = run(files, str(form), jobs, boxes, deadline, config, verbose=verbose, quiet=quiet)
    raise typer.Exit(1 if failures else 0)


@app.command()
def onboard(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Folders and files.", show_default=False)],
    retry: Annotated[bool, typer.Option("--retry", help="Try again what could not be read before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
    jobs: Jobs = None,
    deadline: Deadline = None,
    data: Data = None,
    config: Config = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Read a folder of contracts into the database. Resumes where it was stopped; safe to run twice."""
    with stated(verbose):
        from milepost.onboarding import run

        clean = run(paths, data, config, jobs, deadline, retry=retry, as_json=as_json, verbose=verbose, quiet=quiet)
    raise typer.Exit(0 if clean else 1)


@app.command()
def status(
    batch: Annotated[str | None, typer.Argument(help="Beginning of a batch's id; the newest if left out.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every file, as CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Every file, as JSON.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Account for every file that was handed in: read, duplicate, encrypted, failed, and why."""
    if as_csv and as_json:
        raise typer.BadParameter("give --csv or --json, not both")
    with stated():
        from milepost.status import run

        run(batch, data, config, as_csv=as_csv, as_json=as_json)


@app.command()
def amend(
    contract: Annotated[str, typer.Argument(help="The contract: its id, the beginning of it, file name or title.")],
    file: Annotated[Path, typer.Argument(help="The document that changes it.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; keep nothing.")] = False,
    seen_to: Annotated[
        bool, typer.Option("--seen-to", help="Say that you have seen to what could not be read of the change.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the changes as JSON.")] = False,
    data: Data = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Read a document that changes a contract; show old and new values with their words, and what moves."""
    with stated(verbose):
        from milepost.amending import run

        run(contract, file, data, config, dry_run=dry_run, seen_to=seen_to, as_json=as_json, verbose=verbose)


@app.command()
def reread(
    show: Annotated[bool, typer.Option("--preview", help="Show what waits for a decision; read nothing.")] = False,
    accept: Annotated[str | None, typer.Option("--accept", metavar="ID", help="Let the new values stand.")] = None,
    drop: Annotated[str | None, typer.Option("--drop", metavar="ID", help="Let everything stay as it is.")] = None,
    contract: Annotated[
        list[str] | None,
        typer.Option("--contract", metavar="NAME", help="With --accept or --drop: this contract alone."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Read also what was dropped, or could not be read the last time.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what differs as JSON.")] = False,
    jobs: Jobs = None,
    data: Data = None,
    config: Config = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Read the portfolio anew after an upgrade of rules or models; show what differs. Nothing moves until accepted."""
    if sum((show, accept is not None, drop is not None)) > 1:
        raise typer.BadParameter("give one of --preview, --accept and --drop")
    if contract and accept is None and drop is None:
        raise typer.BadParameter("--contract goes with --accept or --drop")
    with stated(verbose):
        from milepost import rereading

        if accept is not None or drop is not None:
            rereading.decide(accept or drop or "", contract or (), data, config, accept=accept is not None)
            return
        if show:
            whole = rereading.preview(None, data, config, as_json=as_json)
        else:
            whole = rereading.run(data, config, jobs, again=again, as_json=as_json, verbose=verbose, quiet=quiet)
    raise typer.Exit(0 if whole else 1)


@app.command()
def schedule(
    once: Annotated[bool, typer.Option("--once", help="Do it now and end; for cron.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show the last runs and what needs a person; exit code 1 if anything does.")
    ] = False,
    only: Annotated[
        list[Scheduled] | None, typer.Option("--only", help="This job; all that the settings schedule if left out.")
    ] = None,
    every: Annotated[
        float | None, typer.Option("--every", metavar="MINUTES", min=0.01, help="In place of the settings' schedule.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --once or --status: print the report as JSON.")] = False,
    data: Data = None,
    config: Config = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Sweep the inboxes, send reminders and re-read after upgrades, each when it is due. Ctrl-C stops."""
    if once and status:
        raise typer.BadParameter("give --once or --status, not both")
    if every is not None and (once or status):
        raise typer.BadParameter("--every goes with neither --once nor --status")
    if as_json and not (once or status):
        raise typer.BadParameter("--json goes with --once or --status")
    with stated(verbose):
        from milepost import scheduling
        from milepost.jobs import Job

        jobs = [Job(str(one)) for one in only or ()]
        if not once and not status:
            scheduling.run(jobs, every, data, config, verbose=verbose, quiet=quiet)
            return
        if status:
            clean = scheduling.status(data, config, as_json=as_json)
        else:
            clean = scheduling.run_once(jobs, data, config, as_json=as_json, verbose=verbose, quiet=quiet)
    raise typer.Exit(0 if clean else 1)


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="A sentence or two of a contract.")],
    fact: Annotated[
        list[str] | None, typer.Option("--fact", metavar="NAME=DATE", help="A known date: effective_date=2024-01-01.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Show the term in force on this day.")
    ] = None,
    config: Config = None,
) -> None:
    """Show which rules fire on a text, and what they mean."""
    with stated():
        from milepost.explaining import run

        run(text, fact or [], as_of.date() if as_of else None, config)


@app.command()
def export(
    form: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="CSV: milestones as read; JSON: all of each document; ICS, XLSX, CSV with --tracked: deadlines.",
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write here, not to stdout.")] = None,
    batch: Annotated[str | None, typer.Option("--batch", help="Only this batch (beginning of its id).")] = None,
    tracked: Annotated[
        bool, typer.Option("--tracked", help="Deadlines as tracked, with their evidence; any choice below means this.")
    ] = False,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=4000, help="Due in so many days, overdue included.")
    ] = None,
    state: Annotated[tracking_cli.State | None, typer.Option("--state", help="Open if left out.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="As in notice, payment, report.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="NAME", help="Whose they are.")] = None,
    department: Annotated[str | None, typer.Option("--department", metavar="TEXT")] = None,
    counterparty: Annotated[str | None, typer.Option("--counterparty", metavar="TEXT", help="A part of it.")] = None,
    contract_type: Annotated[str | None, typer.Option("--contract-type", metavar="TEXT")] = None,
    text: Annotated[
        str | None, typer.Option("--text", help="Words of the title, the contract or the counterparty.")
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Write what is in the database for other programs."""
    asked = {"kind": kind, "owner": owner, "department": department, "counterparty": counterparty}
    asked |= {"contract_type": contract_type, "text": text, "listed": str(state) if state else None}
    chosen = {name: value for name, value in asked.items() if value is not None}
    deadlines = tracked or days is not None or bool(chosen)
    if deadlines and (form is ExportFormat.JSON or batch is not None):
        raise typer.BadParameter("deadlines are written as csv, xlsx or ics, and are of no batch")
    with stated():
        from milepost import exporting

        if deadlines or form in (ExportFormat.ICS, ExportFormat.XLSX):
            exporting.deadlines(str(form), out, data, config, days, chosen if deadlines else None)
        else:
            exporting.run(str(form), out, batch, data, config)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A register of deadlines: .xlsx or .csv.")],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=HEADING", help="Which heading holds what: date='Due by'. Else guessed."),
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="The first sheet if left out.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Put the rows into the review; else they are shown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show which contracts the rows of a register are about; with --apply have people confirm them in the review."""
    with stated():
        from milepost.importing import run

        whole = run(file, columns or (), sheet, data, config, apply=apply, as_json=as_json)
    raise typer.Exit(0 if whole else 1)


@app.command()
def evaluate(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Labelled contracts: with gold.jsonl, or with an expected.json each.")
    ],
    against: Annotated[
        Path | None, typer.Option("--against", metavar="BASE.json", help="Show gains and losses against this one.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="OUT.json", help="Keep the verdicts for --against.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Fit the confidences anew, in place of printing the figures.")
    ] = False,
    cross_validate: Annotated[
        bool,
        typer.Option("--cross-validate", help="Print figures where all that is learned comes from other contracts."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the confidences here, not in the program.")
    ] = None,
    jobs: Jobs = None,
    deadline: Deadline = None,
    config: Config = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Measure accuracy, calibration and speed on labelled contracts. Stores nothing."""
    if calibrate and (against or save or as_json):
        raise typer.BadParameter("--calibrate goes with neither --against nor --save nor --json")
    if cross_validate and (against or save or calibrate):
        raise typer.BadParameter("--cross-validate goes with neither --against nor --save nor --calibrate")
    if out and not calibrate:
        raise typer.BadParameter("--out goes with --calibrate")
    with stated(verbose):
        from milepost.calibrating import run as fit
        from milepost.cross_validating import run as hold_out
        from milepost.evaluating import run

        if cross_validate:
            failures = hold_out(folder, jobs, deadline, config, as_json=as_json, quiet=quiet)
            raise typer.Exit(1 if failures else 0)
        if calibrate:
            failures = fit(folder, out, jobs, deadline, config, quiet=quiet)
            raise typer.Exit(1 if failures else 0)
        failures = run(folder, against, save, jobs, deadline, config, as_json=as_json, verbose=verbose, quiet=quiet)
    raise typer.Exit(1 if failures else 0)


@app.command()
def train(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Labelled contracts, as for evaluate.", show_default=False)
    ],
    held_out: Annotated[
        bool,
        typer.Option(
            "--held-out/--all",
            help="Keep the contracts annotated in DIR for evaluate and learn from those labelled by place alone, or "
            "learn from all: what evaluate then says of milestones in DIR is too good to be true.",
        ),
    ] = True,
    only: Annotated[Trainable | None, typer.Option("--only", help="Train these alone.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Save the models here, not in the program.")
    ] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Train the clause finder and the classifiers of milestones anew, for those who work on the program.

    The clause finder learns from the passages marked in DIR/clauses.jsonl, where there is one.
    Labels by place name a passage by page and character, without its words; they come with the program, the contracts
    do not. The models that come with the program know these alone.
    """
    with stated(verbose):
        from milepost.training import run

        run(folder, out, only and str(only), held_out=held_out, quiet=quiet)


@app.command()
def review(
    port: Port = None,
    data: Data = None,
    config: Config = None,
    verbose: Verbose = False,
    browse: Annotated[bool, typer.Option("--browse/--no-browse", help="Open it in the browser.")] = False,
) -> None:
    """Start the review queue on this machine, where people confirm what was found. Prints its address; Ctrl-C stops."""
    with stated(verbose):
        from milepost.reviewing import run

        run(None, port, data, config, browse=browse, verbose=verbose)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Listen here. Beyond this machine: accounts first.")
    ] = None,
    port: Port = None,
    data: Data = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Serve the review queue, to a team as well: whoever comes from elsewhere signs in."""
    with stated(verbose):
        from milepost.reviewing import run

        run(host, port, data, config, verbose=verbose)


@app.command()
def demo(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Data folder of the demo.")] = Path("demo-data"),
    jobs: Jobs = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Onboard the sample contracts and print their milestones."""
    with stated(verbose):
        from milepost.demo import run

        run(data, jobs, verbose=verbose, quiet=quiet)


@database.command()
def upgrade(data: Data = None, config: Config = None) -> None:
    """Create the tables, or bring them up to this version. A SQLite database is copied first."""
    with stated():
        from milepost.database import upgrade as run

        run(data, config)


@database.command()
def current(data: Data = None, config: Config = None) -> None:
    """Print the version of the tables."""
    with stated():
        from milepost.database import current as run

        run(data, config)


@database.command()
def check(data: Data = None, config: Config = None) -> None:
    """Check that the database answers and its tables are those of this version."""
    with stated():
        from milepost.database import check as run

        good = run(data, config)
    raise typer.Exit(0 if good else 1)


app.command()(tracking_cli.remind)


def main() -> None:
    """Run the command line."""
    # To be told to end is to be interrupted: what is in work goes back, the exit code says so.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    finally:
        # Nothing is in work any more. Python would complain about being interrupted while it closes down.
        for end in (signal.SIGTERM, signal.SIGINT):
            signal.signal(end, signal.SIG_DFL)
