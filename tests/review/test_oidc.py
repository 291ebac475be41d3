import datetime as dt
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from pydantic import ValidationError
from sqlalchemy import Engine

from models.actor import Role
from review.oidc import SignInService
from review.provider import Provider
from store import accounts
from store.account_tables import Account
from store.engine import reading, writing
from tests.review import provider as fake
from tests.review.doors import Clock, application, browser, person
from tests.review.provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, running


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with running(FakeProvider()) as listening:
        yield listening


@pytest.fixture
def clock() -> Clock:
    # The provider's own clock is the real one.
    return Clock(dt.datetime.fromtimestamp(int(time.time()), dt.UTC))


@pytest.fixture
def outside() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def application_with(
    engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client, **settings: Any
) -> FastAPI:
    settings = {"default_role": Role.VIEWER} | settings
    known = Provider(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, **settings)
    return application(engine, clock, service=SignInService(known, client=outside))


def go_there(client: httpx.Client, next_path: str = "/") -> httpx.Response:
    """From our sign-in page to the provider: its answer, which leads the browser back."""
    away = client.get("/sign-in/sso", params={"next": next_path})
    assert away.status_code == 303, away.text
    return httpx.get(away.headers["location"])


def come_back(client: httpx.Client, there: httpx.Response) -> Any:
    # The browser comes from another site.
    return client.get(there.headers["location"], headers={"sec-fetch-site": "cross-site"})


def sign_in(client: httpx.Client, next_path: str = "/") -> Any:
    return come_back(client, go_there(client, next_path))


def account_of(engine: Engine, subject: str = "17") -> Account | None:
    with reading(engine) as session:
        return next((account for account in accounts.list_accounts(session) if account.subject == subject), None)


def test_the_way_in_through_a_provider(
    engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client
) -> None:
    provider.claims = {"sub": "17", "name": "Ada Marsh", "email": "ada@example.com", "email_verified": True}
    app = application_with(engine, provider, clock, outside, label="Example Login")
    client = browser(app)
    page = client.get("/sign-in?next=/queue%3Fkind%3Dnotice").text
    assert 'href="/sign-in/sso?next=%2Fqueue%3Fkind%3Dnotice">Sign in with Example Login<' in page
    there = go_there(client, "/queue?kind=notice")
    assert there.status_code == 302
    back = come_back(client, there)
    assert (back.status_code, back.headers["location"]) == (303, "/queue?kind=notice")
    assert client.get("/").json() == {"name": "Ada Marsh", "role": "viewer"}
    account = account_of(engine)
    assert account is not None
    assert (account.name, account.email, account.password_hash) == ("ada@example.com", "ada@example.com", None)
    assert sign_in(browser(app)).status_code == 303
    with reading(engine) as session:
        assert len(accounts.list_accounts(session)) == 1, "the second visit makes no second account"
    assert provider.logins == ["basic", "basic"]
    assert provider.asked.count("/.well-known/openid-configuration") == 1


def test_the_secret_is_sent_as_the_provider_wants_it(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client
) -> None:
    provider.methods = ["client_secret_post"]
    assert sign_in(browser(application_with(sqlite_engine, provider, clock, outside))).status_code == 303
    assert provider.logins == ["post"]


def test_who_comes_back_to_another_browser_or_twice_or_late_is_not_let_in(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client
) -> None:
    """Else a link could sign somebody in as someone else, and a link that was seen be used again."""
    app = application_with(sqlite_engine, provider, clock, outside)
    mine = browser(app)
    there = go_there(mine)
    other = come_back(browser(app), there)
    assert other.status_code == 400
    assert "began in another browser" in other.text
    assert come_back(mine, there).status_code == 303
    assert come_back(mine, there).status_code == 400
    there = go_there(mine)
    clock.move(minutes=10)
    assert come_back(mine, there).status_code == 400
    for address in ("/sign-in/sso/back", "/sign-in/sso/back?state=x&code=y", "/sign-in/sso/back?code=%00&state=%00"):
        assert browser(app).get(address).status_code == 400


def _expired(claims: dict[str, Any]) -> None:
    claims["exp"] = claims["iat"] = int(time.time()) - 3600


