"""``milepost db``: the tables and their versions."""

from pathlib import Path

from milepost.settings import Settings, load_settings
from milepost.wiring import use_config
from store import migrations
from store.connection import connect


def upgrade(data: Path | None, config: Path | None) -> None:
    """Create or upgrade the tables."""
    settings = _settings(data, config)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    done = migrations.upgrade(settings.url)
    if done.before == done.after:
        print(f"The database is at revision {done.after} already.")
        return
    if done.copy is not None:
        print(f"Copied first to {done.copy}.")
    print(f"The database is at revision {done.after} now (before: {done.before or 'empty'}).")


def current(data: Path | None, config: Path | None) -> None:
    """Print the revision of the tables."""
    print(migrations.current(_settings(data, config).url) or "empty")


def check(data: Path | None, config: Path | None) -> bool:
    """Whether the database answers and its tables are this program's."""
    url = _settings(data, config).url
    engine = connect(url)
    try:
        with engine.connect() as connection:
            migrations.verify(connection)
    finally:
        engine.dispose()
    differences = migrations.check(url)
    for difference in differences:
        print(difference)
    print("The tables differ from those of this version." if differences else f"All is well: {migrations.head()}.")
    return not differences


def _settings(data: Path | None, config: Path | None) -> Settings:
    use_config(config)
    return load_settings(data_dir=data)
