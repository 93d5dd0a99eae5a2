import os
import stat
import threading
from pathlib import Path

import pytest

from web.settings import Settings, SettingsError, load_settings

KEY = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TITIAN_"):
            monkeypatch.delenv(name)


def refusal(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


WRONG = [
    ("TITIAN_ENVIRONMENT", "staging"),
    ("TITIAN_HOME", "/dev/null"),
    ("TITIAN_HOME", "/dev/null/titian"),
    ("TITIAN_PORT", "0"),
    ("TITIAN_PORT", "65536"),
    ("TITIAN_PORT", "delapan"),
    ("TITIAN_PORT", ""),
    ("TITIAN_WORKERS", "0"),
    ("TITIAN_WORKERS", "65"),
    ("TITIAN_THREADS", "-1"),
    ("TITIAN_DATABASE_URL", "mysql://localhost/titian"),
    ("TITIAN_DATABASE_URL", "titian.db"),
    ("TITIAN_DATABASE_URL", "postgresql://localhost:port/titian"),
    ("TITIAN_ENCODER", "st:"),
    ("TITIAN_ENCODER", "bert"),
    ("TITIAN_RETRIEVAL", "elasticsearch"),
    ("TITIAN_MILVUS_URI", "milvus.example"),
    ("TITIAN_MILVUS_URI", "ftp://milvus.example/people.db"),
    ("TITIAN_SECRET_KEY", "kurang dari tiga puluh dua"),
    ("TITIAN_DATA_KEY", KEY[:62]),
    ("TITIAN_DATA_KEY", "z" * 64),
    ("TITIAN_SECURE_COOKIES", "mungkin"),
    ("TITIAN_UPLOAD_MEGABYTES", "101"),
    ("TITIAN_LOG_LEVEL", "chatty"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_setting_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    message = refusal(monkeypatch, name, value)
    assert message.startswith(f"{name} is wrong: ")
    assert len(message.splitlines()) == 1


def test_every_setting_that_can_be_wrong_is_tried_above() -> None:
    # any text; the server says when it cannot listen there, Milvus when it knows no such token
    free = {"TITIAN_HOST", "TITIAN_MILVUS_TOKEN"}
    names = {f"TITIAN_{name.upper()}" for name in Settings.model_fields}
    assert {name for name, _value in WRONG} == names - free


def test_message_shows_what_was_given_but_never_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "'delapan'" in refusal(monkeypatch, "TITIAN_PORT", "delapan")
    monkeypatch.delenv("TITIAN_PORT")
    for name, secret in (
        ("TITIAN_SECRET_KEY", "rahasia"),
        ("TITIAN_DATA_KEY", "rahasia"),
        ("TITIAN_DATABASE_URL", "mysql://titian:rahasia@localhost/titian"),
        ("TITIAN_MILVUS_URI", "root:rahasia@milvus.example"),
    ):
        assert "rahasia" not in refusal(monkeypatch, name, secret)
        monkeypatch.delenv(name)


def test_settings_shown_in_a_log_hide_the_keys() -> None:
    shown = repr(Settings(secret_key="rahasia " * 4, data_key=KEY))
    assert "rahasia" not in shown
    assert KEY not in shown


def test_defaults_work_on_one_machine() -> None:
    settings = load_settings()
    assert settings.environment == "development"
    assert settings.database == f"sqlite:///{settings.home / 'titian.db'}"


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TITIAN_HOME", str(tmp_path))
    monkeypatch.setenv("TITIAN_PORT", "8123")
    monkeypatch.setenv("TITIAN_DATABASE_URL", "postgresql://localhost/titian")
    monkeypatch.setenv("TITIAN_SECURE_COOKIES", "yes")
    settings = load_settings()
    assert (settings.home, settings.port, settings.secure_cookies) == (tmp_path, 8123, True)
    assert settings.database == "postgresql://localhost/titian"


def test_given_keys_are_used_and_nothing_is_written(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secret_key="k" * 32, data_key=KEY)
    assert settings.secret() == "k" * 32
    assert settings.data_key_bytes() == bytes.fromhex(KEY)
    assert list(tmp_path.iterdir()) == []


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    home = tmp_path / "baru"
    before = os.umask(0)
    try:
        secret, data_key = Settings(home=home).secret(), Settings(home=home).data_key_bytes()
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for name in ("secret_key", "data_key"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    assert secret != data_key.hex()
    assert len(data_key) == 32
    assert Settings(home=home).secret() == secret
    assert Settings(home=home).data_key_bytes() == data_key


def test_two_homes_have_different_keys(tmp_path: Path) -> None:
    one, other = (Settings(home=tmp_path / name) for name in ("satu", "dua"))
    assert one.secret() != other.secret()
    assert one.data_key_bytes() != other.data_key_bytes()


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    for attempt in range(20):
        settings = Settings(home=tmp_path / str(attempt))
        barrier = threading.Barrier(8)
        found: list[bytes] = []

        def start(settings: Settings = settings, barrier=barrier, found=found) -> None:
            barrier.wait()
            found.append(settings.data_key_bytes())

        threads = [threading.Thread(target=start) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1


def test_key_file_that_a_crash_left_empty_is_filled(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch(mode=0o600)
    assert len(Settings(home=tmp_path).secret()) == 64


def test_key_file_that_holds_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "data_key").write_text("bukan kunci\n")
    with pytest.raises(SettingsError, match="data_key holds no key"):
        Settings(home=tmp_path).data_key_bytes()
    assert (tmp_path / "data_key").read_text() == "bukan kunci\n"


def test_key_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "data_key").mkdir()
    with pytest.raises(SettingsError, match=r"TITIAN_HOME.*data_key"):
        Settings(home=tmp_path).data_key_bytes()


@pytest.mark.parametrize("name", ["secret_key", "data_key"])
def test_production_refuses_keys_made_by_itself(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(KEY)  # made while it was a development machine
    settings = Settings(environment="production", home=tmp_path)
    with pytest.raises(SettingsError, match=f"TITIAN_{name.upper()} must be set in production"):
        settings.secret() if name == "secret_key" else settings.data_key_bytes()


def test_production_takes_keys_it_is_given(tmp_path: Path) -> None:
    settings = Settings(environment="production", home=tmp_path, secret_key="k" * 32, data_key=KEY)
    assert settings.secret() == "k" * 32
    assert settings.data_key_bytes() == bytes.fromhex(KEY)
