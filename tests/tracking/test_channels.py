"""Webhooks and chat channels arrive at a real HTTP receiver; addresses that may not be called are not."""

import datetime as dt
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from functools import partial

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import Engine

from milepost.reminding import senders
from milepost.settings import Settings, SettingsError
from models.tracked import Purpose, ReminderState
from store.engine import reading, writing
from store.tracking_deliveries import ledger
from store.tracking_owners import change_owner
from tests.tracking.building import START, at, context, contract, effective, milestone, perpetual
from tests.tracking.http_receiver import Receiver, receiving
from tests.tracking.office import Office
from tests.tracking.test_smtp import message
from tracking.channel_settings import WebhookSettings
from tracking.chat import BadChannelError, ChatSender
from tracking.outgoing import may_be_called
from tracking.running import remind
from tracking.senders import SendError, UncertainError
from tracking.webhooks import WebhookSender, signature

QUIET = context(digest={"weekday": "none", "days": 30})
SECRET = "a secret of some length"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def webhook(url: str, *, private: bool = True) -> WebhookSender:
    return WebhookSender(WebhookSettings(url=url, secret=SecretStr(SECRET), allow_private=private, timeout=5))


def test_a_webhook_arrives_signed_with_the_time_it_was_sent(receiver: Receiver) -> None:
    webhook(receiver.url).send(message())
    (posted,) = receiver.taken
    assert posted.path == "/hook?team=a"
    stamp, found = (part.split("=")[1] for part in posted.headers["milepost-signature"].split(","))
    expected = hmac.new(SECRET.encode(), f"{stamp}.".encode() + posted.body, hashlib.sha256).hexdigest()
    assert found == expected
    assert dt.datetime.fromtimestamp(int(stamp), dt.UTC) == message().at
    assert posted.headers["milepost-delivery"] == json.loads(posted.body)["id"] == "abc"


def test_a_signature_is_of_time_and_body() -> None:
    signed = {
        signature(SECRET, 1, b"a"),
        signature(SECRET, 2, b"a"),
        signature(SECRET, 1, b"b"),
        signature("x", 1, b"a"),
    }
    assert len(signed) == 4


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (404, True), (410, True), (302, True), (408, False), (503, False)],
)
def test_an_answer_that_is_no_success_is_told_apart(receiver: Receiver, status: int, permanent: bool) -> None:
    receiver.answers = [(status, None)]
    with pytest.raises(SendError) as caught:
        webhook(receiver.url).send(message())
    assert caught.value.permanent is permanent


def test_a_receiver_that_hangs_up_may_have_taken_it(receiver: Receiver) -> None:
    receiver.answers = [(0, None)]
    with pytest.raises(UncertainError):
        webhook(receiver.url).send(message())


def test_a_receiver_that_is_not_there_has_not_taken_it() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(SendError) as caught:
            webhook(f"http://127.0.0.1:{probe.getsockname()[1]}/").send(message())
    assert not caught.value.permanent


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_this_machine_is_not_called_unless_that_is_allowed(receiver: Receiver, host: str) -> None:
    with pytest.raises(SendError, match=r"no public address|is not found"):
        webhook(f"http://{host}:{receiver.port}/", private=False).send(message())
    assert receiver.taken == []


def test_a_redirect_is_followed_with_the_same_request(receiver: Receiver) -> None:
    receiver.answers = [(307, "/elsewhere"), (204, None)]
    webhook(receiver.url).send(message())
    first, second = receiver.taken
    assert second.path == "/elsewhere"
    assert second.body == first.body


@pytest.mark.parametrize("location", ["ftp://example.com/", "http://user:pass@127.0.0.1/", "http://[/"])
def test_a_redirect_to_what_may_not_be_called_is_refused(receiver: Receiver, location: str) -> None:
    receiver.answers = [(308, location)]
    with pytest.raises(SendError) as caught:
        webhook(receiver.url).send(message())
    assert caught.value.permanent
    assert len(receiver.taken) == 1


def test_a_redirect_into_a_private_network_is_refused(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    # The receiver passes for a public one; where it leads to does not.
    real = may_be_called
    seen: list[str] = []

    def first_is_public(address: str) -> bool:
        seen.append(address)
        return len(seen) == 1 or real(address)

    monkeypatch.setattr("tracking.outgoing.may_be_called", first_is_public)
    receiver.answers = [(307, f"http://127.0.0.1:{receiver.port}/inside")]
    with pytest.raises(SendError, match="no public address"):
        webhook(receiver.url, private=False).send(message())
    assert [posted.path for posted in receiver.taken] == ["/hook?team=a"]


def test_a_redirect_that_goes_on_for_ever_ends(receiver: Receiver) -> None:
    receiver.answers = [(307, "/again")] * 10
    with pytest.raises(SendError, match="more than 3 times"):
        webhook(receiver.url).send(message())


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True),
        ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False),
        ("127.0.0.1", False), ("0.0.0.0", False), ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False),
        ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_public_internet_may_be_called(address: str, public: bool) -> None:
    assert may_be_called(address) is public


