import datetime as dt
import re
import threading

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from models.actor import Role, Scope
from review.passwords import WeakPasswordError, check_password, hash_password
from review.security import Perimeter
from review.throttle import Throttle
from store import accounts
from store.account_tables import Account
from store.engine import reading, writing
from tests.review.doors import (
    ELSEWHERE,
    HERE,
    PASSWORD,
    Clock,
    application,
    browser,
    enter,
    hashed,
    person,
    program,
    sign_in,
)
from tests.review.routes import routes_of

NEW = "nine quiet harbours"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(sqlite_engine: Engine, clock: Clock) -> FastAPI:
    return application(sqlite_engine, clock)


def token_for(engine: Engine, account: Account, *scopes: Scope, **options: dt.datetime) -> str:
    with writing(engine) as session:
        return accounts.issue_token(session, account, "test", scopes, now=Clock().now, **options)


def test_the_way_in_and_out_again(engine: Engine) -> None:
    app = application(engine, Clock())
    person(engine, "ada", display_name="Ada Marsh")
    client = browser(app)
    turned_away = client.get("/?page=2")
    assert (turned_away.status_code, turned_away.headers["location"]) == (303, "/sign-in?next=%2F%3Fpage%3D2")
    assert 'value="/?page=2"' in client.get(turned_away.headers["location"]).text
    let_in = sign_in(client, " ADA ", next="/?page=2")
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/?page=2")
    assert client.get("/").json() == {"name": "Ada Marsh", "role": "reviewer"}
    assert client.get("/sign-in").headers["location"] == "/", "who is in need not sign in"
    stolen = client.cookies["milepost"]
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    assert client.get("/").status_code == 303
    client.cookies.set("milepost", stolen)
    assert client.get("/").status_code == 303, "the session has ended on the server, too"


def test_the_cookie_is_for_the_server_alone_and_for_https_alone_where_there_is_https(sqlite_engine: Engine) -> None:
    person(sqlite_engine, "ada")
    plain = sign_in(browser(application(sqlite_engine, Clock())), "ada").headers["set-cookie"]
    assert re.fullmatch(r"milepost=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", plain), plain
    app = application(sqlite_engine, Clock(), secure=True)
    secure = sign_in(browser(app, url="https://localhost"), "ada").headers["set-cookie"]
    assert re.fullmatch(r"__Host-milepost=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure", secure), (
        secure
    )


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong"),
        ("ada", ""),
        ("ada", PASSWORD + " "),
        ("ada", "x" * 1999),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("off", PASSWORD),
        ("sso", PASSWORD),
        ("sso", ""),
        ("ada' or 1=1 --", PASSWORD),
        ("<script>alert(1)</script>", "wrong"),
        ("a\x00da", PASSWORD),
        ("💥" * 100, "💥"),
    ],
)
def test_who_is_not_known_is_not_told_why(app: FastAPI, sqlite_engine: Engine, name: str, password: str) -> None:
    person(sqlite_engine, "ada")
    person(sqlite_engine, "sso", password_hash=None)
    off = person(sqlite_engine, "off")
    with writing(sqlite_engine) as session:
        accounts.disable(session, session.get_one(Account, off.id), now=Clock().now)
    answer = sign_in(browser(app), name, password)
    assert answer.status_code == 422
    assert "The name or the password is not right." in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text


def test_a_password_cannot_be_guessed_at_leisure_and_a_colleague_elsewhere_is_not_locked_out(
    sqlite_engine: Engine, clock: Clock
) -> None:
    app = application(sqlite_engine, clock, throttle=Throttle(both="3 per 5 minutes"))
    person(sqlite_engine, "ada")
    attacker = browser(app, client=("203.0.113.7", 1))
    answers = [sign_in(attacker, "ada", f"guess {n}").status_code for n in range(4)]
    assert answers == [422, 422, 422, 429]
    even_right = sign_in(attacker, "ADA")
    assert even_right.status_code == 429
    assert int(even_right.headers["retry-after"]) > 200
    assert "Too many attempts to sign in. Try again in 5 minutes." in even_right.text
    assert sign_in(browser(app), "ada").status_code == 303, "Ada, from her own desk"


