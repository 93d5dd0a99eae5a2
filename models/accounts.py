"""Users, roles and how they sign in."""

from datetime import datetime
from typing import ClassVar

from flask_security import RoleMixin, UserMixin
from sqlmodel import Field, Relationship, SQLModel

from models.columns import UtcDateTime, new_public_id, stored, utc_now
from models.enums import RoleName


class UserRole(SQLModel, table=True):
    __tablename__ = "user_role"

    user_id: int = Field(foreign_key="user_account.id", primary_key=True)
    role_id: int = Field(foreign_key="role.id", primary_key=True)


class Role(SQLModel, RoleMixin, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: RoleName = Field(unique=True, sa_type=stored(RoleName))
    permissions: ClassVar[list[str]] = []

    def get_permissions(self) -> set[str]:
        """Empty: what a role may do is written in web/permissions.py."""
        return set()


class User(SQLModel, UserMixin, table=True):
    """Somebody who signs in: an officer of a Bapas, a trainer of a facility, an admin, or, by
    EmployerMember and Person.user_id, an employer's user or a person."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    fs_uniquifier: str = Field(unique=True, max_length=64)
    email: str | None = Field(default=None, unique=True, max_length=254)
    password: str | None = Field(default=None)
    name: str = Field(max_length=200)
    active: bool = True
    language: str = Field(default="id", max_length=2)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)

    bapas_id: int | None = Field(default=None, foreign_key="bapas.id", index=True)
    facility_id: int | None = Field(default=None, foreign_key="facility.id", index=True)

    roles: list[Role] = Relationship(link_model=UserRole)


class SignInCode(SQLModel, table=True):
    """A one-time code an officer hands to a person; only its keyed hash is stored."""

    __tablename__ = "sign_in_code"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    code_hash: str = Field(max_length=64)
    created_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInAttempt(SQLModel, table=True):
    """A failed attempt, by keyed hash of account or address, so that limits hold in all workers."""

    __tablename__ = "sign_in_attempt"

    id: int | None = Field(default=None, primary_key=True)
    key_hash: str = Field(index=True, max_length=64)
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
