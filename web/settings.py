"""Settings, read from the environment. Each has a default that works on one machine."""

import fcntl
import os
import re
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.database import DatabaseUrlError, check_url

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting is wrong; the message is one line that names it."""


class Settings(BaseSettings):
    """Every setting of Titian; the environment variable is the name in capitals after TITIAN_."""

    model_config = SettingsConfigDict(env_prefix="TITIAN_", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = Field(
        "development", description="production refuses demo data and generated keys"
    )
    home: Path = Field(ROOT / ".titian", description="folder of database, keys and caches")
    host: str = Field("127.0.0.1", description="address the web server listens on")
    port: int = Field(8000, ge=1, le=65535, description="port the web server listens on")
    workers: int = Field(2, ge=1, le=64, description="gunicorn worker processes")
    threads: int = Field(4, ge=1, le=64, description="threads in each worker")
    database_url: str = Field(
        "", description="sqlite:///… or postgresql://…; empty: SQLite in the home folder"
    )
    encoder: str = Field(
        "builtin",
        description="builtin, or a sentence-transformers model: st:HUB_ID or st:/path/to/folder",
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="signs sessions; empty: made once in the home folder"
    )
    data_key: SecretStr = Field(
        SecretStr(""), description="encrypts columns; 64 hex digits; empty: made in the home folder"
    )
    retrieval: Literal["memory", "milvus"] = Field(
        "memory", description="where people are ranked: in each web process, or on Milvus"
    )
    milvus_uri: str = Field(
        "",
        description="http(s)://host:port of Milvus; empty: a file in the home folder, one process",
    )
    milvus_token: SecretStr = Field(SecretStr(""), description="user:password or API key of Milvus")
    secure_cookies: bool = Field(False, description="send cookies over https only")
    upload_megabytes: int = Field(5, ge=1, le=100, description="largest file a form takes")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("home")
    @classmethod
    def _usable_home(cls, value: Path) -> Path:
        existing = next(path for path in (value, *value.parents) if os.path.exists(path))
        if not existing.is_dir():
            raise ValueError(f"{existing} is not a folder")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value:
            try:
                check_url(value)
            except DatabaseUrlError as error:
                raise ValueError(str(error)) from None
        return value

    @field_validator("milvus_uri")
    @classmethod
    def _known_milvus(cls, value: str) -> str:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and parts.netloc
        if value and not is_address and not (value.endswith(".db") and "://" not in value):
            raise ValueError("use http://host:port or https://host:port, or a file ending in .db")
        return value

    @field_validator("encoder")
    @classmethod
    def _known_encoder(cls, value: str) -> str:
        if value != "builtin" and not (value.startswith("st:") and len(value) > 3):
            raise ValueError("use builtin, or st:HUB_ID or st:/path for sentence-transformers")
        return value

    @field_validator("data_key")
    @classmethod
    def _long_data_key(cls, value: SecretStr) -> SecretStr:
        given = value.get_secret_value()
        if given:
            try:
                long_enough = len(bytes.fromhex(given)) >= 32
            except ValueError:
                long_enough = False
            if not long_enough:
                raise ValueError("use at least 64 hex digits (openssl rand -hex 32)")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_secret_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) < 32:
            raise ValueError("use at least 32 characters (openssl rand -hex 32)")
        return value

    @property
    def database(self) -> str:
        """The database URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'titian.db'}"

    @property
    def milvus(self) -> str:
        """The address of Milvus or the name of its file, with the default filled in."""
        return self.milvus_uri or str(self.home / "people.db")

    @property
    def address(self) -> str:
        """host:port, an IPv6 host in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def secret(self) -> str:
        """The key that signs sessions."""
        return self.secret_key.get_secret_value() or self._made_once("secret_key")

    def data_key_bytes(self) -> bytes:
        """The key of the encrypted columns."""
        return bytes.fromhex(self.data_key.get_secret_value() or self._made_once("data_key"))

    def _made_once(self, name: str) -> str:
        if self.environment == "production":
            raise SettingsError(f"TITIAN_{name.upper()} must be set in production")
        path = self.home / name
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            key = (path.read_text() if path.exists() else "") or _new_key(path)
        except OSError as error:
            raise SettingsError(
                f"TITIAN_HOME cannot be used: {error.filename}: {error.strerror}"
            ) from None
        if not re.fullmatch(r"[0-9a-fA-F]{64,}\s*", key):
            raise SettingsError(f"{path} holds no key; restore it, or set TITIAN_{name.upper()}")
        return key.strip()


def _new_key(path: Path) -> str:
    """A key, made and written by the first of the processes that start at once."""
    with open(path, "a+", opener=lambda name, flags: os.open(name, flags, mode=0o600)) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        key = file.read()
        if not key:
            key = secrets.token_hex(32)
            file.write(key)
        return key


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError with one line on the first wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"TITIAN_{str(first['loc'][0]).upper()}"
        reason = str(first["msg"]).removeprefix("Value error, ")
        is_secret = name.endswith(("_KEY", "_TOKEN", "_URL", "_URI"))
        given = "" if is_secret else f" (given: {first['input']!r})"
        raise SettingsError(f"{name} is wrong: {reason}{given}") from None