def test_many_guesses_at_once_are_counted_before_they_are_looked_at(sqlite_engine: Engine, clock: Clock) -> None:
    app = application(sqlite_engine, clock, throttle=Throttle(both="2 per 5 minutes"))
    person(sqlite_engine, "ada")
    answers: list[int] = []
    together = threading.Barrier(8)

    def guess() -> None:
        client = browser(app)
        together.wait()
        answers.append(sign_in(client, "ada", "wrong").status_code)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [422] * 2 + [429] * 6


def test_many_names_from_one_address_and_many_addresses_for_one_name_are_bounded(
    sqlite_engine: Engine, clock: Clock
) -> None:
    app = application(sqlite_engine, clock, throttle=Throttle(address="3 per 5 minutes", name="4 per 1 hour"))
    spraying = browser(app)
    assert [sign_in(spraying, f"user{n}", "x").status_code for n in range(4)] == [422, 422, 422, 429]
    many = [browser(app, client=(f"203.0.113.{n}", 1)) for n in range(5)]
    assert [sign_in(client, "ada", "x").status_code for client in many] == [422, 422, 422, 422, 429]


def test_a_slip_before_the_right_password_is_forgiven(sqlite_engine: Engine, clock: Clock) -> None:
    app = application(sqlite_engine, clock, throttle=Throttle(both="2 per 5 minutes"))
    person(sqlite_engine, "ada")
    for _ in range(3):
        assert sign_in(browser(app), "ada", "slip").status_code == 422
        assert sign_in(browser(app), "ada").status_code == 303


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/queue?kind=notice", "/queue?kind=notice"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/queue\r\nset-cookie: a=b", "/"),
        ("/sign-in?next=/queue", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_led_elsewhere_by_a_link_to_sign_in(
    app: FastAPI, sqlite_engine: Engine, wanted: str, led_to: str
) -> None:
    person(sqlite_engine, "ada")
    assert sign_in(browser(app), "ada", next=wanted).headers["location"] == led_to


def test_a_session_ends_after_its_time_and_is_not_prolonged_by_use(
    app: FastAPI, sqlite_engine: Engine, clock: Clock
) -> None:
    person(sqlite_engine, "ada")
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    for _ in range(11):
        clock.move(hours=1)
        assert client.get("/").status_code == 200
    clock.move(hours=1)
    assert client.get("/").status_code == 303


def test_use_is_noted_so_that_a_forgotten_browser_can_be_told_from_one_in_use(
    app: FastAPI, sqlite_engine: Engine, clock: Clock
) -> None:
    account = person(sqlite_engine, "ada")
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    clock.move(minutes=20)
    client.get("/")
    with reading(sqlite_engine) as session:
        (live,) = accounts.list_sessions(session, now=clock(), account_id=account.id)
    assert live.session.seen_at == clock()


def test_signing_in_gives_a_new_session_and_ends_the_one_this_browser_had(
    app: FastAPI, sqlite_engine: Engine, clock: Clock
) -> None:
    person(sqlite_engine, "ada")
    person(sqlite_engine, "bob")
    client = browser(app)
    client.cookies.set("milepost", "planted by somebody")
    assert "planted" not in sign_in(client, "ada").headers["set-cookie"]
    sign_in(client, "bob")
    with reading(sqlite_engine) as session:
        assert [live.account.name for live in accounts.list_sessions(session, now=clock())] == ["bob"]


def test_one_ends_ones_own_sessions_and_an_administrator_anyones(app: FastAPI, sqlite_engine: Engine) -> None:
    for name, role in (("ada", Role.REVIEWER), ("bob", Role.VIEWER), ("root", Role.ADMIN)):
        person(sqlite_engine, name, role)
    clients = {name: browser(app) for name in ("ada", "bob", "root")}
    for name, client in clients.items():
        enter(client, sqlite_engine, name)
    with reading(sqlite_engine) as session:
        ids = {live.account.name: live.session.id for live in accounts.list_sessions(session, now=Clock().now)}
    assert clients["bob"].get("/account").text.count("/revoke") == 1
    assert clients["root"].get("/account").text.count("/revoke") == 3
    clients["bob"].post(f"/account/sessions/{ids['ada']}/revoke")
    assert clients["ada"].get("/").status_code == 200, "not his to end"
    clients["root"].post(f"/account/sessions/{ids['ada']}/revoke")
    assert clients["ada"].get("/").status_code == 303
    clients["bob"].post(f"/account/sessions/{ids['bob']}/revoke")
    assert clients["bob"].get("/").status_code == 303
    assert clients["root"].post("/account/sessions/no-such-session/revoke").status_code == 303


def test_a_new_password_takes_the_old_one_and_ends_the_other_browsers(app: FastAPI, sqlite_engine: Engine) -> None:
    person(sqlite_engine, "ada")
    here, there = browser(app), browser(app)
    sign_in(here, "ada")
    sign_in(there, "ada")
    for form, message in [
        ({"current": "wrong", "new": NEW}, "The current password is not right."),
        ({"current": PASSWORD, "new": "short"}, "at least 12 characters"),
        ({"current": PASSWORD}, "at least 12 characters"),
        ({"current": PASSWORD, "new": "aaaaaaaaaaaaaaaa"}, "too easily guessed"),
    ]:
        answer = here.post("/account/password", data=form)
        assert answer.status_code == 422
        assert message in answer.text
    assert there.get("/").status_code == 200
    assert here.post("/account/password", data={"current": PASSWORD, "new": NEW}).headers["location"] == "/account"
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
    assert sign_in(there, "ada").status_code == 422
    assert sign_in(there, "ada", NEW).status_code == 303


def test_a_token_is_shown_once_and_gives_no_more_than_its_scope_nor_than_its_owner_has(
    app: FastAPI, sqlite_engine: Engine
) -> None:
    person(sqlite_engine, "ada")
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    shown = client.post("/account/tokens", data={"name": "export", "scope": "read", "days": "30"})
    (token,) = re.findall(r'id="new-token">(milepost_[\w-]{43})<', shown.text)
    assert token not in client.get("/account").text
    with_token = program(app, token)
    assert with_token.get("/api/v1/items").json() == {"name": "ada", "role": "viewer"}
    assert with_token.post("/api/v1/items/decide").status_code == 403
    greedy = client.post("/account/tokens", data={"name": "more", "scope": "admin", "days": "30"})
    assert greedy.status_code == 422
    assert "You cannot give a token rights that you do not have." in greedy.text
    (id_,) = re.findall(r"/account/tokens/(\w+)/revoke", client.get("/account").text)
    client.post(f"/account/tokens/{id_}/revoke")
    refused = with_token.get("/api/v1/items")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == "The token is not valid: it may have expired, or have been revoked."


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"name": " "}, "Give the token a name"),
        ({"name": "x", "days": "0"}, "A token lives 1 to 365 days."),
        ({"name": "x", "days": "366"}, "A token lives 1 to 365 days."),
        ({"name": "x", "days": "9" * 2000}, "A token lives 1 to 365 days."),
        ({"name": "x", "days": "-1"}, "A token lives 1 to 365 days."),
        ({"name": "x", "days": "²"}, "A token lives 1 to 365 days."),
        ({"name": "x", "scope": "everything"}, "You cannot give a token rights"),
    ],
)
def test_a_token_that_cannot_be_made_is_told_in_a_sentence(
    app: FastAPI, sqlite_engine: Engine, form: dict[str, str], message: str
) -> None:
    person(sqlite_engine, "ada")
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    answer = client.post("/account/tokens", data=form)
    assert answer.status_code == 422
    assert message in answer.text


