import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from milepost.doors import OpenDoorError, doors
from milepost.settings import Settings, SettingsError, load_settings
from models.actor import Role
from review.addresses import LOOPBACK_NAMES
from store import accounts
from store.engine import writing

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **settings: Any) -> Settings:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("MILEPOST_CONFIG", raising=False)
    return load_settings(**settings)


def add_account(engine: Engine) -> None:
    with writing(engine) as session:
        accounts.add_account(session, "root", Role.ADMIN, now=NOW)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.7", "milepost.example.com", "::ffff:10.0.0.1"])
def test_without_accounts_the_server_does_not_listen_where_others_reach_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    settings = given(monkeypatch, tmp_path)
    with pytest.raises(OpenDoorError, match="there are no accounts: anybody could decide") as refused:
        doors(settings, engine, address, now=lambda: NOW, user="sam")
    assert "milepost users add NAME --role admin" in str(refused.value)
    add_account(engine)
    opened = doors(settings, engine, address, now=lambda: NOW, user="sam")
    assert (opened.access.local_name, opened.perimeter.hosts) == (None, None)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_only_an_embedded_database_belongs_to_whoever_sits_here(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    opened = doors(given(monkeypatch, tmp_path), engine, address, now=lambda: NOW, user="sam")
    assert opened.access.local_name == ("sam" if engine.dialect.name == "sqlite" else None)
    assert opened.perimeter.hosts == LOOPBACK_NAMES
    assert not opened.access.secure


def test_the_address_that_browsers_know_is_let_in_and_makes_cookies_secure(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_account(sqlite_engine)
    settings = given(
        monkeypatch, tmp_path, public_url="https://Milepost.example.com:8443/", hosts=("Backend",), session_hours=1
    )
    opened = doors(settings, sqlite_engine, "0.0.0.0", now=lambda: NOW, user="sam")
    assert opened.perimeter.hosts == LOOPBACK_NAMES | {"milepost.example.com", "backend"}
    assert opened.perimeter.origins == {"https://milepost.example.com:8443"}
    assert (opened.access.secure, opened.access.lifetime) == (True, dt.timedelta(hours=1))


def test_an_address_that_is_none_is_told_with_its_setting(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = given(monkeypatch, tmp_path, public_url="milepost.example.com")
    with pytest.raises(SettingsError, match=r"public_url: 'milepost\.example\.com' is no address of a site"):
        doors(settings, sqlite_engine, "127.0.0.1", now=lambda: NOW, user="sam")


def test_single_sign_on_is_set_up_from_the_environment(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "ISSUER": "https://login.example.com",
        "CLIENT_ID": "milepost",
        "CLIENT_SECRET": "geheim",
        "ROLE_CLAIM": "groups",
        "ROLES": '{"legal": "reviewer"}',
        "DEFAULT_ROLE": "viewer",
    }.items():
        monkeypatch.setenv(f"MILEPOST_OIDC__{name}", value)
    settings = given(monkeypatch, tmp_path)
    service = doors(settings, sqlite_engine, "127.0.0.1", now=lambda: NOW, user="sam").service
    assert service is not None
    assert service.provider.roles == {"legal": Role.REVIEWER}
    assert service.provider.default_role is Role.VIEWER
    assert "geheim" not in repr(settings)
    monkeypatch.setenv("MILEPOST_OIDC__ISSUER", "http://login.example.com")
    with pytest.raises(SettingsError, match="begins with https://"):
        given(monkeypatch, tmp_path)
