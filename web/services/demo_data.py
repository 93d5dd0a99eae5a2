"""Filling an empty database with the synthetic demo: people, employers, vacancies, accounts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sqlmodel import Session, col, func, select

from models.accounts import User
from models.certificates import Certificate, CertificateUnit, Training
from models.columns import utc_now
from models.employers import Employer, EmployerMember, Vacancy
from models.enums import (
    ConsentPurpose,
    IntroductionState,
    OffenceFamily,
    PersonStatus,
    RoleName,
    VacancyStatus,
    VacancyTrait,
)
from models.introductions import Consent
from models.matching import ChangeKind
from models.people import (
    MonthlyReport,
    Person,
    PersonIdentity,
    PersonLicence,
    PersonWish,
)
from models.records import ExclusionRule, OffenceRecord, Restriction
from models.regions import Bapas, Facility
from seed_data.demo.people import DemoPerson, synthetic_people
from seed_data.demo.vacancies import (
    DemoEmployer,
    DemoVacancy,
    synthetic_employers,
    synthetic_vacancies,
)
from web.permissions import Actor
from web.services import accounts, introductions, matching, people, vacancies
from web.services.changes import note_change

PASSWORD = "jembatan kayu 27"  # noqa: S105  (of made-up accounts that production refuses)
PIN = "274913"
EMPLOYER_EMAIL = "perusahaan@titian.example"
OFFICER_EMAIL = "petugas@titian.example"
TRAINER_EMAIL = "pelatih@titian.example"
INTRODUCED_VACANCIES = 60
PATH = (  # an introduction's way; each demo introduction goes some steps of it
    (IntroductionState.CONSENTED, RoleName.OFFICER),
    (IntroductionState.INTRODUCED, RoleName.OFFICER),
    (IntroductionState.INTERVIEW, RoleName.EMPLOYER),
    (IntroductionState.OFFERED, RoleName.EMPLOYER),
    (IntroductionState.PLACED, RoleName.EMPLOYER),
)


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One way in: audience in words, who they are, what to type."""

    audience: str
    who: str
    name: str
    secret: str


def is_loaded(session: Session) -> bool:
    return session.exec(select(Person.id).where(col(Person.is_synthetic))).first() is not None


def is_empty(session: Session) -> bool:
    """Whether nobody has put people or vacancies in yet."""
    return not (session.exec(select(Person.id)).first() or session.exec(select(Vacancy.id)).first())


@dataclass(frozen=True, slots=True)
class DemoSize:
    people: int = 2400
    employers: int = 40
    vacancies: int = 300


def load(
    session: Session,
    today: date,
    progress: Callable[[Iterable, str], Iterable] = lambda items, _what: items,
    size: DemoSize = DemoSize(),
) -> None:
    """Put the whole demo into a database that holds the reference data; commits at the end."""
    taxonomy = matching.engine().reading_state(session).taxonomy
    demo_people = synthetic_people(taxonomy, size.people, today)
    _add_people(session, demo_people, today, progress)
    demo_employers = synthetic_employers(size.employers)
    employer_ids = _add_employers(session, demo_employers)
    _add_vacancies(
        session,
        synthetic_vacancies(taxonomy, demo_employers, size.vacancies),
        employer_ids,
        progress,
    )
    session.add(
        ExclusionRule(
            code="contoh-anak",
            family=OffenceFamily.CHILDREN,
            trait=int(VacancyTrait.CHILDREN),
            legal_basis="Contoh untuk peragaan; pengelola menggantinya dengan dasar hukumnya",
            decided_by="Contoh",
        )
    )
    _add_accounts(session)
    session.commit()  # before the introductions, whose every step is a transaction of its own
    _add_introductions(session)


def _add_people(
    session: Session,
    demo: list[DemoPerson],
    today: date,
    progress: Callable[[Iterable, str], Iterable],
) -> None:
    random = Random(4)
    facilities = dict(session.exec(select(Facility.code, Facility.id)).all())
    bapas = dict(session.exec(select(Bapas.code, Bapas.id)).all())
    rows = [
        Person(
            status=entry.status,
            facility_id=facilities[entry.facility],
            bapas_id=bapas[entry.bapas],
            expected_release=entry.expected_release,
            available_from=entry.available_from,
            home_region_code=entry.region,
            education=entry.education,
            mobility=entry.mobility,
            commute_km=entry.commute_km,
            hours=entry.hours,
            least_wage=entry.least_wage,
            is_synthetic=True,
        )
        for entry in demo
    ]
    session.add_all(rows)
    session.flush()
    for person, entry in progress(list(zip(rows, demo, strict=True)), "People"):
        _add_details(session, random, person, entry, today)
    note_change(session, ChangeKind.PERSON, None)
    session.flush()


