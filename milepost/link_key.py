"""The key that signs the links in messages: of the settings, else one made once and kept in the data folder."""

import os
import secrets

from milepost.settings import Settings, SettingsError
from tracking.links import LinkKey

_FILE = "link.key"


def link_key(settings: Settings) -> LinkKey:
    """The key of this installation.

    Raises:
        SettingsError: the secret of the settings is too short.
    """
    if settings.link_secret is None:
        return LinkKey(_kept(settings))
    try:
        return LinkKey(settings.link_secret.get_secret_value().encode())
    except ValueError as error:
        raise SettingsError(f"link_secret: {error}") from error


def _kept(settings: Settings) -> bytes:
    """The key in the data folder, which only this user may read. Two programs that start at once end with the same."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / _FILE
    mine = path.with_name(f".{_FILE}.{secrets.token_hex(4)}")
    if not path.exists():
        mine.touch(mode=0o600, exist_ok=False)
        mine.write_bytes(secrets.token_bytes(32))
        try:
            # Whoever is first wins, and the key is never there in part.
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_bytes()
