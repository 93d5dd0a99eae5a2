"""matcher.evidence: how far certificates and training can be relied on."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.evidence import (
    HeldCertificate,
    HeldTraining,
    best_evidence,
    certificate_strength,
    training_strength,
)

TODAY = date(2026, 3, 1)


def certificate(days_left: int = 365, **changes: object) -> HeldCertificate:
    usual = {"units": ("tailor.01",), "level": 2, "verified": True, "source": "c1"}
    return HeldCertificate(expires_on=TODAY + timedelta(days_left), **(usual | changes))  # type: ignore[arg-type]


def training(hours: int = 200, **changes: object) -> HeldTraining:
    usual = {"units": ("tailor.01",), "level": 2, "finished": True, "source": "t1"}
    return HeldTraining(hours=hours, **(usual | changes))  # type: ignore[arg-type]


def test_a_valid_verified_certificate_counts_in_full():
    assert certificate_strength(certificate(), TODAY) == 1000


def test_an_unverified_certificate_counts_six_tenths():
    assert certificate_strength(certificate(verified=False), TODAY) == 600


def test_a_certificate_is_valid_on_the_day_it_expires():
    assert certificate_strength(certificate(0), TODAY) == 1000


def test_an_expired_certificate_counts_less_from_the_next_day():
    assert 695 <= certificate_strength(certificate(-1), TODAY) <= 700


def test_an_expired_certificate_fades_to_three_tenths_in_three_years_and_no_further():
    assert certificate_strength(certificate(-548), TODAY) == pytest.approx(500, abs=1)
    assert certificate_strength(certificate(-1096), TODAY) == 300
    assert certificate_strength(certificate(-20 * 365), TODAY) == 300


def test_an_expired_unverified_certificate_fades_from_its_own_lower_strength():
    assert certificate_strength(certificate(-4000, verified=False), TODAY) == 180


@given(st.integers(-5000, 5000), st.integers(0, 3000), st.booleans())
@settings(deadline=None, max_examples=200)
def test_a_later_expiry_never_counts_less(days_left: int, later: int, verified: bool):
    sooner = certificate_strength(certificate(days_left, verified=verified), TODAY)
    assert certificate_strength(certificate(days_left + later, verified=verified), TODAY) >= sooner
    assert 180 <= sooner <= 1000


@pytest.mark.parametrize("days_left", [365, 0, -400])
def test_a_revoked_certificate_counts_nothing(days_left: int):
    revoked = certificate(days_left, revoked=True)
    assert certificate_strength(revoked, TODAY) == 0
    assert best_evidence([revoked], [], TODAY) == {}


def test_training_hours_count_as_the_formula_says():
    """500 * (1 - exp(-hours / 200))."""
    assert [training_strength(training(hours)) for hours in (0, 40, 200, 400)] == [0, 91, 316, 432]


@given(st.integers(0, 20_000), st.integers(0, 1000))
@settings(deadline=None, max_examples=200)
def test_more_hours_never_count_less_and_never_more_than_half(hours: int, more: int):
    assert training_strength(training(hours)) <= training_strength(training(hours + more)) <= 500


def test_running_training_counts_half_of_finished_training():
    assert training_strength(training(200, finished=False)) == 158


def test_a_valid_certificate_outweighs_any_training():
    evidence = best_evidence([certificate(verified=False)], [training(20_000)], TODAY)
    assert evidence["tailor.01"].source == "c1"


def test_training_outweighs_a_certificate_that_has_faded_away():
    evidence = best_evidence([certificate(-4000)], [training(2000)], TODAY)
    assert (evidence["tailor.01"].source, evidence["tailor.01"].strength) == ("t1", 500)


def test_each_unit_keeps_its_own_best_evidence():
    evidence = best_evidence(
        [certificate(units=("tailor.01", "tailor.02"))],
        [training(units=("tailor.02", "tailor.03"))],
        TODAY,
    )
    assert {unit: best.source for unit, best in evidence.items()} == {
        "tailor.01": "c1",
        "tailor.02": "c1",
        "tailor.03": "t1",
    }


def test_at_equal_strength_the_higher_level_stands():
    low, high = certificate(level=2, source="z"), certificate(level=3, source="a")
    for certificates in ([low, high], [high, low]):
        assert best_evidence(certificates, [], TODAY)["tailor.01"].level == 3


CERTIFICATES = st.builds(
    lambda units, level, days, verified, revoked, source: certificate(
        days, units=tuple(units), level=level, verified=verified, revoked=revoked, source=source
    ),
    st.lists(st.sampled_from(["a.01", "a.02", "b.01"]), max_size=3, unique=True),
    st.integers(1, 3),
    st.sampled_from([-5000, -400, 0, 100]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["c1", "c2"]),
)
TRAININGS = st.builds(
    lambda units, hours, finished: training(hours, units=tuple(units), finished=finished),
    st.lists(st.sampled_from(["a.01", "a.02", "b.01"]), max_size=3, unique=True),
    st.sampled_from([0, 40, 400]),
    st.booleans(),
)


@given(st.lists(CERTIFICATES, max_size=6), st.lists(TRAININGS, max_size=4), st.randoms())
@settings(deadline=None, max_examples=150)
def test_the_best_evidence_does_not_depend_on_order(certificates, trainings, random: Random):
    first = best_evidence(certificates, trainings, TODAY)
    random.shuffle(certificates)
    random.shuffle(trainings)
    assert best_evidence(certificates, trainings, TODAY) == first


@given(st.lists(CERTIFICATES, max_size=6), st.lists(TRAININGS, max_size=4))
@settings(deadline=None, max_examples=150)
def test_the_best_evidence_is_the_strongest_offered_for_each_unit(certificates, trainings):
    offered: dict[str, int] = {}
    for held in certificates:
        for unit in held.units:
            offered[unit] = max(offered.get(unit, 0), certificate_strength(held, TODAY))
    for held in trainings:
        for unit in held.units:
            offered[unit] = max(offered.get(unit, 0), training_strength(held))
    expected = {unit: strength for unit, strength in offered.items() if strength}
    found = best_evidence(certificates, trainings, TODAY)
    assert {unit: best.strength for unit, best in found.items()} == expected