@pytest.mark.parametrize(
    ("role", "scopes", "answers"),
    [
        (Role.ADMIN, [Scope.READ], [200, 403, 403]),
        (Role.ADMIN, [Scope.DECIDE], [200, 200, 403]),
        (Role.ADMIN, [Scope.ADMIN], [200, 200, 200]),
        (Role.ADMIN, [Scope.READ, Scope.DECIDE], [200, 200, 403]),
        (Role.REVIEWER, [Scope.ADMIN], [200, 200, 403]),
        (Role.REVIEWER, [Scope.READ], [200, 403, 403]),
        (Role.VIEWER, [Scope.ADMIN], [200, 403, 403]),
    ],
)
def test_a_token_has_the_rights_that_both_it_and_its_owner_have(
    app: FastAPI, sqlite_engine: Engine, role: Role, scopes: list[Scope], answers: list[int]
) -> None:
    client = program(app, token_for(sqlite_engine, person(sqlite_engine, "ada", role), *scopes))
    found = [
        client.get("/api/v1/items").status_code,
        client.post("/api/v1/items/decide").status_code,
        client.post("/api/v1/policies").status_code,
    ]
    assert found == answers


def test_a_token_manages_no_account(app: FastAPI, sqlite_engine: Engine) -> None:
    """Whoever finds a token for reading must not be able to make another one of it."""
    client = program(app, token_for(sqlite_engine, person(sqlite_engine, "root", Role.ADMIN), Scope.ADMIN))
    assert client.get("/account").status_code == 401
    for path in ("/account/tokens", "/account/password", "/account/sessions/x/revoke", "/account/tokens/x/revoke"):
        assert client.post(path, data={"name": "x"}).status_code == 401


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Bearer x", "Basic YWRhOnB3", "bearer \x80", "Bearer milepost_" + "A" * 43]
)
def test_a_token_that_does_not_count_is_refused_even_in_a_browser_that_is_signed_in(
    app: FastAPI, sqlite_engine: Engine, authorization: str
) -> None:
    """Else a page of others could leave out where it comes from by sending a token of its own making."""
    person(sqlite_engine, "ada")
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    answer = client.post("/items/decide", headers={"authorization": authorization.encode("latin-1")})
    assert answer.status_code == 401


