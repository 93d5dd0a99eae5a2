"""How strongly a person's certificates and training show each unit of competency.

Strengths are whole thousandths, so that scores are sums of integers and never depend on the order
of additions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import exp

STRENGTH_SCALE = 1000

VERIFIED = 1.0
UNVERIFIED = 0.6
EXPIRED_AT_ONCE = 0.7  # a skill does not vanish on the day a certificate runs out …
EXPIRED_AT_LAST = 0.3  # … but an employer can rely on it less and less
EXPIRED_YEARS = 3.0
TRAINING_AT_MOST = 0.5  # training without a certificate never counts for more
TRAINING_HOURS = 200.0
RUNNING_TRAINING = 0.5  # of what the finished training would count


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate as evidence: what it certifies and how far it can be relied on."""

    units: tuple[str, ...]
    level: int
    expires_on: date
    verified: bool
    revoked: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class HeldTraining:
    """Training as evidence: hours of practice on the units of a scheme."""

    units: tuple[str, ...]
    level: int
    hours: int
    finished: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The best evidence for one unit. `strength` in thousandths, `level` 1 to 9 (KKNI)."""

    unit: str
    strength: int
    level: int
    source: str


def certificate_strength(certificate: HeldCertificate, today: date) -> int:
    """Strength in thousandths (0 to 1000) of a certificate on a day."""
    if certificate.revoked:
        return 0
    base = VERIFIED if certificate.verified else UNVERIFIED
    days = (today - certificate.expires_on).days
    if days > 0:
        share = min(days / (365.25 * EXPIRED_YEARS), 1.0)
        base *= EXPIRED_AT_ONCE + share * (EXPIRED_AT_LAST - EXPIRED_AT_ONCE)
    return round(STRENGTH_SCALE * base)


def training_strength(training: HeldTraining) -> int:
    """Strength in thousandths of training: rises with hours, at most 500."""
    value = TRAINING_AT_MOST * (1 - exp(-training.hours / TRAINING_HOURS))
    return round(STRENGTH_SCALE * value * (1.0 if training.finished else RUNNING_TRAINING))


def best_evidence(
    certificates: Iterable[HeldCertificate], trainings: Iterable[HeldTraining], today: date
) -> dict[str, Evidence]:
    """Unit code -> the strongest evidence for it; at equal strength the higher level, then source."""
    best: dict[str, Evidence] = {}

    def offer(units: Iterable[str], strength: int, level: int, source: str) -> None:
        if strength <= 0:
            return
        for unit in units:
            new = Evidence(unit, strength, level, source)
            old = best.get(unit)
            if old is None or (new.strength, new.level, new.source) > (
                old.strength,
                old.level,
                old.source,
            ):
                best[unit] = new

    for certificate in certificates:
        strength = certificate_strength(certificate, today)
        offer(certificate.units, strength, certificate.level, certificate.source)
    for training in trainings:
        offer(training.units, training_strength(training), training.level, training.source)
    return best
