"""Channels besides mail, by the names owners know them by. Light to import, for every command reads the settings."""

from pydantic import Field, SecretStr

from models.base import Value


class WebhookSettings(Value):
    """Another system that gets reminders as JSON, signed with a secret that both know."""

    url: str = Field(pattern=r"^https?://[^\s/]+")
    secret: SecretStr = Field(min_length=16)
    allow_private: bool = False
    """Whether it may be in a private network or on this machine; else such addresses are refused."""
    timeout: float = Field(default=10.0, gt=0, le=120)
