import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from milepost.cli import app
from models.actor import Role, Scope
from review.passwords import check_password
from store import accounts
from store.account_tables import Account
from store.connection import default_url
from store.engine import open_engine, reading
from tests.milepost.conftest import Run

PASSWORD = "seven gull feathers"
Users = Callable[..., Result]


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Users:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("MILEPOST_DATABASE_URL", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*args: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, ["users", *args, "--data", str(tmp_path)], input=stdin)

    return run


@pytest.fixture
def with_admin(users: Users) -> Users:
    done = users("add", "Root", "--role", "admin", "--password-stdin", stdin=PASSWORD + "\n")
    assert (done.exit_code, done.stdout) == (0, "root may sign in now, as admin.\n"), done.output
    return users


def kept(folder: Path, name: str) -> Account:
    with reading(open_engine(default_url(folder))) as session:
        return accounts.account(session, name)


def test_an_account_is_made_and_its_password_is_kept_as_a_hash(with_admin: Users, tmp_path: Path) -> None:
    account = kept(tmp_path, "root")
    assert account.role is Role.ADMIN
    assert account.password_hash is not None
    assert PASSWORD not in account.password_hash
    assert check_password(PASSWORD, account.password_hash)[0]


def test_a_password_is_asked_for_twice_and_never_shown(
    users: Users, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([PASSWORD, PASSWORD + "!", PASSWORD, PASSWORD])
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return next(answers)

    monkeypatch.setattr("getpass.getpass", ask)
    monkeypatch.setattr("milepost.users._at_a_terminal", lambda: True)
    differing = users("add", "root", "--role", "admin")
    assert differing.exit_code == 3
    assert "The two were not the same. Nothing was changed." in differing.stderr
    done = users("add", "root", "--role", "admin")
    assert done.exit_code == 0
    assert asked == ["Password for root: ", "Once more: "] * 2
    assert PASSWORD not in done.output
    assert check_password(PASSWORD, kept(tmp_path, "root").password_hash)[0]


@pytest.mark.parametrize(
    ("args", "stdin", "code", "message"),
    [
        (("add", "ada"), "", 3, "nobody to ask for a password: give --password-stdin"),
        (("add", "ada", "--password-stdin"), "short\n", 3, "A password has at least 12 characters."),
        (("add", "ada", "--password-stdin"), "", 3, "A password has at least 12 characters."),
        (("add", "a b", "--password-stdin"), PASSWORD, 3, "'a b' cannot be a user name."),
        (("add", "ROOT", "--password-stdin"), PASSWORD, 3, "There is a user 'root' already."),
        (("add", "ada", "--sso"), "", 3, "is known by its e-mail address: give --email."),
        (("add", "ada", "--sso", "--password-stdin"), "", 2, "--sso goes without a password"),
        (("add", "ada", "--role", "king"), "", 2, "'king' is not one of"),
        (("add", "ada", "--password", PASSWORD), "", 2, "--password"),
        (("disable", "nobody"), "", 3, "There is no user 'nobody'. See: milepost users list."),
        (("disable", "root"), "", 3, "'root' is the only administrator."),
        (("role", "root", "viewer"), "", 3, "'root' is the only administrator."),
        (("password", "nobody", "--password-stdin"), PASSWORD, 3, "There is no user 'nobody'."),
        (("token", "nobody"), "", 3, "There is no user 'nobody'."),
        (("token", "root", "--days", "0"), "", 2, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    with_admin: Users, args: tuple[str, ...], stdin: str, code: int, message: str
) -> None:
    done = with_admin(*args, stdin=stdin)
    assert done.exit_code == code, done.output
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert PASSWORD not in done.stdout


def test_the_first_account_must_be_able_to_make_the_others(users: Users) -> None:
    done = users("add", "ada", "--password-stdin", stdin=PASSWORD)
    assert done.exit_code == 3
    assert "give --role admin" in done.stderr


def test_an_account_is_switched_off_and_on_given_a_role_and_a_password(with_admin: Users, tmp_path: Path) -> None:
    with_admin("add", "ada", "--password-stdin", "--department", "Procurement", stdin=PASSWORD)
    assert with_admin("disable", "ADA").stdout == "ada can no longer sign in, and is signed out everywhere.\n"
    assert not kept(tmp_path, "ada").active
    refused = with_admin("token", "ada")
    assert (refused.exit_code, refused.stderr) == (3, "milepost: ada is disabled.\n")
    assert with_admin("enable", "ada").exit_code == 0
    assert with_admin("role", "ada", "viewer").stdout == "ada has the role of viewer now.\n"
    assert with_admin("password", "ada", "--password-stdin", stdin="nine quiet harbours\r\n").exit_code == 0
    account = kept(tmp_path, "ada")
    assert (account.active, account.role, account.department) == (True, Role.VIEWER, "Procurement")
    assert check_password("nine quiet harbours", account.password_hash)[0]


def test_a_token_is_all_that_is_printed_and_lives_as_long_as_it_was_told(with_admin: Users, tmp_path: Path) -> None:
    done = with_admin("token", "root", "--scope", "decide", "--label", "import", "--days", "30")
    assert done.exit_code == 0
    token = done.stdout.strip()
    assert "\n" not in token
    with reading(open_engine(default_url(tmp_path))) as session:
        made = accounts.list_tokens(session, now=kept(tmp_path, "root").created_at)[0].token
        assert (made.name, made.scopes) == ("import", [Scope.DECIDE.value])
        assert made.expires_at is not None
        assert (made.expires_at - made.created_at).days == 30
        assert accounts.token_of(session, token, now=made.created_at) is not None
    with_admin("add", "ada", "--role", "viewer", "--password-stdin", stdin=PASSWORD)
    greedy = with_admin("token", "ada", "--scope", "admin")
    assert greedy.exit_code == 3
    assert "too little for 'admin'" in greedy.stderr


def test_accounts_are_listed_without_their_secrets(with_admin: Users, tmp_path: Path) -> None:
    with_admin("add", "ada", "--sso", "--email", "ada@example.com", "--role", "viewer", "--display-name", "Ada Marsh")
    with_admin("token", "root")
    listed = json.loads(with_admin("list", "--json").stdout)
    assert [(row["name"], row["role"], row["password"], row["sso"], row["tokens"]) for row in listed] == [
        ("ada", "viewer", False, False, 0),
        ("root", "admin", True, False, 1),
    ]
    shown = with_admin("list").stdout
    assert "Ada Marsh" in shown
    assert "single sign-on, not yet" in shown
    for output in (shown, json.dumps(listed)):
        assert "argon2" not in output


def test_listing_makes_no_database(users: Users, tmp_path: Path) -> None:
    done = users("list")
    assert done.exit_code == 3
    assert "There is no database at" in done.stderr
    assert not (tmp_path / "milepost.db").exists()


def test_without_accounts_the_list_says_what_that_means(with_admin: Users, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    open_engine(default_url(empty), create=True).dispose()
    done = CliRunner().invoke(app, ["users", "list", "--data", str(empty)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert "whoever sits at it may do everything" in done.stderr


def test_every_command_of_users_stands_in_the_readme_and_loads_nothing_to_show_its_help(milepost: Run) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for command in ("add", "list", "disable", "enable", "role", "password", "token"):
        assert f"`users {command}`" in readme
    done = milepost("users", "--help", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert "sqlmodel" not in done.stderr