def _add_details(
    session: Session, random: Random, person: Person, entry: DemoPerson, today: date
) -> None:
    session.add(
        PersonIdentity(
            person_id=person.id,
            full_name=entry.full_name,
            gender=entry.gender,
            nik=entry.nik,
            nik_digest=people.nik_digest(entry.nik),
            phone=entry.phone,
            phone_digest=accounts.phone_digest(entry.phone),
            birth_date=entry.birth_date.isoformat(),
        )
    )
    session.add_all(PersonWish(person_id=person.id, occupation_code=code) for code in entry.wishes)
    session.add_all(
        PersonLicence(person_id=person.id, licence_code=code) for code in entry.licences
    )
    session.add(
        OffenceRecord(
            person_id=person.id,
            family=entry.offence.value,
            sentence_months=str(entry.sentence_months),
        )
    )
    if entry.restriction is not None:
        session.add(
            Restriction(
                person_id=person.id,
                kind=entry.restriction,
                legal_basis="Surat keputusan pembimbingan (contoh)",
                decided_by="Kepala Bapas (contoh)",
            )
        )
    if entry.listed:
        session.add(
            Consent(
                person_id=person.id,
                purpose=ConsentPurpose.LISTING,
                wording="Contoh: setuju tampil tanpa nama.",
                channel="paper",
            )
        )
    if entry.status not in (PersonStatus.IN_CUSTODY, PersonStatus.FREE):
        days = random.randrange(1, 29) if random.random() < 0.8 else random.randrange(32, 60)
        session.add(
            MonthlyReport(
                person_id=person.id,
                reported_on=today - timedelta(days=days),
                is_working=random.random() < 0.3,
            )
        )
    for certificate in entry.certificates:
        row = Certificate(
            person_id=person.id,
            scheme_code=certificate.scheme,
            lsp_name=certificate.lsp,
            number=certificate.number,
            issued_on=certificate.issued_on,
            expires_on=certificate.expires_on,
            level=certificate.level,
            verification=certificate.verification,
        )
        session.add(row)
        session.flush()
        session.add_all(
            CertificateUnit(certificate_id=row.id, unit_code=unit) for unit in certificate.units
        )
    session.add_all(
        Training(
            person_id=person.id,
            facility_id=person.facility_id,
            scheme_code=training.scheme,
            hours=training.hours,
            started_on=training.started_on,
            finished_on=training.finished_on,
            status=training.status,
        )
        for training in entry.trainings
    )


def _add_employers(session: Session, demo: list[DemoEmployer]) -> dict[int, int]:
    """Demo number -> row id."""
    rows = {
        entry.number: Employer(
            name=entry.name,
            region_code=entry.region,
            sector=entry.sector,
            verified_at=utc_now(),
            is_synthetic=True,
        )
        for entry in demo
    }
    session.add_all(rows.values())
    session.flush()
    return {number: row.id for number, row in rows.items()}


def _add_vacancies(
    session: Session,
    demo: list[DemoVacancy],
    employer_ids: dict[int, int],
    progress: Callable[[Iterable, str], Iterable],
) -> None:
    linker = matching.engine().linker(session)
    for entry in progress(demo, "Vacancies"):
        fields = vacancies.fields_of(entry.title, entry.text, linker.link(entry.text, entry.title))
        vacancies.create(
            session,
            None,
            employer_ids[entry.employer],
            fields,
            VacancyStatus.PUBLISHED,
            commit=False,
        )