def test_a_token_expires(app: FastAPI, sqlite_engine: Engine, clock: Clock) -> None:
    expires_at = clock.now + dt.timedelta(days=1)
    client = program(app, token_for(sqlite_engine, person(sqlite_engine, "ada"), Scope.READ, expires_at=expires_at))
    clock.move(hours=23)
    assert client.get("/api/v1/items").status_code == 200
    clock.move(hours=1)
    assert client.get("/api/v1/items").status_code == 401


@pytest.mark.parametrize(
    ("role", "answers"),
    [(Role.VIEWER, [200, 403, 403]), (Role.REVIEWER, [200, 200, 403]), (Role.ADMIN, [200, 200, 200])],
)
def test_a_viewer_reads_a_reviewer_decides_an_administrator_administers(
    app: FastAPI, sqlite_engine: Engine, role: Role, answers: list[int]
) -> None:
    person(sqlite_engine, "ada", role)
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    found = [
        client.get("/").status_code,
        client.post("/items/decide").status_code,
        client.post("/policies").status_code,
    ]
    assert found == answers


def test_a_role_that_changes_and_an_account_that_is_switched_off_count_at_once(
    app: FastAPI, sqlite_engine: Engine
) -> None:
    account = person(sqlite_engine, "ada", Role.REVIEWER)
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    assert client.post("/items/decide").status_code == 200
    with writing(sqlite_engine) as session:
        accounts.set_role(session, session.get_one(Account, account.id), Role.VIEWER, now=Clock().now)
    refused = client.post("/items/decide", headers={"accept": "text/html"})
    assert refused.status_code == 403
    assert "This takes the role of reviewer; ada has the role of viewer." in refused.text
    with writing(sqlite_engine) as session:
        accounts.disable(session, session.get_one(Account, account.id), now=Clock().now)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    ("client", "host", "headers", "inside"),
    [
        (HERE, "localhost", {}, True),
        (HERE, "127.0.0.1:8000", {}, True),
        (("::1", 1), "[::1]:8000", {}, True),
        (("::ffff:127.0.0.1", 1), "localhost", {}, True),
        (("testclient", 1), "localhost", {}, False),
        (ELSEWHERE, "localhost", {}, False),
        (HERE, "evil.example", {}, False),
        (HERE, "localhost.evil.example", {}, False),
        (HERE, "127.0.0.1.evil.example", {}, False),
        (HERE, "milepost.example.com", {}, False),
        (HERE, "localhost", {"x-forwarded-for": "203.0.113.9"}, False),
        (HERE, "localhost", {"forwarded": "for=203.0.113.9"}, False),
    ],
)
def test_without_accounts_only_who_sits_at_this_machine_comes_in(
    sqlite_engine: Engine, client: tuple[str, int], host: str, headers: dict[str, str], inside: bool
) -> None:
    app = application(sqlite_engine, Clock(), local_name="Sam", perimeter=Perimeter())
    answer = browser(app, client=client).get("/", headers={"host": host, **headers})
    assert answer.status_code == (200 if inside else 303)
    if inside:
        assert answer.json() == {"name": "Sam", "role": "admin"}


