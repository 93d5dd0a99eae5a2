"""Official taxonomies that were brought in (ESCO, SKKNI, KBJI), and how they are joined to ours."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from models.columns import UtcDateTime, new_public_id, stored, utc_now
from models.enums import ExternalKind, ExternalRelationKind, ExternalSource, LinkStatus


class ExternalConcept(SQLModel, table=True):
    """An occupation, skill, unit or group as its official list words it.

    It is never deleted: one that a newer list lacks is marked as gone, and keeps what was decided.
    """

    __tablename__ = "external_concept"
    __table_args__ = (UniqueConstraint("source", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    source: ExternalSource = Field(sa_type=stored(ExternalSource))
    code: str = Field(max_length=200, description="official code, or URI where codes are URIs")
    kind: ExternalKind = Field(sa_type=stored(ExternalKind))
    title: str
    other_titles: str = Field(default="", description="alternative titles, one a line")
    description: str = ""
    language: str = Field(max_length=2, description="of the titles")
    isco: str | None = Field(default=None, max_length=4, index=True, description="ISCO-08 group")
    level: int | None = Field(default=None, ge=1, le=9, description="KKNI level")
    sector: str = Field(default="", max_length=200)
    document: str = Field(default="", max_length=200, description="decree that sets the unit")
    version: str = Field(default="", max_length=60, description="newest release that holds it")
    is_gone: bool = False
    linked_with: str = Field(
        default="", max_length=16, description="digest of all that its proposals were made from"
    )
    added_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ExternalRelation(SQLModel, table=True):
    """An occupation needs a skill (essential, optional), or a concept lies under a broader one."""

    __tablename__ = "external_relation"

    concept_id: int = Field(foreign_key="external_concept.id", primary_key=True)
    related_id: int = Field(foreign_key="external_concept.id", primary_key=True)
    kind: ExternalRelationKind = Field(primary_key=True, sa_type=stored(ExternalRelationKind))


class ExternalLink(SQLModel, table=True):
    """An official concept means one of our occupations or units. `target` is the code of either."""

    __tablename__ = "external_link"
    __table_args__ = (UniqueConstraint("concept_id", "target"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    concept_id: int = Field(foreign_key="external_concept.id", index=True)
    target: str = Field(index=True, max_length=64)
    confidence: float = Field(ge=0, le=1)
    status: LinkStatus = Field(default=LinkStatus.PROPOSED, sa_type=stored(LinkStatus))
    proposed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    reviewed_by: int | None = Field(default=None, foreign_key="user_account.id")
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
