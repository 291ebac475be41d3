"""Messages arrive at a real SMTP server; what the server says, or that it says nothing, is told apart."""

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.tracking.mail_server import Server, serving
from tracking.mail_settings import Security, SmtpSettings
from tracking.senders import Address, Message, Part, SendError, UncertainError
from tracking.smtp import SmtpSender

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def sender(server: Server) -> Iterator[SmtpSender]:
    with serving(server) as settings, SmtpSender(settings) as made:
        yield made


def message(id_: str = "abc", **more: object) -> Message:
    return Message.model_validate(
        {
            "id": id_,
            "to": (Address(name="Zoë Legal", email="zoe@example.com"),),
            "subject": "Notice: send by 1 Apr 2026",
            "text": "Please send it.",
            "html": "<p>Please send it.</p>",
            "at": NOW,
            "thread": "occurrence",
            **more,
        }
    )


def test_a_message_arrives_as_text_and_html_with_an_id_of_its_own(server: Server, sender: SmtpSender) -> None:
    assert sender.send(message()).refused == ()
    recipients, letter = server.taken[0]
    assert recipients == ["zoe@example.com"]
    assert letter["Message-ID"] == "<abc@example.com>"
    assert letter["References"] == "<occurrence@example.com>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert str(letter["To"]) == "Zoë Legal <zoe@example.com>"
    assert letter["Date"].datetime == NOW
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == "Please send it."
    assert html.get_content().strip() == "<p>Please send it.</p>"


def test_the_same_message_has_the_same_id_each_time(server: Server, sender: SmtpSender) -> None:
    sender.send(message())
    sender.send(message())
    assert [letter["Message-ID"] for _, letter in server.taken] == ["<abc@example.com>"] * 2


def test_a_file_goes_along(server: Server, sender: SmtpSender) -> None:
    part = Part(media_type="text/calendar", name="deadline.ics", content=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    sender.send(message(parts=(part,)))
    attached = list(server.taken[0][1].iter_attachments())
    assert [(one.get_filename(), one.get_content_type()) for one in attached] == [("deadline.ics", "text/calendar")]


def test_a_line_break_in_a_title_forges_no_header(server: Server, sender: SmtpSender) -> None:
    sender.send(message(subject="Notice\r\nBcc: evil@example.com"))
    recipients, letter = server.taken[0]
    assert recipients == ["zoe@example.com"]
    assert letter["Bcc"] is None


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("451 later please", False), ("452 disk full", False), ("550 no", True), ("554 spam", True)],
)
def test_what_the_server_does_not_take_is_known(
    server: Server, sender: SmtpSender, answer: str, permanent: bool
) -> None:
    server.answers = [answer]
    with pytest.raises(SendError, match=answer[:3]) as refused:
        sender.send(message())
    assert refused.value.permanent is permanent
    sender.send(message("next"))
    assert len(server.taken) == 1, "the connection goes on"


@pytest.mark.parametrize(("answer", "permanent"), [("550 unknown", True), ("450 busy", False)])
def test_an_address_that_is_refused_is_known(server: Server, sender: SmtpSender, answer: str, permanent: bool) -> None:
    server.refused = {"zoe@example.com": answer}
    with pytest.raises(SendError, match=r"zoe@example\.com") as refused:
        sender.send(message())
    assert refused.value.permanent is permanent


def test_one_address_of_two_that_is_refused_is_told(server: Server, sender: SmtpSender) -> None:
    server.refused = {"gone@example.com": "550 unknown"}
    both = (Address(name="A", email="gone@example.com"), Address(name="B", email="here@example.com"))
    assert sender.send(message(to=both)).refused == ("gone@example.com",)
    assert server.taken[0][0] == ["here@example.com"]


def test_a_connection_that_breaks_after_the_message_leaves_it_unknown(server: Server, sender: SmtpSender) -> None:
    server.hang_up = True
    with pytest.raises(UncertainError):
        sender.send(message())
    assert len(server.taken) == 1
    server.hang_up = False
    sender.send(message("next"))
    assert len(server.taken) == 2, "a new connection is made"


def test_what_cannot_be_written_as_an_e_mail_is_refused_for_good(server: Server, sender: SmtpSender) -> None:
    odd = Address(name="Ann\r\nBcc: evil@example.com", email="ann@example.com")
    with pytest.raises(SendError, match="cannot be written") as refused:
        sender.send(message(to=(odd,)))
    assert refused.value.permanent
    assert server.taken == []


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    settings = SmtpSettings(host="127.0.0.1", port=1, security=Security.NONE, sender="a@example.com", timeout=2)
    with SmtpSender(settings) as sender, pytest.raises(SendError, match=r"127\.0\.0\.1:1 cannot be used") as error:
        sender.send(message())
    assert error.value.permanent is False
