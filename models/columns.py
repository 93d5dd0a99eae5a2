"""Column types shared by the tables: random public ids, UTC times, encrypted text.

Importing this module also fixes the naming convention of constraints, which Alembic needs to name
what it drops on SQLite and PostgreSQL alike.
"""

import hashlib
import hmac
import os
import secrets
from datetime import UTC, datetime
from enum import Enum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import DateTime, LargeBinary
from sqlalchemy import Enum as EnumType
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

PUBLIC_ID_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else
PUBLIC_ID_LENGTH = 12  # 31^12, about 59 bits


def new_public_id() -> str:
    """A random id of 12 characters (59 bits) for addresses and files; never a counter."""
    return "".join(secrets.choice(PUBLIC_ID_ALPHABET) for _ in range(PUBLIC_ID_LENGTH))


def utc_now() -> datetime:
    """The present time, timezone-aware, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator):
    """A timezone-aware time kept in UTC on every database.

    Raises ValueError when a time without a timezone is stored.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time must carry its timezone before it is stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DataKeyError(RuntimeError):
    """The key of the encrypted columns is missing, too short, or not the one that wrote them."""


class _DataKey:
    """The key of the process, split into one for encryption and one for equality search."""

    def __init__(self) -> None:
        self._cipher: AESGCM | None = None
        self._search_key = b""

    def use(self, key: bytes) -> None:
        if len(key) < 32:
            raise DataKeyError("the data key must have at least 32 bytes")
        self._cipher = AESGCM(hmac.digest(key, b"titian column encryption", "sha256"))
        self._search_key = hmac.digest(key, b"titian equality search", "sha256")

    @property
    def cipher(self) -> AESGCM:
        if self._cipher is None:
            raise DataKeyError("no data key is set: call models.columns.use_data_key first")
        return self._cipher

    def digest(self, purpose: str, value: str) -> str:
        if self._cipher is None:
            raise DataKeyError("no data key is set: call models.columns.use_data_key first")
        message = f"{purpose}\x00{value}".encode()
        return hmac.new(self._search_key, message, hashlib.sha256).hexdigest()


_data_key = _DataKey()


def use_data_key(key: bytes) -> None:
    """Set the key (32 bytes or more) that encrypts columns in this process.

    Raises DataKeyError when the key is too short.
    """
    _data_key.use(key)


def search_digest(purpose: str, value: str) -> str:
    """A keyed hash (64 hex digits) by which an encrypted value is found again.

    `purpose` keeps the digests of different columns apart.
    """
    return _data_key.digest(purpose, value)


class EncryptedText(TypeDecorator):
    """Text encrypted with AES-256-GCM; `where` (table.column) is bound in as associated data.

    Stored as version byte, 12-byte nonce, ciphertext with tag. Raises DataKeyError when the key
    is not the one that wrote the value, or the stored bytes were changed.
    """

    impl = LargeBinary
    cache_ok = True
    VERSION = b"\x01"

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        nonce = os.urandom(12)
        sealed = _data_key.cipher.encrypt(nonce, value.encode(), self.where.encode())
        return self.VERSION + nonce + sealed

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        value = bytes(value)
        if value[:1] != self.VERSION:
            raise DataKeyError(f"{self.where} is not in a form this version of Titian can read")
        try:
            plain = _data_key.cipher.decrypt(value[1:13], value[13:], self.where.encode())
        except (InvalidTag, ValueError):  # ValueError: cut off within the nonce
            raise DataKeyError(
                f"{self.where} was written with another data key; check TITIAN_DATA_KEY"
            ) from None
        return plain.decode()


def stored(enum: type[Enum]) -> EnumType:
    """The column type of an enum: its values as text, without a type of its own in PostgreSQL."""
    return EnumType(
        enum,
        native_enum=False,
        create_constraint=False,
        length=30,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )
