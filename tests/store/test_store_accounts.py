import datetime as dt

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.actor import Actor, Role, Scope
from store import accounts
from store.account_tables import ACCOUNT_TABLES, Account, LoginSession
from store.engine import reading, writing
from store.errors import StoreError
from tests.store.samples import NOW

DAY = dt.timedelta(days=1)


def add(engine: Engine, name: str, role: Role = Role.REVIEWER, **columns: str) -> Account:
    with writing(engine) as session:
        return accounts.add_account(session, name, role, now=NOW, **columns)


@pytest.mark.parametrize(
    ("typed", "known_as"),
    [
        ("Ada", "ada"),
        ("  ada ", "ada"),
        ("ada.lovelace@example.com", "ada.lovelace@example.com"),
        ("Ａda", "ada"),
        ("jürgen-2", "jürgen-2"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
    ],
)
def test_a_name_is_known_however_it_is_typed(engine: Engine, typed: str, known_as: str) -> None:
    made = add(engine, typed)
    assert made.name == known_as
    with reading(engine) as session:
        found = accounts.find_account(session, typed.swapcase())
        assert found is not None
        assert found.id == made.id


@pytest.mark.parametrize("name", ["", " ", "a b", "<b>", "a\x00b", "-a", "a/", "..", "x" * 65, "\ud800", "a\u202eb"])
def test_what_cannot_be_a_name_is_refused_with_a_sentence(engine: Engine, name: str) -> None:
    with pytest.raises(StoreError, match="cannot be a user name"):
        add(engine, name)
    with reading(engine) as session:
        assert accounts.find_account(session, name) is None


def test_a_name_is_given_once_however_it_is_typed(engine: Engine) -> None:
    add(engine, "ada")
    with pytest.raises(StoreError, match="is a user 'ada' already"):
        add(engine, "ADA")


def test_no_secret_stands_in_the_database(engine: Engine) -> None:
    account = add(engine, "ada")
    with writing(engine) as session:
        secrets = {
            accounts.open_session(session, account, now=NOW, lifetime=DAY),
            accounts.issue_token(session, account, "export", [Scope.READ], now=NOW),
        }
        accounts.begin_attempt(
            session, state="the state", browser="the browser", nonce="n", code_verifier="v", next_path="/", now=NOW
        )
    secrets |= {"the state", "the browser"}
    with reading(engine) as session:
        kept = [row.model_dump_json() for table in ACCOUNT_TABLES for row in session.exec(select(table))]
    assert len(kept) == 4
    assert not [secret for secret in secrets for row in kept if secret in row]


def test_a_session_lives_until_it_expires_or_is_revoked_or_its_account_is_off(engine: Engine) -> None:
    account = add(engine, "ada")
    add(engine, "root", Role.ADMIN)
    with writing(engine) as session:
        token = accounts.open_session(session, account, now=NOW, lifetime=DAY, address="::1", browser="x" * 999)
    with reading(engine) as session:
        live = accounts.session_of(session, token, now=NOW)
        assert live is not None
        assert (live.account.name, live.session.address) == ("ada", "::1")
        assert accounts.session_of(session, token, now=NOW + DAY) is None
        for wrong in ("", token[:-1], token + "x", live.session.token_hash, live.session.id, "\ud800"):
            assert accounts.session_of(session, wrong, now=NOW) is None
    with writing(engine) as session:
        assert not accounts.revoke_session(session, live.session.id, now=NOW, account_id="somebody else")
        assert accounts.session_of(session, token, now=NOW)
        assert accounts.revoke_session(session, live.session.id, now=NOW, account_id=account.id)
        assert not accounts.revoke_session(session, live.session.id, now=NOW), "it has ended already"
        assert accounts.session_of(session, token, now=NOW) is None
    with writing(engine) as session:
        token = accounts.open_session(session, account, now=NOW, lifetime=DAY)
        accounts.disable(session, session.get_one(Account, account.id), now=NOW)
        assert accounts.session_of(session, token, now=NOW) is None
        accounts.enable(session, session.get_one(Account, account.id), now=NOW)
        assert accounts.session_of(session, token, now=NOW) is None, "what ended stays ended"


def test_a_new_password_ends_every_session_of_that_account_alone(engine: Engine) -> None:
    ada, bob = add(engine, "ada"), add(engine, "bob")
    with writing(engine) as session:
        tokens = [accounts.open_session(session, who, now=NOW, lifetime=DAY) for who in (ada, ada, bob)]
        accounts.set_password(session, session.get_one(Account, ada.id), "a hash", now=NOW)
        assert [accounts.session_of(session, token, now=NOW) is not None for token in tokens] == [False, False, True]


def test_an_api_token_lives_until_it_expires_or_is_revoked_or_its_account_is_off(engine: Engine) -> None:
    account = add(engine, "ada")
    with writing(engine) as session:
        with pytest.raises(ValueError, match="needs a scope"):
            accounts.issue_token(session, account, "nothing", [], now=NOW)
        token = accounts.issue_token(
            session, account, "export", [Scope.DECIDE, Scope.READ], now=NOW, expires_at=NOW + DAY
        )
        live = accounts.token_of(session, token, now=NOW)
        assert live is not None
        assert live.token.scopes == ["read", "decide"]
        assert accounts.token_of(session, token, now=NOW + DAY) is None
        assert [held.token.name for held in accounts.list_tokens(session, now=NOW, account_id=account.id)] == ["export"]
        assert accounts.list_tokens(session, now=NOW, account_id="somebody else") == []
        assert not accounts.revoke_token(session, live.token.id, now=NOW, account_id="somebody else")
        assert accounts.revoke_token(session, live.token.id, now=NOW, account_id=account.id)
        assert accounts.token_of(session, token, now=NOW) is None
        forever = accounts.issue_token(session, account, "feed", [Scope.READ], now=NOW)
        assert accounts.token_of(session, forever, now=NOW + 9999 * DAY)
        accounts.disable(session, session.get_one(Account, account.id), now=NOW)
        assert accounts.token_of(session, forever, now=NOW) is None


def test_the_last_administrator_can_neither_be_switched_off_nor_demoted(engine: Engine) -> None:
    first, second = add(engine, "first", Role.ADMIN), add(engine, "second", Role.ADMIN)
    with writing(engine) as session:
        accounts.disable(session, session.get_one(Account, second.id), now=NOW)
        last = session.get_one(Account, first.id)
        with pytest.raises(StoreError, match="'first' is the only administrator"):
            accounts.disable(session, last, now=NOW)
        with pytest.raises(StoreError, match="'first' is the only administrator"):
            accounts.set_role(session, last, Role.VIEWER, now=NOW)
        accounts.set_role(session, last, Role.ADMIN, now=NOW)
        accounts.enable(session, session.get_one(Account, second.id), now=NOW)
        accounts.set_role(session, last, Role.VIEWER, now=NOW)
        assert session.get_one(Account, first.id).role is Role.VIEWER


def test_sessions_that_ended_long_ago_are_cleared_away_when_the_next_begins(engine: Engine) -> None:
    account = add(engine, "ada")
    with writing(engine) as session:
        accounts.open_session(session, account, now=NOW, lifetime=DAY)
        accounts.open_session(session, account, now=NOW + 50 * DAY, lifetime=DAY)
        assert len(session.exec(select(LoginSession)).all()) == 2, "the trace of recent ones is kept"
        accounts.open_session(session, account, now=NOW + 100 * DAY, lifetime=DAY)
        assert len(session.exec(select(LoginSession)).all()) == 2
        assert len(accounts.list_sessions(session, now=NOW + 100 * DAY)) == 1


def test_a_sign_in_elsewhere_comes_back_once_in_time_and_to_the_same_browser(engine: Engine) -> None:
    def begin(state: str) -> None:
        accounts.begin_attempt(
            session, state=state, browser="mine", nonce="n", code_verifier="v", next_path="/queue", now=NOW
        )

    late = NOW + accounts.ATTEMPT_LIFETIME
    with writing(engine) as session:
        begin("a")
        assert accounts.take_attempt(session, state="a", browser="another's", now=NOW) is None
        assert accounts.take_attempt(session, state="b", browser="mine", now=NOW) is None
        taken = accounts.take_attempt(session, state="a", browser="mine", now=NOW)
        assert taken is not None
        assert taken.next_path == "/queue"
        assert accounts.take_attempt(session, state="a", browser="mine", now=NOW) is None
        begin("c")
        assert accounts.take_attempt(session, state="c", browser="mine", now=late) is None


def test_when_something_was_last_used_is_noted_now_and_then(engine: Engine) -> None:
    account = add(engine, "ada")
    with writing(engine) as session:
        token = accounts.open_session(session, account, now=NOW, lifetime=DAY)
        live = accounts.session_of(session, token, now=NOW)
        assert live is not None
        later = NOW + accounts.SEEN_EVERY
        assert accounts.seen_lately(live.session, now=NOW)
        assert not accounts.seen_lately(live.session, now=later)
        accounts.seen(session, live.session, now=later)
    with reading(engine) as session:
        again = accounts.session_of(session, token, now=NOW)
        assert again is not None
        assert again.session.seen_at == later


def test_an_account_made_for_someone_is_theirs_by_its_address_unless_two_have_it(engine: Engine) -> None:
    made = add(engine, "ada", email="Ada@Example.com")
    add(engine, "with-a-password", email="bob@example.com", password_hash="x")
    with reading(engine) as session:
        found = accounts.unclaimed_account(session, "ada@example.COM")
        assert found is not None
        assert found.id == made.id
        assert accounts.unclaimed_account(session, "bob@example.com") is None
    add(engine, "ada-2", email="ada@example.com")
    with reading(engine) as session:
        assert accounts.unclaimed_account(session, "ada@example.com") is None


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, [Role.VIEWER]),
        (Role.REVIEWER, [Role.VIEWER, Role.REVIEWER]),
        (Role.ADMIN, [Role.VIEWER, Role.REVIEWER, Role.ADMIN]),
    ],
)
def test_each_role_may_do_what_the_ones_before_it_may(role: Role, may: list[Role]) -> None:
    actor = Actor(id="1", name="Ada", role=role)
    assert [needed for needed in Role if actor.may(needed)] == may


def test_there_are_accounts_as_soon_as_there_is_one_even_if_it_is_off(engine: Engine) -> None:
    with reading(engine) as session:
        assert not accounts.any_accounts(session)
    account = add(engine, "ada")
    with writing(engine) as session:
        accounts.disable(session, session.get_one(Account, account.id), now=NOW)
        assert accounts.any_accounts(session)