SPOILS: dict[str, Any] = {
    "for another sign-in": lambda claims: claims.update(nonce="another"),
    "for no sign-in": lambda claims: claims.pop("nonce"),
    "for another application": lambda claims: claims.update(aud="another"),
    "for two, authorised for the other": lambda claims: claims.update(aud=[CLIENT_ID, "another"], azp="another"),
    "from another provider": lambda claims: claims.update(iss="https://evil.example"),
    "from no provider": lambda claims: claims.pop("iss"),
    "expired": _expired,
    "without an end": lambda claims: claims.pop("exp"),
    "about nobody": lambda claims: claims.pop("sub"),
    "about the empty name": lambda claims: claims.update(sub=""),
    "about a list": lambda claims: claims.update(sub=["17"]),
    "with another access token's hash": lambda claims: claims.update(at_hash="x"),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_token_is_believed_only_if_it_is_for_this_application_and_this_sign_in(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client, spoil: Any
) -> None:
    provider.spoil = spoil
    client = browser(application_with(sqlite_engine, provider, clock, outside))
    answer = sign_in(client)
    assert answer.status_code == 502
    assert "The sign-in was not accepted." in answer.text
    assert account_of(sqlite_engine) is None
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "sign",
    [
        fake.unsigned,
        fake.signed_with_the_shared_secret,
        fake.signed_with_the_public_key_as_a_secret,
        fake.signed_by_somebody_else,
        lambda *_: "not.a.token",
        lambda *_: "",
        lambda *_: 17,
    ],
)
def test_a_token_is_believed_only_if_the_provider_signed_it(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client, sign: Any
) -> None:
    provider.sign = sign
    answer = sign_in(browser(application_with(sqlite_engine, provider, clock, outside)))
    assert answer.status_code == 502
    assert account_of(sqlite_engine) is None


def test_a_key_that_is_new_since_is_fetched(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client
) -> None:
    app = application_with(sqlite_engine, provider, clock, outside)
    assert sign_in(browser(app)).status_code == 303
    provider.key = RSAKey.generate_key(2048, {"kid": "2", "use": "sig", "alg": "RS256"})
    assert sign_in(browser(app)).status_code == 303
    assert provider.asked.count("/keys") == 2


