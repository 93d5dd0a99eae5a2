"""Who can take a vacancy at all, with every reason for those who cannot.

Eligibility stands beside the score and never changes it. What it reads of a person is a view
without any field for offence, sentence, age, gender, religion, name, facility or officer: lawful
exclusions and guidance conditions arrive as barred traits and hours only.
"""

from dataclasses import dataclass, fields
from datetime import date
from enum import IntEnum

import numpy as np

from matcher.geography import Geography
from models.enums import IneligibilityReason, Mobility

REASONS: tuple[IneligibilityReason, ...] = tuple(IneligibilityReason)
REASON_BIT = {reason: np.uint16(1 << place) for place, reason in enumerate(REASONS)}
MOBILITY_NUMBER = {mobility: place for place, mobility in enumerate(Mobility)}


class Stay(IntEnum):
    """How far a guidance condition lets a person go."""

    FREE = 0
    PROVINCE = 1
    REGION = 2


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One person's side of eligibility. Flags are models.enums Hours and VacancyTrait."""

    region: int
    available_day: int
    education: int
    mobility: int
    commute_km: int
    hours: int
    stay: Stay = Stay.FREE
    restricted_traits: int = 0
    excluded_traits: int = 0
    licences: int = 0
    listed: bool = True


COLUMN_TYPES = {
    "region": np.int16,
    "available_day": np.int32,
    "education": np.uint8,
    "mobility": np.uint8,
    "commute_km": np.uint16,
    "hours": np.uint8,
    "stay": np.uint8,
    "restricted_traits": np.uint16,
    "excluded_traits": np.uint16,
    "licences": np.uint64,
    "listed": np.bool_,
}


@dataclass(frozen=True, slots=True)
class CircumstancesColumns:
    """Many people's circumstances, one array a field, all of length n."""

    region: np.ndarray  # int16, number in Geography
    available_day: np.ndarray  # int32, days since 1970
    education: np.ndarray  # uint8, Education.rank
    mobility: np.ndarray  # uint8, MOBILITY_NUMBER
    commute_km: np.ndarray  # uint16
    hours: np.ndarray  # uint8, Hours flags
    stay: np.ndarray  # uint8, Stay
    restricted_traits: np.ndarray  # uint16, VacancyTrait flags
    excluded_traits: np.ndarray  # uint16, VacancyTrait flags
    licences: np.ndarray  # uint64, bit i = licence i of the taxonomy
    listed: np.ndarray  # bool

    @classmethod
    def of(cls, people: list[Circumstances]) -> "CircumstancesColumns":
        """Columns of a list of people, in its order."""
        return cls(
            **{
                name: np.array([getattr(person, name) for person in people], dtype=dtype)
                for name, dtype in COLUMN_TYPES.items()
            }
        )

    def take(self, rows: np.ndarray) -> "CircumstancesColumns":
        """The same columns for some rows only."""
        return CircumstancesColumns(
            **{field.name: getattr(self, field.name)[rows] for field in fields(self)}
        )

    def __len__(self) -> int:
        return len(self.region)


@dataclass(frozen=True, slots=True)
class Conditions:
    """A vacancy's side of eligibility. A region of -1 with a province of -1 means anywhere."""

    region: int = -1
    province: int = -1
    start_day: int | None = None
    education: int = 0
    hours: int = 0
    traits: int = 0
    licences: int = 0


def reasons(
    people: CircumstancesColumns, conditions: Conditions, geography: Geography
) -> np.ndarray:
    """uint16[n]: 0 for the eligible, else the bits (REASON_BIT) of every reason against."""
    found = np.zeros(len(people), dtype=np.uint16)

    def mark(reason: IneligibilityReason, barred: np.ndarray) -> None:
        np.bitwise_or(found, REASON_BIT[reason], out=found, where=barred)

    mark(IneligibilityReason.NO_CONSENT, ~people.listed)
    if conditions.start_day is not None:
        mark(IneligibilityReason.NOT_YET_AVAILABLE, people.available_day > conditions.start_day)
    if conditions.education:
        mark(IneligibilityReason.EDUCATION, people.education < conditions.education)
    if conditions.hours:
        mark(IneligibilityReason.HOURS, (people.hours & conditions.hours) != conditions.hours)
    if conditions.licences:
        wanted = np.uint64(conditions.licences)
        mark(IneligibilityReason.LICENCE, (people.licences & wanted) != wanted)
    if conditions.traits:
        traits = np.uint16(conditions.traits)
        mark(IneligibilityReason.RESTRICTION, (people.restricted_traits & traits) != 0)
        mark(IneligibilityReason.EXCLUSION, (people.excluded_traits & traits) != 0)
    if conditions.region >= 0 or conditions.province >= 0:
        too_far, not_allowed = _place(people, conditions, geography)
        mark(IneligibilityReason.TOO_FAR, too_far)
        mark(IneligibilityReason.RESTRICTION, not_allowed)
    return found


def _place(
    people: CircumstancesColumns, conditions: Conditions, geography: Geography
) -> tuple[np.ndarray, np.ndarray]:
    """bool[n] too far to go, bool[n] not allowed to go."""
    km_from, in_province = geography.reach(conditions.region, conditions.province)
    km, same_province = km_from[people.region], in_province[people.region]
    # where only the province is known, nobody knows where in it: a region of -1 is nobody's
    same_region = people.region == conditions.region
    reachable = (
        same_region
        | (km <= people.commute_km)
        | (same_province & (people.mobility == MOBILITY_NUMBER[Mobility.PROVINCE]))
        | (people.mobility == MOBILITY_NUMBER[Mobility.ANYWHERE])
    )
    not_allowed = ((people.stay == Stay.REGION) & ~same_region) | (
        (people.stay == Stay.PROVINCE) & ~same_province
    )
    return ~reachable, not_allowed


def reason_list(bits: int) -> list[IneligibilityReason]:
    """The reasons in a bit mask, in the order of the enum."""
    return [reason for reason in REASONS if int(bits) & int(REASON_BIT[reason])]
