import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from models.actor import Role
from review.security import CONTENT_SECURITY_POLICY, Perimeter, is_loopback, origins_of
from tests.review.doors import HERE, Clock, application, browser, enter, person, program, sign_in

MB = 1024 * 1024


@pytest.fixture
def app(sqlite_engine: Engine) -> FastAPI:
    """Without accounts: whoever sits here is let in, which is what a page of others would abuse."""
    return application(sqlite_engine, Clock(), local_name="Sam")


@pytest.mark.parametrize(
    ("headers", "done"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": ""}, False),
        ({"origin": "http://localhost"}, True),
        ({"origin": "https://localhost"}, True),
        ({"origin": "http://localhost:9999"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://localhost.evil.example"}, False),
        ({"origin": "http://evil.example/localhost"}, False),
        ({"origin": "http://localhost@evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://[::1"}, False),
        ({"origin": "file://localhost"}, False),
        ({"cookie": "milepost=x"}, False),
        ({}, True),
    ],
)
def test_a_request_that_changes_something_comes_from_our_own_page_or_from_no_browser(
    app: FastAPI, headers: dict[str, str], done: bool
) -> None:
    for method in ("POST", "DELETE", "PUT", "PATCH"):
        answer = browser(app, headers={}).request(method, "/items/decide", headers=headers)
        assert (answer.status_code == 403) is not done, method
    assert browser(app, headers={}).get("/", headers=headers).status_code == 200, "reading is no such request"


def test_a_refusal_is_a_page_a_part_of_one_or_a_problem(app: FastAPI) -> None:
    client = browser(app, headers={"sec-fetch-site": "cross-site"})
    page = client.post("/items/decide", headers={"accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Forbidden</h1>" in page.text
    part = client.post("/items/decide", headers={"hx-request": "true"})
    assert part.text.startswith('<div role="alert"')
    problem = client.post("/api/v1/items/decide")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == 403


def test_the_origin_a_proxy_shows_to_browsers_can_be_named(sqlite_engine: Engine) -> None:
    perimeter = Perimeter(origins=origins_of(["https://Milepost.example.com/"]))
    app = application(sqlite_engine, Clock(), perimeter=perimeter)
    person(sqlite_engine, "ada")
    client = browser(app, headers={"origin": "https://milepost.example.com"}, url="http://backend:8000")
    assert sign_in(client, "ada").status_code == 303
    assert client.post("/items/decide").status_code == 200
    assert client.post("/items/decide", headers={"origin": "https://example.com"}).status_code == 403


@pytest.mark.parametrize("url", ["milepost.example.com", "ftp://x", "", "https://", "javascript:alert(1)"])
def test_what_is_no_address_of_a_site_is_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a site"):
        origins_of([url])


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io", "[", "10.0.0.1"])
def test_a_page_that_gives_its_own_name_this_address_gets_nothing(app: FastAPI, host: str) -> None:
    """DNS rebinding: to the browser such a page and this server are one site."""
    answer = browser(app).get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "This server is not known by that name." in answer.text


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("example.com", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_loopback_is_what_no_other_machine_reaches(address: str, here: bool) -> None:
    assert is_loopback(address) is here


@pytest.mark.parametrize("path", ["/", "/sign-in", "/no-such-page", "/breaks", "/api/v1/items", "/api/v1/no-such"])
def test_every_answer_has_its_headers_whatever_it_is(app: FastAPI, path: str) -> None:
    answer = browser(app, raise_server_exceptions=False).get(path)
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


def test_refusals_have_their_headers_too_and_https_stays_https(app: FastAPI) -> None:
    refused = browser(app, headers={"sec-fetch-site": "cross-site"}, url="https://localhost").post("/items/decide")
    assert refused.status_code == 403
    assert refused.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert refused.headers["strict-transport-security"] == "max-age=31536000"


def test_the_content_policy_allows_nothing_inline_nothing_evaluated_and_nothing_from_elsewhere() -> None:
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert {value for name, value in policy.items() if name != "default-src"} == {"'self'", "'none'"}


def test_a_defect_says_nothing_of_itself_to_the_outside_and_is_still_raised_for_the_log(app: FastAPI) -> None:
    answer = browser(app, raise_server_exceptions=False).get("/breaks")
    assert answer.status_code == 500
    assert "a defect" not in answer.text
    assert "Something went wrong here; nothing was changed." in answer.text
    with pytest.raises(RuntimeError, match="a defect"):
        browser(app).get("/breaks")


@pytest.mark.parametrize("size", [25 * MB, 25 * MB + 1, 40 * MB])
def test_what_is_too_large_is_refused_with_a_sentence(app: FastAPI, size: int) -> None:
    answer = browser(app).post("/echo", content=bytes(size))
    if size <= 25 * MB:
        assert answer.json() == {"bytes": size}
    else:
        assert answer.status_code == 413
        assert "That is too large: at most 25 MB can be sent." in answer.text
    problem = program(app).post("/api/v1/items/decide", content=bytes(40 * MB))
    assert (problem.status_code, problem.headers["content-type"]) == (413, "application/problem+json")


@pytest.mark.parametrize("length", ["-1", "abc", "1e9", "9" * 50])
def test_a_length_that_is_none_is_refused(app: FastAPI, length: str) -> None:
    assert browser(app).post("/echo", content=b"", headers={"content-length": length}).status_code == 413


def test_what_does_not_say_how_large_it_is_is_cut_off_where_it_becomes_too_large(sqlite_engine: Engine) -> None:
    app = application(sqlite_engine, Clock(), local_name="Sam", perimeter=Perimeter(max_body=1000))
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 100

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=HERE)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post("/echo", content=endless(), headers={"sec-fetch-site": "same-origin"})

    # In a thread of its own: a browser that other tests drive may have a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(lambda: asyncio.run(send())).result()
    assert answer.status_code == 413
    assert sent < 20


def test_a_form_that_does_not_say_how_large_it_is_is_cut_off_as_well(sqlite_engine: Engine) -> None:
    app = application(sqlite_engine, Clock(), perimeter=Perimeter(max_body=1000))

    def pieces() -> Iterator[bytes]:
        yield b"name=ada&password="
        for _ in range(100):
            yield b"x" * 100

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = browser(app).post("/sign-in", content=pieces(), headers=headers)
    assert answer.status_code == 413


def test_there_are_no_web_sockets(app: FastAPI) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), browser(app).websocket_connect("/"):
        pass


def test_a_route_that_says_how_it_may_be_kept_is_heard(sqlite_engine: Engine) -> None:
    from starlette.responses import Response

    from review.permissions import Viewer

    app = application(sqlite_engine, Clock(), local_name="Sam")

    @app.get("/picture")
    def picture(actor: Viewer) -> Response:
        return Response(b"", headers={"cache-control": "private, max-age=31536000, immutable"})

    assert browser(app).get("/picture").headers["cache-control"] == "private, max-age=31536000, immutable"


def test_a_signed_in_reviewer_cannot_be_made_to_decide_by_a_page_of_others(sqlite_engine: Engine) -> None:
    app = application(sqlite_engine, Clock())
    person(sqlite_engine, "ada", Role.REVIEWER)
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    assert client.post("/items/decide").status_code == 200
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        assert client.post("/items/decide", headers=headers).status_code == 403
    plain_http = browser(app, headers={"origin": "http://evil.example"})
    plain_http.headers["cookie"] = client.headers["cookie"]
    assert plain_http.post("/items/decide").status_code == 403
    assert client.post("/sign-out", headers={"sec-fetch-site": "cross-site"}).status_code == 403
