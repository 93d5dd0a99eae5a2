"""matcher.geography: distances, order of regions, provinces."""

from math import acos, atan2, cos, pi, radians, sin, sqrt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.geography import EARTH_RADIUS_KM, Geography, distances_km
from tests.matcher.small_world import PLACES, small_map

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


def vincenty_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The sphere's case of Vincenty's formula, which is exact everywhere."""
    phi1, phi2, turn = radians(lat1), radians(lat2), radians(lon2 - lon1)
    across = sqrt(
        (cos(phi2) * sin(turn)) ** 2
        + (cos(phi1) * sin(phi2) - sin(phi1) * cos(phi2) * cos(turn)) ** 2
    )
    along = sin(phi1) * sin(phi2) + cos(phi1) * cos(phi2) * cos(turn)
    return EARTH_RADIUS_KM * atan2(across, along)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
@settings(deadline=None, max_examples=200)
def test_distances_are_those_of_the_great_circle(lat1, lon1, lat2, lon2):
    km = distances_km(np.array([lat1, lat2]), np.array([lon1, lon2]))
    assert abs(int(km[0, 1]) - vincenty_km(lat1, lon1, lat2, lon2)) <= 0.51
    assert km[0, 1] == km[1, 0]
    assert km[0, 0] == km[1, 1] == 0


def test_a_degree_of_the_equator_and_the_other_side_of_the_earth():
    km = distances_km(np.array([0.0, 0.0, 0.0]), np.array([0.0, 1.0, 180.0]))
    assert km[0, 1] == 111
    assert km[0, 2] == round(pi * 6371.0088)


def test_bekasi_lies_17_km_from_jakarta_and_surabaya_over_600():
    geography = small_map()
    jakarta = geography.number["31.71"]
    assert 15 <= geography.km[jakarta, geography.number["32.75"]] <= 19
    assert 640 <= geography.km[jakarta, geography.number["35.78"]] <= 680


def test_regions_are_numbered_by_code_whatever_the_order_of_rows():
    geography = small_map()
    turned = Geography(
        [code for code, _, _ in reversed(PLACES)],
        np.array([lat for _, lat, _ in reversed(PLACES)]),
        np.array([lon for _, _, lon in reversed(PLACES)]),
    )
    assert geography.codes == turned.codes == sorted(code for code, _, _ in PLACES)
    assert np.array_equal(geography.km, turned.km)
    places = {code: (lat, lon) for code, lat, lon in PLACES}
    for one, first in enumerate(geography.codes):
        for two, second in enumerate(geography.codes):
            direct = vincenty_km(*places[first], *places[second])
            assert abs(int(geography.km[one, two]) - direct) <= 0.51


def test_a_region_lies_in_the_province_its_code_begins_with():
    geography = small_map()
    assert geography.provinces == ["31", "32", "35"]
    for number, code in enumerate(geography.codes):
        assert geography.provinces[geography.province_of[number]] == code[:2]


def test_the_law_of_cosines_agrees_at_a_right_angle():
    """A pole and a point of the equator are a quarter of a turn apart."""
    km = distances_km(np.array([90.0, 0.0]), np.array([0.0, 45.0]))
    assert km[0, 1] == round(acos(0.0) * EARTH_RADIUS_KM)
