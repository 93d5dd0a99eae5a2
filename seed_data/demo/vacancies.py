"""Synthetic employers and vacancies, worded as job ads are."""

from dataclasses import dataclass
from random import Random

from matcher.taxonomy import Taxonomy
from seed_data.demo.people import SECTOR_SHARE
from seed_data.demo.words import (
    EDUCATION_FORMS,
    EMPLOYER_FORMS,
    EMPLOYER_STEMS,
    HOURS_FORMS,
    MUST_FORMS,
    NICE_FORMS,
    OFFERS,
    OPENINGS,
    REQUIREMENT_HEADINGS,
)
from seed_data.region_files import read_regions

EMPLOYER_SECTORS = {
    "metal": "Manufaktur",
    "build": "Konstruksi",
    "auto": "Otomotif, listrik dan angkutan",
    "craft": "Kerajinan dan jasa",
    "food": "Kuliner dan perhotelan",
    "farm": "Pertanian dan perikanan",
    "office": "Jasa digital dan kantor",
    "senior": "Jasa umum",
}

OTHER_SECTOR = 0.3


@dataclass(frozen=True, slots=True)
class DemoEmployer:
    number: int
    name: str
    sector: str
    region: str


@dataclass(frozen=True, slots=True)
class DemoVacancy:
    """employer: its number. occupation: the code the text was written for; units: those it names
    as musts."""

    number: int
    employer: int
    title: str
    text: str
    occupation: str
    region: str
    units: tuple[str, ...]


def synthetic_employers(count: int, seed: int = 2) -> list[DemoEmployer]:
    """`count` employers with names that say they are examples."""
    random = Random(seed)
    facilities = read_regions("facilities")
    sectors = list(EMPLOYER_SECTORS)
    employers = []
    for number in range(count):
        stem = EMPLOYER_STEMS[number % len(EMPLOYER_STEMS)].strip()
        form = EMPLOYER_FORMS[number // len(EMPLOYER_STEMS) % len(EMPLOYER_FORMS)]
        employers.append(
            DemoEmployer(
                number,
                f"{form} {stem} (contoh)",
                EMPLOYER_SECTORS[sectors[number % len(sectors)]],
                random.choice(facilities)["region"],
            )
        )
    return employers


def synthetic_vacancies(
    taxonomy: Taxonomy, employers: list[DemoEmployer], count: int, seed: int = 3
) -> list[DemoVacancy]:
    """`count` vacancies in prose, near their employers; the same for the same seed."""
    random = Random(seed)
    names = {
        row["code"]: f"{row['kind'].capitalize()} {row['name']}"
        for row in read_regions("regencies")
    }
    by_sector: dict[str, list[str]] = {}
    for occupation in taxonomy.occupations.values():
        by_sector.setdefault(occupation.sector, []).append(occupation.code)
    vacancies = []
    sector_of = {title: sector for sector, title in EMPLOYER_SECTORS.items()}
    for number in range(count):
        employer = employers[number % len(employers)]
        sector = sector_of[employer.sector]
        if random.random() < OTHER_SECTOR:  # a factory also needs a cook
            sector = random.choices(list(SECTOR_SHARE), weights=list(SECTOR_SHARE.values()))[0]
        code = random.choice(by_sector[sector])
        title = _title(random, taxonomy, code)
        text, must = _text(random, taxonomy, code, title, names[employer.region], employer.name)
        vacancies.append(
            DemoVacancy(
                number=number,
                employer=employer.number,
                title=title,
                text=text,
                occupation=code,
                region=employer.region,
                units=must,
            )
        )
    return vacancies


def _title(random: Random, taxonomy: Taxonomy, code: str) -> str:
    occupation = taxonomy.occupations[code]
    aliases = [
        alias.text
        for alias in taxonomy.aliases
        if alias.target == code
        and alias.kind in ("formal", "colloquial")
        and alias.language == "id"
    ]
    chosen = random.choice([occupation.title_id, *aliases])
    return chosen[:1].upper() + chosen[1:]


def _text(
    random: Random, taxonomy: Taxonomy, code: str, title: str, place: str, employer: str
) -> tuple[str, tuple[str, ...]]:
    """The text and the units it names as musts."""
    units = list(taxonomy.units_of_occupation[code])
    random.shuffle(units)
    must, nice = units[: random.randrange(2, 5)], units[5 : 5 + random.randrange(0, 3)]
    lines = [
        random.choice(OPENINGS).format(title=title, place=place, employer=employer),
        "",
        random.choice(REQUIREMENT_HEADINGS),
    ]
    lines += [f"- {_requirement(random, taxonomy, unit, MUST_FORMS)}" for unit in must]
    if random.random() < 0.4:
        lines.append(f"- {random.choice(EDUCATION_FORMS)}")
    if random.random() < 0.3:
        lines.append(f"- {random.choice(HOURS_FORMS)}")
    for licence in taxonomy.occupations[code].licences:
        lines.append(f"- Memiliki {taxonomy.licences[licence].title_id}")
    lines += [f"- {_requirement(random, taxonomy, unit, NICE_FORMS)}" for unit in nice]
    least = random.randrange(22, 60) * 100_000
    most = least + random.randrange(0, 15) * 100_000
    lines += [
        "",
        f"Gaji Rp {least:,} - Rp {most:,} per bulan.".replace(",", "."),
        random.choice(OFFERS),
    ]
    return "\n".join(lines), tuple(must)


def _requirement(random: Random, taxonomy: Taxonomy, unit: str, forms: tuple[str, ...]) -> str:
    aliases = taxonomy.aliases_of.get(unit, ())
    wording = random.choice([taxonomy.units[unit].title_id, *aliases])
    text = random.choice(forms).format(unit=wording[:1].lower() + wording[1:])
    return text[:1].upper() + text[1:]