def _add_accounts(session: Session) -> None:
    busiest = session.exec(
        select(Person.bapas_id).group_by(col(Person.bapas_id)).order_by(func.count().desc())
    ).first()
    accounts.new_user(
        session,
        RoleName.OFFICER,
        "Petugas Contoh",
        email=OFFICER_EMAIL,
        password=PASSWORD,
        bapas_id=busiest,
    )
    facility = session.exec(
        select(Person.facility_id)
        .where(Person.bapas_id == busiest)
        .group_by(col(Person.facility_id))
        .order_by(func.count().desc())
    ).first()
    accounts.new_user(
        session,
        RoleName.TRAINER,
        "Pelatih Contoh",
        email=TRAINER_EMAIL,
        password=PASSWORD,
        facility_id=facility,
    )
    employer = session.exec(
        select(Vacancy.employer_id)
        .join(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .group_by(col(Vacancy.employer_id))
        .order_by(func.count().desc(), col(Vacancy.employer_id))
    ).first()
    user = accounts.new_user(
        session, RoleName.EMPLOYER, "Perusahaan Contoh", email=EMPLOYER_EMAIL, password=PASSWORD
    )
    session.add(EmployerMember(user_id=user.id, employer_id=employer))
    person = _person_with_most_chances(session, busiest)
    user = accounts.new_user(
        session, RoleName.PERSON, people.identity(session, person).full_name, password=PIN
    )
    person.user_id = user.id
    session.add(person)


def _person_with_most_chances(session: Session, bapas_id: int | None) -> Person:
    found = session.exec(
        select(Person)
        .where(
            Person.bapas_id == bapas_id,
            Person.status == PersonStatus.CONDITIONAL_RELEASE,
        )
        .order_by(col(Person.id))
        .limit(40)
    ).all()
    return max(
        found,
        key=lambda person: sum(
            place.fit > 0.3 for place in matching.vacancies_for(session, person, 30)[1]
        ),
    )


def _add_introductions(session: Session) -> None:
    """Introductions at every stage, for the first vacancies of each employer and the demo's own."""
    random = Random(5)
    own = session.exec(
        select(Vacancy)
        .join(EmployerMember, col(EmployerMember.employer_id) == col(Vacancy.employer_id))
        .order_by(col(Vacancy.id))
        .limit(6)
    ).all()
    others = session.exec(
        select(Vacancy).order_by(col(Vacancy.id)).limit(INTRODUCED_VACANCIES)
    ).all()
    for vacancy in {row.id: row for row in [*own, *others]}.values():
        _state, ranked = matching.people_for(
            session, vacancy, matching.requirements_of(session, vacancy), 3
        )
        for place in ranked[: random.randrange(1, 3)]:
            person = session.get_one(Person, place.id)
            _walk(session, random, vacancy, person, place.score)
    user = session.exec(
        select(User).where(col(User.id).in_(select(Person.user_id).where(col(Person.user_id) > 0)))
    ).first()
    if user is not None:
        person = session.exec(select(Person).where(Person.user_id == user.id)).one()
        for place in matching.vacancies_for(session, person, 2)[1]:
            introductions.propose(
                session,
                _actor(RoleName.OFFICER, person, None),
                session.get_one(Vacancy, place.id),
                person,
                place.fit,
            )


def _walk(session: Session, random: Random, vacancy: Vacancy, person: Person, score: float) -> None:
    proposer = random.choice((RoleName.EMPLOYER, RoleName.OFFICER))
    introduction = introductions.propose(
        session, _actor(proposer, person, vacancy), vacancy, person, score
    )
    for state, role in PATH[: random.randrange(0, len(PATH) + 1)]:
        introductions.step(
            session,
            _actor(role, person, vacancy),
            introduction,
            state,
            wording="Contoh: setuju diperkenalkan.",
            channel="paper",
        )


def _actor(role: RoleName, person: Person, vacancy: Vacancy | None) -> Actor:
    """A demo actor without an account; audit events then name no user."""
    return Actor(
        user_id=None,  # type: ignore[arg-type]
        role=role,
        language="id",
        name="",
        employer_id=vacancy.employer_id if vacancy and role is RoleName.EMPLOYER else None,
        bapas_id=person.bapas_id if role is RoleName.OFFICER else None,
    )


def sign_ins(session: Session) -> list[DemoSignIn]:
    """One sign-in for each audience, as `make demo` prints them."""
    by_email = {
        user.email: user
        for user in session.exec(
            select(User).where(col(User.email).in_([EMPLOYER_EMAIL, OFFICER_EMAIL, TRAINER_EMAIL]))
        )
    }
    if len(by_email) < 3:
        return []
    employer = session.exec(
        select(Employer.name)
        .join(EmployerMember, col(EmployerMember.employer_id) == col(Employer.id))
        .where(EmployerMember.user_id == by_email[EMPLOYER_EMAIL].id)
    ).one()
    bapas = session.get_one(Bapas, by_email[OFFICER_EMAIL].bapas_id).name
    facility = session.get_one(Facility, by_email[TRAINER_EMAIL].facility_id).name
    identity = session.exec(
        select(PersonIdentity)
        .join(Person, col(Person.id) == col(PersonIdentity.person_id))
        .where(col(Person.is_synthetic), col(Person.user_id).is_not(None))
        .order_by(col(Person.id))
    ).first()
    found = [
        DemoSignIn("Employer", employer, EMPLOYER_EMAIL, PASSWORD),
        DemoSignIn("Officer", bapas, OFFICER_EMAIL, PASSWORD),
        DemoSignIn("Trainer", facility, TRAINER_EMAIL, PASSWORD),
    ]
    if identity is not None:
        found.append(
            DemoSignIn("Person", identity.full_name, f"0{(identity.phone or '')[3:]}", f"PIN {PIN}")
        )
    return found