def test_with_the_first_account_the_local_user_is_gone(sqlite_engine: Engine) -> None:
    app = application(sqlite_engine, Clock(), local_name="Sam")
    client = browser(app)
    assert client.post("/policies").status_code == 200
    assert "This installation has no accounts" in client.get("/account").text
    assert client.post("/account/tokens", data={"name": "x"}).status_code == 422
    person(sqlite_engine, "ada", Role.VIEWER)
    assert client.post("/policies").status_code == 303


def test_where_accounts_are_a_must_nobody_comes_in_without_one(app: FastAPI) -> None:
    assert browser(app).get("/").status_code == 303
    assert program(app).get("/api/v1/items").status_code == 401


def test_who_is_signed_out_is_told_so_in_the_form_each_asker_understands(app: FastAPI) -> None:
    client = browser(app)
    part = client.post(
        "/items/decide", headers={"hx-request": "true", "hx-current-url": "http://localhost/queue?kind=notice"}
    )
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in?next=%2Fqueue%3Fkind%3Dnotice")
    assert "Please sign in first." in part.text
    assert client.post("/items/decide").headers["location"] == "/sign-in", "what was sent cannot be sent again"
    problem = client.get("/api/v1/items")
    assert problem.status_code == 401
    assert problem.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Please sign in first.",
    }


def test_every_route_of_the_doors_that_changes_something_asks_who_it_is(app: FastAPI) -> None:
    open_to_all = {path for path, _, role in routes_of(app) if role is None}
    assert open_to_all == {"/sign-in", "/sign-in/sso", "/sign-in/sso/back"}
    assert ("/account/tokens", "POST", Role.VIEWER) in list(routes_of(app))


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("eleven char", False),
        ("twelve chars", True),
        ("ab" * 20, False),
        ("x" * 1001, False),
        ("ada counts gulls", True),
        ("lovelace-ada", False),
        ("пароль из слов", True),
        ("\ud800 odd but long", True),
    ],
)
def test_a_password_is_taken_if_it_is_not_too_easily_guessed(password: str, fits: bool) -> None:
    if not fits:
        with pytest.raises(WeakPasswordError):
            hash_password(password, name="lovelace-ada" if "lovelace" in password else "ada")
        return
    kept = hash_password(password, name="ada")
    assert kept.startswith("$argon2id$")
    assert check_password(password, kept) == (True, None)
    assert check_password(password + "x", kept)[0] is False
    assert check_password(password, "not a hash at all") == (False, None)


def test_a_hash_with_outdated_settings_is_renewed_when_its_owner_signs_in(app: FastAPI, sqlite_engine: Engine) -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = Argon2Hasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    account = person(sqlite_engine, "ada", password_hash=weak)
    assert sign_in(browser(app), "ada").status_code == 303
    with reading(sqlite_engine) as session:
        kept = session.get_one(Account, account.id).password_hash
    assert kept is not None
    assert kept != weak
    assert check_password(PASSWORD, kept) == (True, None)
    assert hashed() != kept, "each has a salt of its own"
