"""Links in messages: they open a page and act on nothing by themselves; what they are for, and for how long, holds."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import Client
from sqlalchemy import Engine
from upath import UPath

from milepost.link_key import link_key
from milepost.settings import Settings, SettingsError
from milepost.tracking_web import mount_tracking, tracking_seat
from models.actor import Role
from models.tracked import OccurrenceState
from review.entrance import install
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from store.blobs import BlobStore
from store.engine import reading, writing
from store.tracking_acts import acts_of
from store.tracking_owners import find_owner, replace_owner
from tests.review.doors import browser, person
from tests.review.served import PlainReader
from tests.tracking.building import START, contract, effective, milestone, perpetual
from tests.tracking.office import Office
from tracking.links import Deed, LinkError, LinkKey, Right

KEY = LinkKey(b"a key of sixteen")
RIGHT = Right(Deed.DONE, "ab12", "legal-id")
LATER = START + dt.timedelta(days=30)
GOODS = contract(
    "Supply", effective("2025-01-01"), perpetual(), milestones=[milestone("g", "delivery", date="2026-02-02")]
)


def test_a_link_says_what_it_was_made_for() -> None:
    assert KEY.open(KEY.token(RIGHT, LATER), START) == RIGHT


def test_a_link_ends_with_its_time() -> None:
    token = KEY.token(RIGHT, LATER)
    assert KEY.open(token, LATER) == RIGHT
    with pytest.raises(LinkError, match="time of this link is over"):
        KEY.open(token, LATER + dt.timedelta(seconds=1))


def test_whatever_is_changed_of_a_link_opens_nothing() -> None:
    token = KEY.token(RIGHT, LATER)
    changed = {
        token[:at] + other + token[at + 1 :] for at in range(len(token)) for other in "Aa9_" if token[at] != other
    }
    for one in (*changed, "", token[:-1], token + "=", token + "A", "ünicode", "~" * 200):
        with pytest.raises(LinkError):
            KEY.open(one, START)


def test_a_link_of_another_installation_opens_nothing() -> None:
    with pytest.raises(LinkError, match="not complete"):
        LinkKey(b"another sixteen bytes").open(KEY.token(RIGHT, LATER), START)


def test_the_key_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    token = link_key(settings).token(RIGHT, LATER)
    assert link_key(settings).open(token, START) == RIGHT
    assert (tmp_path / "data" / "link.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["link.key"]


def test_a_secret_of_the_settings_is_shared_by_machines(tmp_path: Path) -> None:
    one, two = (Settings(data_dir=tmp_path / name, link_secret="a secret of sixteen") for name in "ab")
    assert link_key(two).open(link_key(one).token(RIGHT, LATER), START) == RIGHT
    with pytest.raises(SettingsError, match="16 bytes"):
        link_key(Settings(data_dir=tmp_path, link_secret="short"))


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    office = Office(sqlite_engine, [GOODS])
    office.context = replace(office.context, links=KEY, base_url="http://localhost")
    office.desk = replace(office.desk, context=office.context)
    office.run(START)
    return office


@pytest.fixture
def app(office: Office, tmp_path: Path) -> FastAPI:
    """The application of an installation with accounts: who has none comes in by a link alone."""
    engine = office.engine
    person(engine, "vera", Role.VIEWER)
    made = FastAPI(openapi_url=None)
    made.state.services = Services(engine, Library(BlobStore(UPath(tmp_path)), PlainReader(), tmp_path), lambda: START)
    seat = tracking_seat(Settings(data_dir=tmp_path), engine, lambda: START)
    mount_tracking(made, replace(seat, desk=office.desk, links=KEY))
    install(made, Access(engine, lambda: START), Perimeter(hosts=LOOPBACK_NAMES))
    return made


@pytest.fixture
def client(app: FastAPI) -> Client:
    return browser(app)


def path_of(office: Office, deed: Deed, owner: str = "procurement", until: dt.datetime = LATER) -> str:
    return f"/act/{KEY.token(Right(deed, office.occurrence('delivery').id, office.owner(owner).id), until)}"


def links_in_mail(office: Office) -> list[str]:
    office.outbox.messages.clear()
    office.days(START + dt.timedelta(days=1), START + dt.timedelta(days=14))
    mails = [one for one in office.outbox.messages if one.subject.startswith("The g")]
    found = re.findall(r"http://localhost(/act/\S+)", mails[0].text)
    assert found == re.findall(r'href="http://localhost(/act/[^"]+)"', mails[0].html)
    return found


def test_a_mail_holds_a_link_for_each_thing_to_do(office: Office) -> None:
    rights = [KEY.open(link.removeprefix("/act/"), START) for link in links_in_mail(office)]
    assert [right.deed for right in rights] == list(Deed)
    assert {right.owner for right in rights} == {office.owner("procurement").id}


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("deed", list(Deed))
def test_to_read_the_page_of_a_link_acts_on_nothing(office: Office, client: Client, deed: Deed, method: str) -> None:
    before = office.occurrence("delivery")
    for _ in range(3):
        answer = getattr(client, method)(path_of(office, deed))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
    assert office.occurrence("delivery") == before
    with reading(office.engine) as session:
        assert acts_of(session, before.id) == []


@pytest.mark.parametrize(
    ("deed", "form", "said"),
    [
        (Deed.ACKNOWLEDGE, {}, "acknowledged"),
        (Deed.SNOOZE, {"until": "2026-01-20"}, "snoozed"),
        (Deed.DONE, {"note": "receipt 17"}, "done"),
        (Deed.DELEGATE, {"to": "procurement deputy"}, "delegated"),
    ],
)
def test_the_button_of_the_page_acts_for_whom_the_mail_was_sent_to(
    office: Office, client: Client, deed: Deed, form: dict[str, str], said: str
) -> None:
    if "to" in form:
        form = {"to": office.owner(form["to"]).id}
    page = client.get(path_of(office, deed)).text
    assert "<form" in page
    answer = client.post(path_of(office, deed), data=form)
    assert answer.status_code == 200
    assert 'role="status"' in answer.text
    with reading(office.engine) as session:
        (act,) = acts_of(session, office.occurrence("delivery").id)
    assert (act.act.value, act.by) == (said, "procurement (by a link in a message)")


def test_a_link_does_what_it_is_for_and_nothing_else(office: Office, client: Client) -> None:
    client.post(
        path_of(office, Deed.ACKNOWLEDGE), data={"note": "done", "to": office.owner("legal").id, "until": "2026-01-20"}
    )
    row = office.occurrence("delivery")
    assert (row.state, row.snoozed_until, row.owner_id) == (
        OccurrenceState.PLANNED,
        None,
        office.owner("procurement").id,
    )
    assert row.acknowledged_by is not None


@pytest.mark.parametrize(
    ("deed", "form"), [(Deed.DONE, {"note": " "}), (Deed.SNOOZE, {"until": "2027-01-01"}), (Deed.SNOOZE, {})]
)
def test_what_cannot_be_done_is_said_on_the_page(
    office: Office, client: Client, deed: Deed, form: dict[str, str]
) -> None:
    answer = client.post(path_of(office, deed), data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_link_hands_over_only_to_those_near_the_reader(office: Office, client: Client) -> None:
    page = client.get(path_of(office, Deed.DELEGATE)).text
    assert "Procurement Deputy" in page
    assert "Legal" not in page
    assert client.post(path_of(office, Deed.DELEGATE), data={"to": office.owner("legal").id}).status_code == 422


def test_a_second_use_of_a_link_says_that_it_is_done(office: Office, client: Client) -> None:
    path = path_of(office, Deed.DONE)
    assert client.post(path, data={"note": "first"}).status_code == 200
    assert "it is done" in client.get(path).text
    assert client.post(path, data={"note": "second"}).status_code == 422
    assert office.occurrence("delivery").proof == {"note": "first"}


def test_links_that_open_nothing_say_so(office: Office, client: Client) -> None:
    good = path_of(office, Deed.DONE)
    with writing(office.engine) as session:
        replace_owner(session, find_owner(session, "finance"), find_owner(session, "legal"), now=START)
    bad = (
        good + "A",
        path_of(office, Deed.DONE, until=START - dt.timedelta(days=1)),
        path_of(office, Deed.DONE, "finance"),
    )
    for path in bad:
        for answer in (client.get(path), client.post(path, data={"note": "x"})):
            assert answer.status_code == 404
            assert "This link opens nothing" in answer.text
    assert office.occurrence("delivery").state is OccurrenceState.PLANNED


def test_another_site_cannot_press_the_button(office: Office, app: FastAPI) -> None:
    client = browser(app, headers={"sec-fetch-site": "cross-site"})
    assert client.post(path_of(office, Deed.DONE), data={"note": "x"}).status_code == 403


@pytest.mark.parametrize("changes", [{"links": None}, {"base_url": None}])
def test_no_links_where_they_would_lead_nowhere(office: Office, changes: dict[str, None]) -> None:
    office.context = replace(office.context, **changes)  # type: ignore[arg-type]
    assert links_in_mail(office) == []
