"""How mail is sent: the server, and in whose name. Light to import, for every command reads the settings."""

from enum import StrEnum

from pydantic import Field, SecretStr

from models.base import Value


class Security(StrEnum):
    """How the connection is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SmtpSettings(Value):
    """The server that takes the mail, and in whose name it is sent."""

    host: str
    port: int = Field(default=587, ge=1, le=65_535)
    security: Security = Security.STARTTLS
    user: str | None = None
    password: SecretStr | None = None
    sender: str
    """The address messages come from; answers go there unless ``reply_to`` is given."""
    sender_name: str = "milepost"
    reply_to: str | None = None
    timeout: float = Field(default=30.0, gt=0)
