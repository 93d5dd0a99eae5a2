"""A synthetic nation in a database that holds the reference data and nobody yet.

The people are the demo's (seed_data/demo): trades and schemes drawn by the power law of prisons'
training, homes around the facilities, numbers that no register and no operator can hold, every row
marked as synthetic. Officers care for 60 to 100 clients. Everything is the same for the same seed,
size, taxonomy and day, but for nonces of encryption.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from random import Random

from flask_security import hash_password
from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmarks.load.bulk import BulkWriter, Rows, bulk_writer
from matcher.taxonomy import Taxonomy
from models.accounts import Role, User, UserRole
from models.certificates import Certificate, CertificateUnit, Training
from models.columns import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH, utc_now
from models.employers import Employer, EmployerMember, Vacancy, VacancyRequirement
from models.enums import (
    ConceptKind,
    ConsentPurpose,
    Education,
    Hours,
    Importance,
    IntroductionState,
    OffenceFamily,
    PersonStatus,
    RoleName,
    VacancyStatus,
    VacancyTrait,
)
from models.introductions import Consent, Introduction, IntroductionStep
from models.matching import ChangeKind, MatchingChange
from models.people import MonthlyReport, Person, PersonIdentity, PersonLicence, PersonWish
from models.records import ExclusionRule, OffenceRecord, Restriction
from models.regions import Bapas, Facility
from models.transitions import DISCLOSED, OVER
from seed_data.demo.people import DemoPerson, stream_people
from seed_data.demo.vacancies import DemoVacancy, synthetic_employers, synthetic_vacancies
from web.services import accounts as account_service
from web.services import people as people_service
from web.services.demo_data import PASSWORD, PIN

VACANCIES_PER_EMPLOYER = 10
CLIENTS_PER_OFFICER = (60, 100)
ACCOUNT_OF_EVERY = 20  # every twentieth person outside signs in
INTRODUCTIONS_PER_VACANCY = 2
SIGNING_IN = {RoleName.EMPLOYER: 80, RoleName.OFFICER: 80, RoleName.TRAINER: 40}
SIGNING_IN_PEOPLE = 160
WAGE = re.compile(r"Rp ([\d.]+) - Rp ([\d.]+) per")
WAY = (  # an introduction's way; each goes some steps of it
    IntroductionState.PROPOSED,
    IntroductionState.CONSENTED,
    IntroductionState.INTRODUCED,
    IntroductionState.INTERVIEW,
    IntroductionState.OFFERED,
    IntroductionState.PLACED,
    IntroductionState.RETAINED_3,
)

Progress = Callable[[Iterable, str, int], Iterable]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a nation; the same seed and size give the same people."""

    people: int = 270_000
    vacancies: int = 20_000
    seed: int = 1

    @property
    def employers(self) -> int:
        return max(1, self.vacancies // VACANCIES_PER_EMPLOYER)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who the driver signs in as. Passwords of made-up accounts, which production refuses."""

    password: str
    pin: str
    employers: list[str]
    officers: list[str]
    trainers: list[str]
    people: list[str]  # phone numbers

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def fill(
    engine: Engine, taxonomy: Taxonomy, size: Size, today: date, progress: Progress
) -> Accounts:
    """Write the nation in one transaction and say who can sign in. Needs an app context."""
    with Session(engine.execution_options(read_only=True)) as session:
        places = _Places(
            facilities=dict(session.exec(select(Facility.code, Facility.id)).all()),
            bapas=dict(session.exec(select(Bapas.code, Bapas.id)).all()),
            roles=dict(session.exec(select(Role.name, Role.id)).all()),
        )
    with bulk_writer(engine) as writer:
        nation = _Nation(writer, taxonomy, places, size, today)
        nation.add_staff()
        for person in progress(
            stream_people(taxonomy, size.people, today, size.seed), "People", size.people
        ):
            nation.add_person(person)
        nation.add_employers()
        employers = synthetic_employers(size.employers, size.seed)
        for vacancy in progress(
            synthetic_vacancies(taxonomy, employers, size.vacancies, size.seed),
            "Vacancies",
            size.vacancies,
        ):
            nation.add_vacancy(vacancy)
        nation.note_everything()
        return nation.accounts()


@dataclass(frozen=True, slots=True)
class _Places:
    """Code -> row id of what the reference data holds."""

    facilities: dict[str, int]
    bapas: dict[str, int]
    roles: dict[RoleName, int]


class _Nation:
    """Counts ids up while rows go out."""

    def __init__(
        self, writer: BulkWriter, taxonomy: Taxonomy, places: _Places, size: Size, today: date
    ) -> None:
        self._random = Random(f"load {size.seed}")
        self._taxonomy = taxonomy
        self._places = places
        self._size = size
        self._today = today
        self._now = utc_now()
        self._secrets = {
            **dict.fromkeys(RoleName, hash_password(PASSWORD)),
            RoleName.PERSON: hash_password(PIN),
        }
        self._last: dict[str, int] = defaultdict(int)
        self._officers: dict[int, tuple[int, int]] = {}  # Bapas -> officer, clients still to come
        self._listed: list[int] = []  # people who may be introduced
        self._trainers: dict[int, str] = {}  # facility -> e-mail, until somebody is in it
        self._signing_in: dict[RoleName, list[str]] = defaultdict(list)
        self._open(writer)

    def _open(self, writer: BulkWriter) -> None:
        now = self._now
        self._users = writer.rows(
            User,
            *("id", "public_id", "fs_uniquifier", "email", "password", "name"),
            *("bapas_id", "facility_id"),
            active=True,
            language="id",
            created_at=now,
        )
        self._user_roles = writer.rows(UserRole, "user_id", "role_id")
        self._people = writer.rows(
            Person,
            *("id", "public_id", "status", "facility_id", "bapas_id", "user_id", "officer_id"),
            *("expected_release", "available_from", "home_region_code", "education", "mobility"),
            *("commute_km", "hours", "least_wage"),
            is_synthetic=True,
            created_at=now,
            updated_at=now,
            version=1,
        )
        self._identities = writer.rows(
            PersonIdentity,
            *("person_id", "full_name", "gender", "nik", "nik_digest"),
            *("phone", "phone_digest", "birth_date"),
        )
        self._wishes = writer.rows(PersonWish, "person_id", "occupation_code")
        self._licences = writer.rows(PersonLicence, "person_id", "licence_code")
        self._records = writer.rows(
            OffenceRecord, "id", "person_id", "family", "sentence_months", recorded_at=now
        )
        self._restrictions = writer.rows(
            Restriction,
            *("id", "public_id", "person_id", "kind"),
            legal_basis="Surat keputusan pembimbingan (contoh)",
            decided_by="Kepala Bapas (contoh)",
            recorded_at=now,
        )
        self._consents = writer.rows(
            Consent,
            *("id", "public_id", "person_id", "purpose", "introduction_id", "withdrawn_at"),
            wording="Contoh: setuju tampil tanpa nama.",
            channel="paper",
            given_at=now,
        )
        self._reports = writer.rows(MonthlyReport, "id", "person_id", "reported_on", "is_working")
        self._certificates = writer.rows(
            Certificate,
            *("id", "public_id", "person_id", "scheme_code", "lsp_name", "number"),
            *("issued_on", "expires_on", "level", "verification"),
            created_at=now,
        )
        self._units = writer.rows(CertificateUnit, "certificate_id", "unit_code")
        self._trainings = writer.rows(
            Training,
            *("id", "public_id", "person_id", "facility_id", "scheme_code", "hours"),
            *("started_on", "finished_on", "status"),
            created_at=now,
        )
        self._employers = writer.rows(
            Employer,
            *("id", "public_id", "name", "region_code", "sector"),
            about="",
            verified_at=now,
            is_synthetic=True,
            created_at=now,
        )
        self._members = writer.rows(EmployerMember, "user_id", "employer_id")
        self._vacancies = writer.rows(
            Vacancy,
            *("id", "public_id", "employer_id", "title", "text", "occupation_code"),
            *("region_code", "wage_min", "wage_max", "hours", "education", "start_on"),
            *("published_at", "created_at"),
            positions=1,
            traits=0,
            status=VacancyStatus.PUBLISHED,
            version=1,
        )
        self._requirements = writer.rows(
            VacancyRequirement,
            *("id", "vacancy_id", "position", "text", "kind", "concept_code"),
            *("importance", "weight", "least_level"),
        )
        self._introductions = writer.rows(
            Introduction,
            *("id", "public_id", "vacancy_id", "person_id", "state", "proposed_by", "score"),
            *("created_at", "updated_at", "version"),
            message="",
        )
        self._steps = writer.rows(
            IntroductionStep,
            *("id", "introduction_id", "from_state", "to_state", "actor_role", "at"),
            reason="",
        )
        self._rules = writer.rows(
            ExclusionRule, "id", "code", "family", "trait", "legal_basis", "decided_by"
        )
        self._changes = writer.rows(MatchingChange, "kind", "subject_id", at=now)

    def _id(self, rows: Rows) -> int:
        self._last[rows.table] += 1
        return self._last[rows.table]

    def _public_id(self) -> str:
        return "".join(self._random.choices(PUBLIC_ID_ALPHABET, k=PUBLIC_ID_LENGTH))

    def _add_user(
        self,
        role: RoleName,
        name: str,
        email: str | None = None,
        bapas: int | None = None,
        facility: int | None = None,
    ) -> int:
        user = self._id(self._users)
        self._users.add(
            user,
            self._public_id(),
            f"{self._random.getrandbits(256):064x}",
            email,
            self._secrets[role],
            name,
            bapas,
            facility,
        )
        self._user_roles.add(user, self._places.roles[role])
        return user

    def add_staff(self) -> None:
        """A trainer for each facility; officers come with their clients."""
        for number, facility in enumerate(self._places.facilities.values()):
            email = f"pelatih{number}@contoh.example"
            self._add_user(RoleName.TRAINER, f"Pelatih Contoh {number}", email, facility=facility)
            self._trainers[facility] = email

    def _officer_of(self, bapas: int) -> int:
        """The officer who takes the next client of a Bapas."""
        officer, left = self._officers.get(bapas, (0, 0))
        if not left:
            number = self._last[self._users.table] + 1
            email = f"petugas{number}@contoh.example"
            officer = self._add_user(
                RoleName.OFFICER, f"Petugas Contoh {number}", email, bapas=bapas
            )
            if bapas not in self._officers:
                self._signing_in[RoleName.OFFICER].append(email)
            left = self._random.randint(*CLIENTS_PER_OFFICER)
        self._officers[bapas] = officer, left - 1
        return officer

    def add_person(self, entry: DemoPerson) -> None:
        person = self._id(self._people)
        facility = self._places.facilities[entry.facility]
        bapas = self._places.bapas[entry.bapas]
        user = None
        if entry.status is not PersonStatus.IN_CUSTODY and person % ACCOUNT_OF_EVERY == 0:
            user = self._add_user(RoleName.PERSON, entry.full_name)
            self._signing_in[RoleName.PERSON].append(f"0{entry.phone[3:]}")
        if facility in self._trainers:  # not those of facilities that nobody is in
            self._signing_in[RoleName.TRAINER].append(self._trainers.pop(facility))
        self._people.add(
            *(person, self._public_id(), entry.status, facility, bapas, user),
            *(self._officer_of(bapas), entry.expected_release, entry.available_from),
            *(entry.region, entry.education, entry.mobility, entry.commute_km, entry.hours),
            entry.least_wage,
        )
        self._identities.add(
            *(person, entry.full_name, entry.gender, entry.nik),
            *(people_service.nik_digest(entry.nik), entry.phone),
            *(account_service.phone_digest(entry.phone), entry.birth_date.isoformat()),
        )
        for code in entry.wishes:
            self._wishes.add(person, code)
        for code in entry.licences:
            self._licences.add(person, code)
        self._records.add(
            self._id(self._records), person, entry.offence.value, str(entry.sentence_months)
        )
        if entry.restriction is not None:
            self._restrictions.add(
                self._id(self._restrictions), self._public_id(), person, entry.restriction
            )
        if entry.listed:
            self._listed.append(person)
            self._add_consent(person, ConsentPurpose.LISTING)
        self._add_report(person, entry)
        self._add_evidence(person, facility, entry)

    def _add_consent(
        self,
        person: int,
        purpose: ConsentPurpose,
        introduction: int | None = None,
        withdrawn: datetime | None = None,
    ) -> None:
        self._consents.add(
            *(self._id(self._consents), self._public_id(), person, purpose),
            *(introduction, withdrawn),
        )

    def _add_report(self, person: int, entry: DemoPerson) -> None:
        if entry.status in (PersonStatus.IN_CUSTODY, PersonStatus.FREE):
            return
        first = self._random.randrange(1, 29) if self._random.random() < 0.8 else 45
        for month in range(3):
            self._reports.add(
                *(self._id(self._reports), person),
                self._today - timedelta(days=first + 30 * month),
                self._random.random() < 0.3,
            )

    def _add_evidence(self, person: int, facility: int, entry: DemoPerson) -> None:
        for held in entry.certificates:
            certificate = self._id(self._certificates)
            self._certificates.add(
                *(certificate, self._public_id(), person, held.scheme, held.lsp, held.number),
                *(held.issued_on, held.expires_on, held.level, held.verification),
            )
            for unit in held.units:
                self._units.add(certificate, unit)
        for training in entry.trainings:
            self._trainings.add(
                *(self._id(self._trainings), self._public_id(), person, facility),
                *(training.scheme, training.hours, training.started_on),
                *(training.finished_on, training.status),
            )

    def add_employers(self) -> None:
        """Employers with a user each."""
        for entry in synthetic_employers(self._size.employers, self._size.seed):
            employer = self._id(self._employers)
            self._employers.add(employer, self._public_id(), entry.name, entry.region, entry.sector)
            email = f"perusahaan{employer}@contoh.example"
            user = self._add_user(RoleName.EMPLOYER, f"Pengurus Contoh {employer}", email)
            self._members.add(user, employer)
            self._signing_in[RoleName.EMPLOYER].append(email)

    def add_vacancy(self, entry: DemoVacancy) -> None:
        random = self._random
        vacancy = self._id(self._vacancies)
        published = self._now - timedelta(minutes=random.randrange(60 * 24 * 60))
        wages = WAGE.search(entry.text)
        least, most = (int(text.replace(".", "")) for text in wages.groups()) if wages else (0, 0)
        self._vacancies.add(
            *(vacancy, self._public_id(), entry.employer + 1, entry.title, entry.text),
            *(entry.occupation, entry.region, least, most),
            int(random.choice((Hours.DAY, Hours.DAY, Hours.DAY | Hours.NIGHT))),
            random.choice((Education.NONE, Education.PRIMARY, Education.LOWER_SECONDARY)),
            self._today + timedelta(days=random.randrange(0, 60)),
            *(published, published),
        )
        self._add_requirements(vacancy, entry)
        for person in {random.choice(self._listed) for _ in range(INTRODUCTIONS_PER_VACANCY)}:
            self._add_introduction(vacancy, person)

    def _add_requirements(self, vacancy: int, entry: DemoVacancy) -> None:
        """The trade, its licences, the units the text names as musts, and one nice to have."""
        taxonomy = self._taxonomy
        occupation = taxonomy.occupations[entry.occupation]
        others = [
            unit
            for unit in taxonomy.units_of_occupation[entry.occupation]
            if unit not in entry.units
        ]
        nice = self._random.sample(others, min(1, len(others)))
        asked = [(occupation.title_id, ConceptKind.OCCUPATION, occupation.code, True, 2.0, None)]
        asked += [
            (taxonomy.licences[code].title_id, ConceptKind.LICENCE, code, True, 1.0, None)
            for code in occupation.licences
        ]
        asked += [
            (taxonomy.units[code].title_id, ConceptKind.UNIT, code, code in entry.units, 1.0, 2)
            for code in (*entry.units, *nice)
        ]
        for position, (text, kind, code, is_must, weight, level) in enumerate(asked):
            self._requirements.add(
                *(self._id(self._requirements), vacancy, position, text[:300], kind, code),
                Importance.MUST if is_must else Importance.NICE,
                *(weight, level),
            )

    def _add_introduction(self, vacancy: int, person: int) -> None:
        random = self._random
        introduction = self._id(self._introductions)
        way = [*WAY[: random.randrange(1, len(WAY) + 1)]]
        if random.random() < 0.3:
            way.append(IntroductionState.WITHDRAWN)
        started = self._now - timedelta(days=random.randrange(1, 200))
        times = [started + timedelta(hours=20 * place) for place in range(len(way))]
        self._introductions.add(
            *(introduction, self._public_id(), vacancy, person, way[-1]),
            *(random.choice((RoleName.EMPLOYER, RoleName.OFFICER)), round(random.random(), 4)),
            *(started, times[-1], len(way)),
        )
        before = None
        for state, at in zip(way, times, strict=True):
            self._steps.add(
                self._id(self._steps), introduction, before, state, RoleName.OFFICER, at
            )
            before = state
        if len(way) > 1 and (way[-1] in DISCLOSED or way[1] == IntroductionState.CONSENTED):
            ended = times[-1] if way[-1] in OVER else None
            self._add_consent(person, ConsentPurpose.INTRODUCTION, introduction, ended)

    def note_everything(self) -> None:
        """What the workers' engines read: everybody is new."""
        self._rules.add(
            *(
                self._id(self._rules),
                "contoh-anak",
                OffenceFamily.CHILDREN,
                int(VacancyTrait.CHILDREN),
            ),
            *("Contoh untuk pengukuran; tanpa dasar hukum", "Contoh"),
        )
        for kind in (ChangeKind.PERSON, ChangeKind.VACANCY):
            self._changes.add(kind, None)

    def accounts(self) -> Accounts:
        """Sign-ins for the driver, spread evenly over the nation."""
        chosen = {
            role: _spread(self._signing_in[role], count) for role, count in SIGNING_IN.items()
        }
        return Accounts(
            password=PASSWORD,
            pin=PIN,
            employers=chosen[RoleName.EMPLOYER],
            officers=chosen[RoleName.OFFICER],
            trainers=chosen[RoleName.TRAINER],
            people=_spread(self._signing_in[RoleName.PERSON], SIGNING_IN_PEOPLE),
        )


def _spread(found: list[str], count: int) -> list[str]:
    """`count` of them at even distances."""
    if len(found) <= count:
        return found
    return [found[place * len(found) // count] for place in range(count)]


def plain(items: Iterable, _what: str, _total: int) -> Iterator:
    """Progress that shows nothing."""
    yield from items
