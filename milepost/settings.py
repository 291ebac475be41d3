"""Settings: from the environment (``MILEPOST_*``), over them a TOML file, over them the command line.

The TOML file is the one that ``--config`` or ``MILEPOST_CONFIG`` names, else ``milepost.toml`` in the user's
configuration folder if there is one. A key it should not have is an error, not a silence.
"""

import datetime as dt
import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from platformdirs import user_config_path, user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from models.base import Value
from pipeline.limits import Limits
from review.provider import Provider
from tracking.channel_settings import WebhookSettings
from tracking.mail_settings import SmtpSettings


class SettingsError(Exception):
    """The settings cannot be used; the message names each key at fault and says what is wrong with it."""


def _default_workers() -> int:
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class Schedule(Value):
    """When what is done by schedule is due, as cron says it (minute, hour, day, month, weekday); empty for never."""

    sweep: str = "*/15 * * * *"
    """Looking into the inboxes."""
    remind: str = "0 * * * *"
    """Planning and sending reminders."""
    reread: str = "30 2 * * *"
    """Reading the portfolio anew, where rules or models were upgraded."""
    time_zone: str = "UTC"
    """Whose clock is meant, as in ``Europe/Berlin``."""

    @field_validator("sweep", "remind", "reread")
    @classmethod
    def _is_cron(cls, expression: str) -> str:
        if expression.strip():
            try:
                CronSim(expression, dt.datetime(2026, 1, 1))  # noqa: DTZ001 - any moment will do
            except CronSimError as error:
                raise ValueError(f"not a schedule as cron writes it ({error}), such as '*/15 * * * *'") from error
        return expression.strip()

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no time zone of this name is known") from error
        return name


class Settings(BaseSettings):
    """How this installation works. Every field is also an environment variable: ``MILEPOST_DEADLINE=60``."""

    model_config = SettingsConfigDict(
        env_prefix="MILEPOST_", env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    data_dir: Path = Field(default_factory=lambda: user_data_path("milepost", appauthor=False))
    """Where the embedded database, the documents and Prefect's own files live."""
    database_url: str | None = None
    """A SQLAlchemy URL; absent means the SQLite database in ``data_dir``."""
    blobs: str | None = None
    """Where documents are kept by content hash: a folder or a URL fsspec knows; absent means ``data_dir``."""

    workers: int = Field(default_factory=_default_workers, ge=1, le=256)
    """Worker processes that read documents."""
    deadline: float = Field(default=120.0, gt=0)
    """Seconds one document may take."""
    memory_mb: int = Field(default=3072, ge=0)
    """Address space of one worker in MiB; 0 sets no limit."""
    recycle: int = Field(default=100, ge=0)
    """Documents after which a worker is replaced; 0 never."""
    batch: int = Field(default=25, ge=1, le=1000)
    """Documents in one task of the flow."""
    limits: Limits = Field(default_factory=Limits)
    """Bounds on one document: ``MILEPOST_LIMITS__PAGES=500``."""

    inclusive_term_end: bool = True
    """Whether a term ends on its anniversary (three years from 10 Feb 2014: 10 Feb 2017) or on the day before."""
    jurisdiction: str | None = None
    """Whose holidays are no business days (ISO 3166, as in ``US-NY``); only weekends where it is not set."""
    ocr: bool = True
    """Whether pages that are pictures are read, if an OCR engine is installed."""

    public_url: str | None = None
    """The web application's address as browsers know it (``https://milepost.example.com``), where a proxy stands
    before it; with https, cookies are sent over https alone."""
    hosts: tuple[str, ...] = ()
    """More names under which browsers may reach it. Where neither this nor ``public_url`` is set: any."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses of proxies that are believed when they say whom a request comes from (``X-Forwarded-For``)."""
    session_hours: float = Field(default=12, gt=0, le=720)
    """Hours after which one signs in again."""
    oidc: Provider | None = None
    """Single sign-on: ``MILEPOST_OIDC__ISSUER=https://login.example.com`` and so on, see ``review.provider``."""

    mail: SmtpSettings | None = None
    """The server that takes reminders: ``MILEPOST_MAIL__HOST=smtp.example.com``, ``MILEPOST_MAIL__SENDER=...``."""
    channels: dict[str, SecretStr] = Field(default_factory=dict)
    """Channels besides mail, by names that owners take (``milepost owners set NAME --channel slack``): Slack, Teams and
    others as URLs of Apprise (``slack://...``, ``workflows://...``)."""
    webhooks: dict[str, WebhookSettings] = Field(default_factory=dict)
    """Other systems, by names that owners take as channels: they get reminders as signed JSON."""
    policies: Path | None = None
    """A folder of one's own policies: reminders.yaml, owners.yaml, reviews.yaml, routing.yaml, consequence.yaml."""
    link_secret: SecretStr | None = None
    """Signs the links in messages. Left out, a key in the data folder does; where reminders and the web application run
    on different machines, both need the same secret of 16 characters or more."""
    remind_every: float = Field(default=60.0, gt=0)
    """Minutes between two runs of ``milepost remind``; twice as long without one is late."""

    inboxes: tuple[str, ...] = ()
    """Where contracts arrive: folders, or URLs that fsspec knows (``s3://bucket/contracts`` with ``milepost[s3]``)."""
    inbox_settle: float = Field(default=10.0, ge=0, le=3600)
    """Seconds for which a file of an inbox must stay as it is before it is taken: it may still be written."""
    schedule: Schedule = Field(default_factory=Schedule)
    """When ``milepost schedule`` does what: ``MILEPOST_SCHEDULE__SWEEP="*/5 * * * *"``."""

    @property
    def base_url(self) -> str | None:
        """Where people reach the web application: messages and calendars link to it."""
        return self.public_url.rstrip("/") if self.public_url else None

    @property
    def url(self) -> str:
        """The database to use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'milepost.db'}"

    @property
    def blob_root(self) -> str:
        """Where documents are kept."""
        return self.blobs or str(self.data_dir / "documents")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Strongest first: the command line, the file, the environment."""
        return init_settings, TomlConfigSettingsSource(settings_cls, config_file()), env_settings


def config_file() -> Path | None:
    """The TOML file in force, None if there is none. One that is named must exist."""
    named = os.environ.get("MILEPOST_CONFIG")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise SettingsError(f"The settings file {path} does not exist.")
        return path
    path = user_config_path("milepost", appauthor=False) / "milepost.toml"
    return path if path.is_file() else None


def load_settings(**flags: Any) -> Settings:
    """The settings in force. ``flags`` are those of the command line; None means not given."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_sentences(error)) from error
    except ValueError as error:  # the TOML file is no TOML, an environment variable is no JSON
        raise SettingsError(f"The settings cannot be read: {error}") from error


def _sentences(error: ValidationError) -> str:
    lines = ["The settings cannot be used:"]
    for fault in error.errors(include_url=False):
        key = ".".join(str(part) for part in fault["loc"])
        lines.append(f"  {key} = {fault['input']!r}: {fault['msg']}")
    return "\n".join(lines)
