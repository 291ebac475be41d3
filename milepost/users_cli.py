"""The commands of ``milepost users``: what can be asked for. The work is in ``milepost.users``, loaded when needed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from milepost.failures import stated

app = typer.Typer(help="Accounts of the web application.", no_args_is_help=True)


class RoleName(StrEnum):
    """What an account may do."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class ScopeName(StrEnum):
    """What a token may do at most."""

    READ = "read"
    DECIDE = "decide"
    ADMIN = "admin"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The name to sign in with.", show_default=False)]
Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder; the embedded database lies in it.")
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file (TOML).")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Take the password from the first line of stdin; else it is asked for.")
]


@app.command()
def add(
    name: Name,
    role: Annotated[RoleName, typer.Option("--role", help="What they may do.")] = RoleName.REVIEWER,
    display_name: Annotated[
        str | None, typer.Option("--display-name", metavar="TEXT", help="What others see; the name if left out.")
    ] = None,
    email: Annotated[str | None, typer.Option("--email", metavar="ADDRESS")] = None,
    department: Annotated[
        str | None, typer.Option("--department", metavar="TEXT", help="For rules that say who reviews what.")
    ] = None,
    sso: Annotated[
        bool, typer.Option("--sso", help="No password: they come by single sign-on, known by --email.")
    ] = False,
    password_stdin: PasswordStdin = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make an account. The first one must be an admin; from then on everybody signs in."""
    if sso and password_stdin:
        raise typer.BadParameter("--sso goes without a password")
    with stated():
        from milepost.users import add as run
        from models.actor import Role

        run(
            name,
            Role(role),
            data,
            config,
            display_name=display_name,
            email=email,
            department=department,
            sso=sso,
            from_stdin=password_stdin,
        )


@app.command("list")
def show(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """List the accounts."""
    with stated():
        from milepost.users import show as run

        run(data, config, as_json=as_json)


@app.command()
def disable(name: Name, data: Data = None, config: Config = None) -> None:
    """Switch an account off. It is kept, for the audit trail names it."""
    with stated():
        from milepost.users import disable as run

        run(name, data, config)


@app.command()
def enable(name: Name, data: Data = None, config: Config = None) -> None:
    """Switch an account on again."""
    with stated():
        from milepost.users import enable as run

        run(name, data, config)


@app.command()
def role(
    name: Name,
    role: Annotated[RoleName, typer.Argument(metavar="ROLE", help="viewer, reviewer or admin.", show_default=False)],
    data: Data = None,
    config: Config = None,
) -> None:
    """Give an account another role."""
    with stated():
        from milepost.users import set_role as run
        from models.actor import Role

        run(name, Role(role), data, config)


@app.command()
def password(name: Name, password_stdin: PasswordStdin = False, data: Data = None, config: Config = None) -> None:
    """Change a password. All browsers of the account are signed out."""
    with stated():
        from milepost.users import set_password as run

        run(name, data, config, from_stdin=password_stdin)


@app.command()
def token(
    name: Name,
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="What it is for.")] = "command line",
    scope: Annotated[ScopeName, typer.Option("--scope", help="What it may do at most.")] = ScopeName.READ,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, help="Days until it expires; never if left out.")
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Print a new token for programs that use the API in the account's name."""
    with stated():
        from milepost.users import issue_token as run
        from models.actor import Scope

        run(name, label, Scope(scope), days, data, config)