@pytest.mark.parametrize("url", ["ftp://example.com", "example.com/hook", "http:// example.com", "javascript:alert(1)"])
def test_the_settings_refuse_what_is_no_web_address(url: str) -> None:
    with pytest.raises(ValidationError):
        WebhookSettings(url=url, secret=SecretStr(SECRET))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValidationError):
        WebhookSettings(url="https://example.com/hook", secret=SecretStr("short"))


def test_a_chat_channel_gets_subject_and_text(receiver: Receiver) -> None:
    ChatSender("erp", f"json://127.0.0.1:{receiver.port}/room").send(message())
    said = json.loads(receiver.taken[0].body)
    assert (said["title"], said["message"].strip()) == (message().subject, message().text)


def test_a_chat_channel_that_refuses_is_tried_again(receiver: Receiver) -> None:
    receiver.answers = [(500, None)]
    with pytest.raises(SendError) as caught:
        ChatSender("erp", f"json://127.0.0.1:{receiver.port}/room").send(message())
    assert not caught.value.permanent


def test_a_chat_channel_that_hangs_up_may_have_taken_it(receiver: Receiver) -> None:
    receiver.answers = [(0, None)]
    with pytest.raises(UncertainError):
        ChatSender("erp", f"json://127.0.0.1:{receiver.port}/room").send(message())


def test_a_url_that_is_not_known_is_not_repeated() -> None:
    with pytest.raises(BadChannelError) as caught:
        ChatSender("erp", "nonsense://a-token-that-is-secret")
    assert "secret" not in str(caught.value)


def test_a_reminder_goes_to_an_owners_webhook_is_retried_and_stands_in_the_ledger(
    engine: Engine, receiver: Receiver
) -> None:
    goods = milestone("goods", "delivery", date="2026-06-30")
    office = Office(engine, [contract("Supply", effective("2025-01-01"), perpetual(), milestones=[goods])], QUIET)
    with writing(engine) as session:
        change_owner(session, office.owner("procurement"), now=START, channels=["erp"])
    senders = {"erp": webhook(receiver.url)}
    receiver.answers = [(503, None), (204, None)]
    office.run(START)
    for moment in (at("2026-06-29", 0), at("2026-06-29", 1)):
        remind(engine, office.portfolio, senders, office.context, partial(_same, moment))
    first, second = receiver.taken
    assert first.headers["milepost-delivery"] == second.headers["milepost-delivery"]
    (about,) = json.loads(second.body)["about"]
    assert (about["title"], about["due"], about["owner"]) == ("The goods", "2026-06-30", "procurement")
    (sent,) = office.reminders(Purpose.RUNG, state=ReminderState.SENT)
    with reading(engine) as session:
        assert [entry.event for entry in ledger(session, sent.id)] == ["started", "retry", "started", "sent"]
        assert ledger(session, sent.id)[0].addresses == ["erp"]


def _same(moment: dt.datetime) -> dt.datetime:
    return moment


def test_channels_of_the_settings_are_known_by_their_names(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_CHANNELS__CHAT", f"json://127.0.0.1:{receiver.port}/room")
    monkeypatch.setenv("MILEPOST_WEBHOOKS__ERP__URL", "https://erp.example.com/hook")
    monkeypatch.setenv("MILEPOST_WEBHOOKS__ERP__SECRET", SECRET)
    settings = Settings()
    assert SECRET not in repr(settings)
    with senders(settings) as found:
        assert sorted(found) == ["chat", "erp"]
        found["chat"].send(message())
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    "changes",
    [{"channels": {"email": "json://x"}}, {"channels": {"chat": "nonsense"}}, {"channels": {"erp": "json://x"}}],
)
def test_channels_that_cannot_be_used_are_said_to_be_so(changes: dict[str, dict[str, str]]) -> None:
    hook = {"erp": WebhookSettings(url="https://erp.example.com/hook", secret=SecretStr(SECRET))}
    with pytest.raises(SettingsError), senders(Settings.model_validate({**changes, "webhooks": hook})):
        pass
