"""The conditions of a vacancy as one NumPy mask, in the order that narrows fastest."""

import numpy as np

from matcher.eligibility import MOBILITY_NUMBER, CircumstancesColumns, Conditions, Stay
from matcher.geography import Geography
from models.enums import Mobility


def eligible(
    people: CircumstancesColumns, conditions: Conditions, geography: Geography
) -> np.ndarray:
    """bool[n]: who can take the vacancy; the same people as matcher.eligibility finds."""
    allowed = people.listed.copy()
    if conditions.start_day is not None:
        allowed &= people.available_day <= conditions.start_day
    if conditions.education:
        allowed &= people.education >= conditions.education
    if conditions.hours:
        allowed &= (people.hours & np.uint8(conditions.hours)) == conditions.hours
    if conditions.licences:
        licences = np.uint64(conditions.licences)
        allowed &= (people.licences & licences) == licences
    if conditions.traits:
        traits = np.uint16(conditions.traits)
        allowed &= ((people.restricted_traits | people.excluded_traits) & traits) == 0
    if conditions.region >= 0 or conditions.province >= 0:
        left = np.flatnonzero(allowed)
        allowed[left] = _place(people, left, conditions, geography)
    return allowed


def km_to(conditions: Conditions, geography: Geography) -> np.ndarray:
    """uint16[regions]: km from every region to the vacancy's place."""
    if conditions.region >= 0:
        return geography.km[conditions.region]
    return geography.km[geography.province_of == conditions.province].min(axis=0)


def province_of(conditions: Conditions, geography: Geography) -> int:
    """The number of the vacancy's province, or -1."""
    if conditions.region >= 0:
        return int(geography.province_of[conditions.region])
    return conditions.province


def _place(
    people: CircumstancesColumns, rows: np.ndarray, conditions: Conditions, geography: Geography
) -> np.ndarray:
    region, mobility, stay = people.region[rows], people.mobility[rows], people.stay[rows]
    same_region = region == conditions.region
    same_province = (geography.province_of == province_of(conditions, geography))[region]
    reachable = (
        same_region
        | (km_to(conditions, geography)[region] <= people.commute_km[rows])
        | (same_province & (mobility == MOBILITY_NUMBER[Mobility.PROVINCE]))
        | (mobility == MOBILITY_NUMBER[Mobility.ANYWHERE])
    )
    may_stay = (stay == Stay.FREE) | same_region | ((stay == Stay.PROVINCE) & same_province)
    return reachable & may_stay
