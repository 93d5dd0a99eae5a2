"""A small taxonomy, a small map, and slow but plain reference implementations of the engine's rules."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from matcher.affinity import Affinity
from matcher.eligibility import Circumstances, CircumstancesColumns, Conditions
from matcher.geography import Geography
from matcher.people_index import PeopleIndex
from matcher.ranking import Query, Requirement
from matcher.taxonomy import Alias, Licence, Neighbour, Occupation, Scheme, Taxonomy, Unit
from models.enums import IneligibilityReason, Mobility

OCCUPATIONS = (
    ("smaw-welder", "Juru Las Busur Manual (SMAW)", "Manual metal arc welder", "7212", ()),
    ("gtaw-welder", "Juru Las TIG (GTAW)", "TIG welder", "7212", ()),
    ("tailor", "Penjahit Pakaian", "Tailor", "7531", ()),
    ("cook", "Juru Masak", "Cook", "5120", ()),
    ("truck-driver", "Pengemudi Truk", "Lorry driver", "8332", ("SIM-B1",)),
    ("tax-clerk", "Staf Pajak", "Tax clerk", "4311", ("BREVET-AB",)),
)
UNITS = (
    (
        "smaw-welder.01",
        "Mengelas pelat posisi 3G dengan proses SMAW",
        "Weld plate in 3G by SMAW",
        3,
    ),
    ("smaw-welder.02", "Menggerinda dan membersihkan hasil las", "Grind and clean welds", 2),
    ("smaw-welder.03", "Membaca gambar kerja las", "Read welding drawings", 3),
    (
        "gtaw-welder.01",
        "Mengelas pipa baja tahan karat proses TIG",
        "Weld stainless pipe by TIG",
        4,
    ),
    ("gtaw-welder.02", "Menyiapkan mesin las argon", "Set up an argon welding machine", 2),
    ("tailor.01", "Menjahit kemeja dengan mesin jahit", "Sew shirts on a sewing machine", 2),
    ("tailor.02", "Membuat pola pakaian", "Draft clothing patterns", 3),
    ("tailor.03", "Memasang kancing dan ritsleting", "Fit buttons and zips", 1),
    ("cook.01", "Memasak nasi goreng dan lauk", "Cook fried rice and side dishes", 2),
    ("cook.02", "Menyiapkan bumbu dasar", "Prepare basic spice pastes", 2),
    ("cook.03", "Menjaga kebersihan dapur", "Keep a kitchen clean", 1),
    ("truck-driver.01", "Mengemudikan truk di jalan raya", "Drive a lorry on the road", 2),
    ("truck-driver.02", "Memeriksa truk sebelum berangkat", "Check a lorry before a trip", 2),
    ("tax-clerk.01", "Menghitung pajak penghasilan", "Calculate income tax", 4),
    ("tax-clerk.02", "Melaporkan SPT tahunan", "File yearly tax returns", 4),
)
SCHEMES = (
    ("smaw-welder-s1", "smaw-welder", 2, ("smaw-welder.01", "smaw-welder.02")),
    ("gtaw-welder-s1", "gtaw-welder", 4, ("gtaw-welder.01", "gtaw-welder.02", "smaw-welder.02")),
    ("cook-s1", "cook", 2, ("cook.01", "cook.02")),
)
LICENCES = ("BREVET-AB", "SIM-A", "SIM-B1", "SIM-C", "SIO-FORKLIFT")
ALIASES = (
    ("smaw-welder", "tukang las"),
    ("smaw-welder", "tukang las listrik"),
    ("smaw-welder", "welder"),
    ("gtaw-welder", "tukang las argon"),
    ("tailor", "tukang jahit"),
    ("tailor", "operator jahit"),
    ("cook", "koki"),
    ("cook", "tukang masak"),
    ("truck-driver", "sopir truk"),
    ("truck-driver", "supir truk"),
    ("tax-clerk", "staf perpajakan"),
    ("smaw-welder.01", "las pelat 3G"),
    ("smaw-welder.02", "gerinda hasil las"),
    ("gtaw-welder.01", "las pipa stainless"),
    ("tailor.02", "bikin pola baju"),
    ("cook.02", "meracik bumbu"),
)
NEIGHBOURS = (
    ("smaw-welder", "gtaw-welder", 0.65),
    ("gtaw-welder", "smaw-welder", 0.5),
    ("cook", "tailor", 0.2),
)


def taxonomy_parts() -> dict[str, list]:
    """The arguments of a small Taxonomy, for a test to bend."""
    return {
        "occupations": [
            Occupation(code, title_id, title_en, isco, (), licences)
            for code, title_id, title_en, isco, licences in OCCUPATIONS
        ],
        "units": [
            Unit(code, code.partition(".")[0], title_id, title_en, level)
            for code, title_id, title_en, level in UNITS
        ],
        "schemes": [
            Scheme(code, occupation, f"Skema {code}", f"Scheme {code}", level, units)
            for code, occupation, level, units in SCHEMES
        ],
        "licences": [Licence(code, code, code) for code in LICENCES],
        "aliases": [Alias(target, text) for target, text in ALIASES],
        "neighbours": [Neighbour(*pair) for pair in NEIGHBOURS],
    }


def small_taxonomy(**changes: list) -> Taxonomy:
    return Taxonomy(**(taxonomy_parts() | changes))


# Jakarta Pusat, Kota Bandung, Kota Bekasi, Surabaya, Sidoarjo
PLACES = (
    ("31.71", -6.186, 106.834),
    ("32.73", -6.917, 107.619),
    ("32.75", -6.238, 106.976),
    ("35.78", -7.257, 112.752),
    ("35.15", -7.447, 112.718),
)


def small_map() -> Geography:
    return Geography(
        [code for code, _, _ in PLACES],
        np.array([lat for _, lat, _ in PLACES]),
        np.array([lon for _, _, lon in PLACES]),
    )


def person(**changes: object) -> Circumstances:
    """Somebody in Bekasi whom nothing bars."""
    usual = {
        "region": small_map().number["32.75"],
        "available_day": 0,
        "education": 7,
        "mobility": list(Mobility).index(Mobility.COMMUTE),
        "commute_km": 30,
        "hours": 0b1111,
        "licences": (1 << 63) - 1,
    }
    return Circumstances(**(usual | changes))  # type: ignore[arg-type]


def expected_reasons(
    somebody: Circumstances, conditions: Conditions, geography: Geography
) -> set[IneligibilityReason]:
    """The reasons against one person, by the rules as they are told to an officer."""
    found = set()
    if not somebody.listed:
        found.add(IneligibilityReason.NO_CONSENT)
    if conditions.start_day is not None and somebody.available_day > conditions.start_day:
        found.add(IneligibilityReason.NOT_YET_AVAILABLE)
    if somebody.education < conditions.education:
        found.add(IneligibilityReason.EDUCATION)
    if _flags(conditions.hours) - _flags(somebody.hours):
        found.add(IneligibilityReason.HOURS)
    if _flags(conditions.licences) - _flags(somebody.licences):
        found.add(IneligibilityReason.LICENCE)
    if _flags(conditions.traits) & _flags(somebody.restricted_traits):
        found.add(IneligibilityReason.RESTRICTION)
    if _flags(conditions.traits) & _flags(somebody.excluded_traits):
        found.add(IneligibilityReason.EXCLUSION)
    home = geography.codes[somebody.region]
    if conditions.region >= 0:
        goals = [geography.codes[conditions.region]]
        at_home = home == goals[0]
    elif conditions.province >= 0:
        province = geography.provinces[conditions.province]
        goals = [code for code in geography.codes if code[:2] == province]
        at_home = False  # somewhere in the province is not yet the own region
    else:
        return found
    in_province = home[:2] == goals[0][:2]
    km = min(int(geography.km[geography.number[goal], somebody.region]) for goal in goals)
    mobility = list(Mobility)[somebody.mobility]
    if not (
        at_home
        or km <= somebody.commute_km
        or mobility == Mobility.ANYWHERE
        or (mobility == Mobility.PROVINCE and in_province)
    ):
        found.add(IneligibilityReason.TOO_FAR)
    if (somebody.stay == 2 and not at_home) or (somebody.stay == 1 and not in_province):
        found.add(IneligibilityReason.RESTRICTION)
    return found


def _flags(bits: int) -> set[int]:
    return {place for place in range(64) if bits >> place & 1}


Held = dict[int, tuple[int, int]]  # concept -> strength, level


def people_index(
    people: dict[int, tuple[Circumstances, Held]], concept_count: int, order: Sequence[int] = ()
) -> PeopleIndex:
    """An index of id -> (circumstances, what is held), evidence in the given order or any."""
    ids = sorted(people)
    evidence = [
        (row, concept, strength, level)
        for row, number in enumerate(ids)
        for concept, (strength, level) in people[number][1].items()
    ]
    if len(order):
        evidence = [evidence[place] for place in order]
    columns = np.array(evidence, dtype=np.int64).reshape(-1, 4).T
    return PeopleIndex(
        np.array(ids, dtype=np.int64),
        CircumstancesColumns.of([people[number][0] for number in ids]),
        concept_count,
        *columns,
    )


def requirement(values: dict[int, int], weight: int = 100, least_level: int = 0) -> Requirement:
    """A requirement of concept -> affinity in thousandths."""
    return Requirement(
        Affinity(np.array(list(values), np.int32), np.array(list(values.values()), np.int32)),
        weight,
        least_level,
    )


def expected_score(query: Query, held: Held) -> Fraction:
    """score(p, v) = sum_r w_r * max_u(a_r[u] * e[p, u]) / sum_r w_r, a quarter off for each level
    short of the least, and at most three quarters; in fractions, so that nothing is rounded."""
    total = Fraction(0)
    for asked in query.requirements:
        best = Fraction(0)
        for concept, value in zip(
            asked.affinity.concepts.tolist(), asked.affinity.values.tolist(), strict=True
        ):
            if concept in held:
                strength, level = held[concept]
                short = min(max(asked.least_level - level, 0), 3)
                worth = Fraction(value, 1000) * Fraction(strength, 1000) * Fraction(4 - short, 4)
                best = max(best, worth)
        total += asked.weight * best
    return total / sum(asked.weight for asked in query.requirements)


def expected_tie_hash(query_key: int, number: int, day: int) -> int:
    """SplitMix64 over vacancy, then day, then person, in Python's whole numbers."""
    return splitmix64(number ^ splitmix64(splitmix64(query_key) ^ day))


def splitmix64(state: int) -> int:
    """The generator's next output (Steele, Lea and Flood 2014)."""
    mask = (1 << 64) - 1
    mixed = (state + 0x9E3779B97F4A7C15) & mask
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
    return mixed ^ (mixed >> 31)
