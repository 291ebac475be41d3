"""The commands of tracking: ``milepost remind`` and ``milepost owners``. The work is in the modules they load."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from milepost.failures import stated


class State(StrEnum):
    """In which state the deadlines are that ``export`` writes."""

    OPEN = "open"
    OVERDUE = "overdue"
    WAITING = "waiting"
    DONE = "done"
    WAIVED = "waived"
    ALL = "all"


owners = typer.Typer(help="People and teams that milestones belong to.", no_args_is_help=True)

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder; the embedded database lies in it.")
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file (TOML).")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The owner's name.", show_default=False)]
Email = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="Where messages go.")]
Zone = Annotated[
    str | None, typer.Option("--time-zone", metavar="ZONE", help="As in Europe/Berlin; messages come in the morning.")
]
Department = Annotated[str | None, typer.Option("--department", metavar="TEXT", help="For rules that name one.")]
Deputy = Annotated[
    str | None, typer.Option("--deputy", metavar="NAME", help="Who steps in when they are away or do not act.")
]
Channels = Annotated[
    list[str] | None, typer.Option("--channel", metavar="NAME", help="Where messages go; email if left out.")
]


def remind(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; keep and send nothing.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show the last run and what needs a person; exit code 1 if anything does.")
    ] = False,
    settle: Annotated[
        str | None, typer.Option("--settle", metavar="ID", help="Say that an uncertain reminder arrived.")
    ] = None,
    resend: Annotated[
        str | None, typer.Option("--resend", metavar="ID", help="Send an uncertain or failed reminder again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Plan, claim and send the reminders that are due. For cron, every hour or more often; safe to run twice."""
    if sum((dry_run, status, settle is not None, resend is not None)) > 1:
        raise typer.BadParameter("give one of --dry-run, --status, --settle and --resend")
    with stated():
        from milepost import reminding

        if settle is not None or resend is not None:
            reminding.settle(settle or resend or "", data, config, again=resend is not None)
            return
        if dry_run:
            reminding.rehearse(data, config, as_json=as_json)
            return
        clean = (reminding.status if status else reminding.run)(data, config, as_json=as_json)
    raise typer.Exit(0 if clean else 1)


@owners.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show the owners, and how much is open with each."""
    with stated():
        from milepost import owning

        owning.show(data, config, as_json=as_json)


@owners.command()
def add(
    name: Name,
    team: Annotated[bool, typer.Option("--team", help="A team, not a person.")] = False,
    email: Email = None,
    time_zone: Zone = None,
    department: Department = None,
    deputy: Deputy = None,
    channel: Channels = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="The account they sign in with.")
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Add a person or a team."""
    with stated():
        from milepost import owning

        owning.add(
            name,
            data,
            config,
            team=team,
            email=email,
            time_zone=time_zone,
            department=department,
            deputy=deputy,
            channels=channel,
            account=account,
        )


@owners.command("set")
def set_(
    name: Name,
    email: Email = None,
    time_zone: Zone = None,
    department: Department = None,
    deputy: Deputy = None,
    channel: Channels = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Change what is known of an owner; what is left out stays."""
    with stated():
        from milepost import owning

        owning.change(
            name,
            data,
            config,
            email=email,
            time_zone=time_zone,
            department=department,
            deputy=deputy,
            channels=channel,
        )


@owners.command()
def join(
    team: Annotated[str, typer.Argument(metavar="TEAM", show_default=False)],
    person: Annotated[str, typer.Argument(metavar="PERSON", show_default=False)],
    end: Annotated[bool, typer.Option("--end", help="They are no longer in it.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Put a person into a team."""
    with stated():
        from milepost import owning

        owning.join_team(team, person, data, config, end=end)


@owners.command()
def away(
    name: Name,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    last: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day.")] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Say that somebody is away: their deputy gets their messages. Without days: they are back."""
    with stated():
        from milepost import owning

        owning.away(name, first.date() if first else None, last.date() if last else None, data, config)


@owners.command()
def replace(
    leaver: Annotated[str, typer.Argument(metavar="LEAVER", show_default=False)],
    successor: Annotated[str, typer.Argument(metavar="SUCCESSOR", show_default=False)],
    data: Data = None,
    config: Config = None,
) -> None:
    """Put one owner in the place of another everywhere, and switch the other off."""
    with stated():
        from milepost import owning

        owning.replace(leaver, successor, data, config)


@owners.command()
def feed(
    name: Name,
    revoke: Annotated[bool, typer.Option("--revoke", help="End all feeds of theirs, and open none.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Open a calendar feed of an owner's deadlines, and print its secret address once."""
    with stated():
        from milepost import owning

        owning.feed(name, data, config, revoke=revoke)
