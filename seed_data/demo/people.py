"""Synthetic people, spread over the country as facilities are, trained as prisons train."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from matcher.taxonomy import Scheme, Taxonomy
from models.enums import (
    Education,
    Gender,
    Hours,
    Mobility,
    OffenceFamily,
    PersonStatus,
    RestrictionKind,
    TrainingStatus,
    Verification,
)
from seed_data.demo.words import FAMILY_NAMES, FEMALE_NAMES, LSP_NAMES, MALE_NAMES
from seed_data.region_files import read_regions

# Sectors in the share in which prisons train for them.
SECTOR_SHARE = {
    "craft": 0.20,
    "metal": 0.17,
    "build": 0.16,
    "food": 0.15,
    "auto": 0.14,
    "farm": 0.12,
    "office": 0.05,
    "senior": 0.01,
}
STATUS_SHARE = {
    PersonStatus.IN_CUSTODY: 0.34,
    PersonStatus.ASSIMILATION: 0.10,
    PersonStatus.CONDITIONAL_RELEASE: 0.30,
    PersonStatus.CONDITIONAL_LEAVE: 0.12,
    PersonStatus.LEAVE_BEFORE_RELEASE: 0.04,
    PersonStatus.FREE: 0.10,
}
EDUCATION_SHARE = {
    Education.NONE: 0.04,
    Education.PRIMARY: 0.26,
    Education.LOWER_SECONDARY: 0.26,
    Education.UPPER_SECONDARY: 0.36,
    Education.DIPLOMA: 0.03,
    Education.BACHELOR: 0.04,
    Education.MASTER: 0.009,
    Education.DOCTOR: 0.001,
}
MOBILITY_SHARE = {Mobility.COMMUTE: 0.55, Mobility.PROVINCE: 0.27, Mobility.ANYWHERE: 0.18}
OFFENCE_SHARE = {
    OffenceFamily.NARCOTICS: 0.48,
    OffenceFamily.PROPERTY: 0.24,
    OffenceFamily.VIOLENCE: 0.09,
    OffenceFamily.CHILDREN: 0.06,
    OffenceFamily.FRAUD: 0.06,
    OffenceFamily.CORRUPTION: 0.03,
    OffenceFamily.TRAFFIC: 0.01,
    OffenceFamily.OTHER: 0.03,
}
RESTRICTION_SHARE = 0.2
LISTED_SHARE = 0.92
FEMALE_SHARE = 0.06
ALL_HOURS = int(Hours.DAY | Hours.EVENING | Hours.NIGHT | Hours.WEEKEND)


@dataclass
class DemoCertificate:
    scheme: str
    units: tuple[str, ...]
    lsp: str
    number: str
    issued_on: date
    expires_on: date
    level: int
    verification: Verification


@dataclass
class DemoTraining:
    scheme: str
    hours: int
    started_on: date
    finished_on: date | None
    status: TrainingStatus


@dataclass
class DemoPerson:
    """One synthetic person. facility and region are codes."""

    number: int
    full_name: str
    gender: Gender
    nik: str
    phone: str
    birth_date: date
    status: PersonStatus
    facility: str
    bapas: str
    region: str
    expected_release: date | None
    available_from: date
    education: Education
    mobility: Mobility
    commute_km: int
    hours: int
    least_wage: int | None
    wishes: list[str]
    licences: list[str]
    offence: OffenceFamily
    sentence_months: int
    restriction: RestrictionKind | None
    listed: bool
    certificates: list[DemoCertificate] = field(default_factory=list)
    trainings: list[DemoTraining] = field(default_factory=list)


def synthetic_people(
    taxonomy: Taxonomy, count: int, today: date, seed: int = 1
) -> list[DemoPerson]:
    """`count` people, the same for the same seed, taxonomy and day."""
    return list(stream_people(taxonomy, count, today, seed))


def stream_people(
    taxonomy: Taxonomy, count: int, today: date, seed: int = 1
) -> Iterator[DemoPerson]:
    """The people of `synthetic_people`, one at a time: a whole nation need not fit in memory."""
    random = Random(seed)
    facilities = [row for row in read_regions("facilities") if row["kind"] != "lpka"]  # children's
    regencies = read_regions("regencies")
    bapas_of = {row["region"]: row["bapas"] for row in read_regions("bapas_regions")}
    by_province: dict[str, list[str]] = {}
    for row in regencies:
        by_province.setdefault(row["province"], []).append(row["code"])
    schemes = _schemes_by_sector(taxonomy)
    for number in range(count):
        facility = facilities[number % len(facilities)]
        home = _home(random, facility["region"], by_province, regencies)
        yield _person(random, number, facility, home, bapas_of[home], schemes, taxonomy, today)


def _home(
    random: Random, region: str, by_province: dict[str, list[str]], regencies: list[dict[str, str]]
) -> str:
    draw = random.random()
    if draw < 0.45:
        return region
    if draw < 0.85:
        return random.choice(by_province[region.split(".")[0]])
    return random.choice(regencies)["code"]


def _person(
    random: Random,
    number: int,
    facility: dict[str, str],
    home: str,
    bapas: str,
    schemes: dict[str, list[Scheme]],
    taxonomy: Taxonomy,
    today: date,
) -> DemoPerson:
    gender = _gender(random, facility["kind"])
    status = _draw(random, STATUS_SHARE)
    release = None
    available = today - timedelta(days=random.randrange(0, 200))
    if status is PersonStatus.IN_CUSTODY:
        release = today + timedelta(days=random.randrange(15, 700))
        available = release + timedelta(days=random.choice((0, 7, 14)))
    person = DemoPerson(
        number=number,
        full_name=_name(random, gender),
        gender=gender,
        nik=_nik(home, number),
        phone=f"+62840{number:08d}",  # no operator has numbers that begin with 084
        birth_date=today - timedelta(days=random.randrange(19 * 365, 60 * 365)),
        status=status,
        facility=facility["code"],
        bapas=bapas,
        region=home,
        expected_release=release,
        available_from=available,
        education=_draw(random, EDUCATION_SHARE),
        mobility=_draw(random, MOBILITY_SHARE),
        commute_km=random.choice((10, 20, 30, 30, 40, 60)),
        hours=ALL_HOURS if random.random() < 0.7 else int(Hours.DAY | Hours.EVENING),
        least_wage=random.choice((None, None, 2_000_000, 2_500_000, 3_000_000, 4_000_000)),
        wishes=[],
        licences=[],
        offence=_draw(random, OFFENCE_SHARE),
        sentence_months=random.randrange(8, 120),
        restriction=random.choice(list(RestrictionKind))
        if random.random() < RESTRICTION_SHARE and status is not PersonStatus.FREE
        else None,
        listed=random.random() < LISTED_SHARE,
    )
    _train(random, person, schemes, today)
    trades = [taxonomy.schemes[entry.scheme].occupation for entry in person.certificates]
    trades += [taxonomy.schemes[entry.scheme].occupation for entry in person.trainings]
    person.wishes = sorted(set(trades))[:2] if random.random() < 0.8 else []
    for licence, share in (("SIM-C", 0.3), ("SIM-A", 0.12), ("SIM-B1", 0.03)):
        if random.random() < share:
            person.licences.append(licence)
    for trade in trades:
        for licence in taxonomy.occupations[trade].licences:
            if licence not in person.licences and random.random() < 0.6:
                person.licences.append(licence)
    return person


def _train(
    random: Random, person: DemoPerson, schemes: dict[str, list[Scheme]], today: date
) -> None:
    sector = _draw(random, SECTOR_SHARE)
    for place in range(random.choice((1, 1, 1, 2, 2, 3))):
        if place and random.random() < 0.3:
            sector = _draw(random, SECTOR_SHARE)
        scheme = _popular(random, schemes[sector])
        if any(scheme.code == entry.scheme for entry in person.certificates):
            continue
        certified = random.random() < 0.78
        began = today - timedelta(days=random.randrange(60, 1500))
        hours = random.choice((40, 80, 120, 160, 240, 320))
        finished = began + timedelta(days=hours // 6 + 5)
        running = not certified and random.random() < 0.4
        person.trainings.append(
            DemoTraining(
                scheme.code,
                hours,
                today - timedelta(days=20) if running else began,
                None if running else min(finished, today - timedelta(days=1)),
                TrainingStatus.RUNNING if running else TrainingStatus.FINISHED,
            )
        )
        if certified:
            issued = min(finished + timedelta(days=14), today - timedelta(days=1))
            person.certificates.append(
                DemoCertificate(
                    scheme=scheme.code,
                    units=_units(random, scheme),
                    lsp=random.choice(LSP_NAMES),
                    number=f"CONTOH-{person.number:06d}-{place + 1}",
                    issued_on=issued,
                    expires_on=issued + timedelta(days=3 * 365),
                    level=scheme.kkni_level or random.choice((2, 2, 3)),
                    verification=Verification.VERIFIED
                    if random.random() < 0.85
                    else Verification.UNVERIFIED,
                )
            )


def _units(random: Random, scheme: Scheme) -> tuple[str, ...]:
    """Most schemes are certified whole, some in part."""
    if random.random() < 0.8 or len(scheme.units) < 4:
        return scheme.units
    return tuple(sorted(random.sample(scheme.units, len(scheme.units) - 1)))


def _schemes_by_sector(taxonomy: Taxonomy) -> dict[str, list[Scheme]]:
    found: dict[str, list[Scheme]] = {sector: [] for sector in SECTOR_SHARE}
    for scheme in taxonomy.schemes.values():
        found.setdefault(taxonomy.occupations[scheme.occupation].sector, []).append(scheme)
    for sector, schemes in found.items():
        Random(sector).shuffle(schemes)
    return found


def _popular(random: Random, schemes: list[Scheme]) -> Scheme:
    """Few trainings are frequent and many rare: the place is drawn by a power law."""
    place = int(len(schemes) * random.random() ** 2)
    return schemes[min(place, len(schemes) - 1)]


def _draw(random: Random, shares: dict):
    return random.choices(list(shares), weights=list(shares.values()))[0]


def _gender(random: Random, kind: str) -> Gender:
    if kind == "lpp":
        return Gender.FEMALE
    return Gender.FEMALE if random.random() < FEMALE_SHARE else Gender.MALE


def _name(random: Random, gender: Gender) -> str:
    first = random.choice(FEMALE_NAMES if gender is Gender.FEMALE else MALE_NAMES)
    if random.random() < 0.15:
        return first
    return f"{first} {random.choice(FAMILY_NAMES)}"


def _nik(region: str, number: int) -> str:
    """16 digits that no register can hold: the district is 99 and the month of birth is 00."""
    return f"{region.replace('.', '')}990000{number:06d}"
