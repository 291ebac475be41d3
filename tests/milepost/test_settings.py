from pathlib import Path

import pytest

from milepost.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("MILEPOST_CONFIG", "MILEPOST_DEADLINE", "MILEPOST_DATABASE_URL", "MILEPOST_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_flags_win_over_the_file_and_the_file_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    monkeypatch.setenv("MILEPOST_CONFIG", str(file))
    monkeypatch.setenv("MILEPOST_DEADLINE", "7")
    file.write_text("", encoding="utf-8")
    assert load_settings().deadline == 7
    file.write_text("deadline = 9\n[limits]\npages = 5\n", encoding="utf-8")
    assert load_settings().deadline == 9
    assert load_settings().limits.pages == 5
    assert load_settings(deadline=11, workers=None).deadline == 11


def test_the_file_in_the_users_configuration_folder_is_read_without_being_named(tmp_path: Path) -> None:
    (tmp_path / "milepost").mkdir()
    (tmp_path / "milepost" / "milepost.toml").write_text("deadline = 3\n", encoding="utf-8")
    assert load_settings().deadline == 3


def test_the_database_lies_in_the_data_folder_unless_a_url_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(data_dir=Path("/srv/milepost"))
    assert settings.url == "sqlite:////srv/milepost/milepost.db"
    assert settings.blob_root == "/srv/milepost/documents"
    monkeypatch.setenv("MILEPOST_DATABASE_URL", "postgresql://db/milepost")
    assert load_settings().url == "postgresql://db/milepost"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("workerz = 3\n", "workerz"),
        ("deadline = -1\n", "deadline = -1: Input should be greater than 0"),
        ("[limits]\npages = 'many'\n", "limits.pages"),
        ("inclusive_term_end = 'perhaps'\n", "inclusive_term_end"),
        ("deadline = 9 9\n", "cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(content, encoding="utf-8")
    monkeypatch.setenv("MILEPOST_CONFIG", str(file))
    with pytest.raises(SettingsError, match=words):
        load_settings()


def test_a_settings_file_that_is_named_must_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MILEPOST_CONFIG", str(tmp_path / "absent.toml"))
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings()