def test_a_provider_that_is_down_or_is_not_who_it_should_be_is_told_in_a_sentence(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client
) -> None:
    client = browser(application_with(sqlite_engine, provider, clock, outside))
    provider.down = True
    answer = client.get("/sign-in/sso")
    assert answer.status_code == 502
    assert "The sign-in service does not answer as it should." in answer.text
    provider.down, provider.calls_itself = False, "https://evil.example"
    assert client.get("/sign-in/sso").status_code == 502
    provider.calls_itself = None
    there = go_there(client)
    provider.codes.clear()
    refused = come_back(client, there)
    assert refused.status_code == 502
    assert "invalid_grant" not in refused.text
    away = client.get("/sign-in/sso").headers["location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    cancelled = client.get("/sign-in/sso/back", params={"state": state, "error": "<b>access_denied</b>"})
    assert cancelled.status_code == 502
    assert "You were not signed in." in cancelled.text
    assert "<b>" not in cancelled.text


@pytest.mark.parametrize(
    ("claims", "settings", "role"),
    [
        ({}, {"default_role": None}, None),
        ({}, {"default_role": Role.REVIEWER}, Role.REVIEWER),
        ({"groups": ["legal", "all"]}, {"role_claim": "groups"}, Role.REVIEWER),
        ({"groups": ["legal", "it"]}, {"role_claim": "groups"}, Role.ADMIN),
        ({"groups": "legal"}, {"role_claim": "groups"}, Role.REVIEWER),
        ({"groups": ["sales"]}, {"role_claim": "groups"}, Role.VIEWER),
        ({"groups": ["sales"]}, {"role_claim": "groups", "default_role": None}, None),
        ({"groups": [["legal"], 3, None]}, {"role_claim": "groups", "default_role": None}, None),
        ({"realm_access": {"roles": ["legal"]}}, {"role_claim": "realm_access.roles"}, Role.REVIEWER),
        ({"realm_access": ["legal"]}, {"role_claim": "realm_access.roles", "default_role": None}, None),
        ({"https://example.com/roles": ["it"]}, {"role_claim": "https://example.com/roles"}, Role.ADMIN),
    ],
)
def test_groups_give_roles_and_who_has_none_comes_in_only_if_everyone_may(
    sqlite_engine: Engine,
    provider: FakeProvider,
    clock: Clock,
    outside: httpx.Client,
    claims: dict[str, Any],
    settings: dict[str, Any],
    role: Role | None,
) -> None:
    provider.claims |= claims
    given = {"roles": {"legal": Role.REVIEWER, "it": Role.ADMIN}} | settings
    answer = sign_in(browser(application_with(sqlite_engine, provider, clock, outside, **given)))
    account = account_of(sqlite_engine)
    assert (account.role if account else None) is role
    assert answer.status_code == (303 if role else 403)
    if role is None:
        assert "have no account here. Ask your administrator for one." in answer.text


def test_a_group_that_changed_counts_at_the_next_sign_in_but_not_for_the_only_administrator(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client
) -> None:
    roles = {"legal": Role.REVIEWER, "it": Role.ADMIN}
    app = application_with(sqlite_engine, provider, clock, outside, role_claim="groups", roles=roles)
    for groups, expected in (("legal", Role.REVIEWER), ("it", Role.ADMIN), ("legal", Role.ADMIN)):
        provider.claims = {"sub": "17", "groups": [groups]}
        assert sign_in(browser(app)).status_code == 303
        account = account_of(sqlite_engine)
        assert account is not None
        assert account.role is expected


def test_an_account_made_before_is_its_owners_by_a_verified_address_alone(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client
) -> None:
    waiting = person(sqlite_engine, "ada", Role.ADMIN, email="ada@example.com", password_hash=None)
    person(sqlite_engine, "bob", Role.ADMIN, email="bob@example.com")
    app = application_with(sqlite_engine, provider, clock, outside, default_role=None)
    for claims in (
        {"sub": "1", "email": "ada@example.com"},
        {"sub": "2", "email": "ada@example.com", "email_verified": False},
        {"sub": "3", "email": "bob@example.com", "email_verified": True},
        {"sub": "4", "email": ["ada@example.com"], "email_verified": True},
    ):
        provider.claims = claims
        assert sign_in(browser(app)).status_code == 403, claims
    provider.claims = {"sub": "17", "email": "Ada@Example.com", "email_verified": True}
    assert sign_in(browser(app)).status_code == 303
    account = account_of(sqlite_engine)
    assert account is not None
    assert (account.id, account.role) == (waiting.id, Role.ADMIN)
    provider.claims = {"sub": "18", "email": "ada@example.com", "email_verified": True}
    assert sign_in(browser(app)).status_code == 403, "somebody else, with an address that was given away again"


def test_an_account_that_is_off_stays_out_and_a_name_that_is_taken_is_not_taken_over(
    sqlite_engine: Engine, provider: FakeProvider, clock: Clock, outside: httpx.Client
) -> None:
    person(sqlite_engine, "ada@example.com", Role.ADMIN)
    provider.claims = {"sub": "17", "email": "ada@example.com", "email_verified": True, "name": "<b>Ada</b>"}
    app = application_with(sqlite_engine, provider, clock, outside)
    client = browser(app)
    assert sign_in(client).status_code == 303
    account = account_of(sqlite_engine)
    assert account is not None
    assert account.name.startswith("sso-")
    assert account.role is Role.VIEWER
    assert "<b>Ada" not in client.get("/account").text
    with writing(sqlite_engine) as session:
        accounts.disable(session, session.get_one(Account, account.id), now=clock())
    assert client.get("/").status_code == 303
    assert sign_in(browser(app)).status_code == 403


def test_without_a_provider_there_is_no_way_to_one(sqlite_engine: Engine, clock: Clock) -> None:
    client = browser(application(sqlite_engine, clock))
    assert "sso" not in client.get("/sign-in").text
    assert client.get("/sign-in/sso").status_code == 404
    assert client.get("/sign-in/sso/back").status_code == 404


@pytest.mark.parametrize("issuer", ["http://login.example.com", "login.example.com", "ftp://x", ""])
def test_a_provider_that_cannot_be_trusted_on_its_way_is_refused(issuer: str) -> None:
    with pytest.raises(ValidationError, match="begins with https://"):
        Provider(issuer=issuer, client_id="x")
    assert "geheim" not in repr(Provider(issuer="https://login.example.com", client_id="x", client_secret="geheim"))
