"""E-mail by SMTP: text and HTML, a Message-ID made from the idempotency key, one connection for a run."""

import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType

from tracking.mail_settings import Security, SmtpSettings
from tracking.senders import Message, Receipt, SendError, UncertainError


class SmtpSender:
    """Sends e-mail. Use it as a context: the connection is opened with the first message and closed at the end."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._connection: _Watched | None = None

    def __enter__(self) -> "SmtpSender":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drop(politely=True)

    def send(self, message: Message) -> Receipt:
        """Hand a message to the server."""
        try:
            letter = compose(message, self._settings)
        except (ValueError, MessageError) as error:
            raise SendError(f"it cannot be written as an e-mail: {error}", permanent=True) from error
        connection = self._connected()
        connection.handed_over = False
        try:
            refused = connection.send_message(letter, to_addrs=[one.email for one in message.to])
        except smtplib.SMTPRecipientsRefused as error:
            self._reset(connection)
            codes = [code for code, _ in error.recipients.values()]
            raise SendError(_reasons(error.recipients), permanent=all(code >= 500 for code in codes)) from error
        except smtplib.SMTPResponseException as error:  # the server said no, to the sender or to the message
            self._reset(connection)
            raise SendError(_said(error.smtp_code, error.smtp_error), permanent=error.smtp_code >= 500) from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            if connection.handed_over:
                raise UncertainError(f"the connection broke after the message was handed over: {error}") from error
            raise SendError(f"the connection broke: {error}", permanent=False) from error
        return Receipt(tuple(sorted(refused)))

    def _connected(self) -> "_Watched":
        if self._connection is not None and self._connection.alive():
            return self._connection
        self._drop()
        settings = self._settings
        context = ssl.create_default_context() if settings.security is not Security.NONE else None
        try:
            if settings.security is Security.TLS:
                assert context is not None
                connection: _Watched = _WatchedTls(
                    settings.host, settings.port, timeout=settings.timeout, context=context
                )
            else:
                connection = _Watched(settings.host, settings.port, timeout=settings.timeout)
                if context is not None:
                    connection.starttls(context=context)
            if settings.user is not None:
                password = settings.password.get_secret_value() if settings.password else ""
                connection.login(settings.user, password)
        except smtplib.SMTPAuthenticationError as error:
            raise SendError(_said(error.smtp_code, error.smtp_error), permanent=False) from error
        except (smtplib.SMTPException, OSError) as error:
            name = f"{settings.host}:{settings.port}"
            raise SendError(f"the mail server {name} cannot be used: {error}", permanent=False) from error
        self._connection = connection
        return connection

    def _reset(self, connection: "_Watched") -> None:
        try:
            connection.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self, *, politely: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if politely:
                connection.quit()
        except (smtplib.SMTPException, OSError):
            pass  # it is being closed either way
        finally:
            connection.close()


class _Watched(smtplib.SMTP):
    """A connection that knows whether a message may have reached the server."""

    handed_over = False

    def alive(self) -> bool:
        """Whether the server still answers; one that was idle for long may have hung up."""
        try:
            return self.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def data(self, msg: bytes | str) -> tuple[int, bytes]:  # type: ignore[override]
        """Send the message itself: from here on a broken connection leaves it unknown whether it was taken."""
        self.handed_over = True
        answer = super().data(msg)
        self.handed_over = False
        return answer


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    pass


def compose(message: Message, settings: SmtpSettings) -> EmailMessage:
    """The e-mail of a message. The same message gives the same bytes but for the boundaries of its parts."""
    domain = settings.sender.rpartition("@")[2]
    letter = EmailMessage()
    letter["Message-ID"] = f"<{message.id}@{domain}>"
    letter["Date"] = format_datetime(message.at)
    letter["Subject"] = " ".join(message.subject.split())
    letter["From"] = Mailbox(settings.sender_name, addr_spec=settings.sender)
    letter["To"] = tuple(Mailbox(one.name, addr_spec=one.email) for one in message.to)
    if settings.reply_to:
        letter["Reply-To"] = Mailbox(addr_spec=settings.reply_to)
    if message.thread:
        letter["References"] = f"<{message.thread}@{domain}>"
    # Answers by machines (out of office) to a machine are of no use to anybody: RFC 3834.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    letter.add_alternative(message.html, subtype="html")
    for part in message.parts:
        main, _, sub = part.media_type.partition("/")
        letter.add_attachment(part.content, maintype=main, subtype=sub, filename=part.name)
    return letter


def _reasons(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address}: {_said(code, reason)}" for address, (code, reason) in sorted(refused.items()))


def _said(code: int, reason: bytes | str) -> str:
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return f"{code} {' '.join(words.split())}"
