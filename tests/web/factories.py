"""Rows that tests make for themselves. Every function writes, commits and returns what it made."""

from datetime import date, timedelta
from itertools import count

from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from models.accounts import User
from models.certificates import Certificate, CertificateUnit
from models.columns import search_digest
from models.employers import Employer, EmployerMember, Vacancy, VacancyRequirement
from models.enums import (
    ConceptKind,
    ConsentPurpose,
    Education,
    Hours,
    Importance,
    IntroductionState,
    Mobility,
    PersonStatus,
    RoleName,
    VacancyStatus,
    Verification,
)
from models.introductions import Consent, Introduction
from models.matching import ChangeKind, MatchingChange
from models.metadata import metadata
from models.people import Person, PersonIdentity
from models.regions import Facility
from models.taxonomy import SchemeUnit
from tests.web.conftest import Site, post
from web.services import accounts
from web.services.demo_data import EMPLOYER_EMAIL, OFFICER_EMAIL, PASSWORD, PIN, TRAINER_EMAIL

BEKASI = "32.75"
WELDER = "smaw-welder-s1"  # a scheme with the units smaw-welder.01, .02, .03 and more
WELDER_UNITS = ("smaw-welder.01", "smaw-welder.02", "smaw-welder.03")

CANARY_YEAR = 1911  # of birth in the tests of privacy: no title may carry it by chance
_numbers = (n for n in count(1) if n != CANARY_YEAR)


def number() -> int:
    """A number that no other row of this test run carries."""
    return next(_numbers)


def today() -> date:
    """The day on which the site under test thinks it is."""
    return date.today()  # noqa: DTZ011


def reading(site: Site) -> Session:
    """A database session that only reads, so that it can stand beside one that writes."""
    engine = site.app.extensions["titian_database"].execution_options(read_only=True)
    return Session(engine, expire_on_commit=False)


def user(site: Site, email: str) -> User:
    with reading(site) as session:
        return session.exec(select(User).where(User.email == email)).one()


def officer_bapas(site: Site) -> int:
    """The Bapas of the demo's officer."""
    return user(site, OFFICER_EMAIL).bapas_id


def trainer_facility(site: Site) -> Facility:
    """The facility of the demo's trainer."""
    with reading(site) as session:
        return session.get_one(Facility, user(site, TRAINER_EMAIL).facility_id)


def demo_employer(site: Site) -> Employer:
    """The employer of the demo's employer account."""
    with reading(site) as session:
        return session.exec(
            select(Employer)
            .join(EmployerMember, col(EmployerMember.employer_id) == col(Employer.id))
            .where(EmployerMember.user_id == user(site, EMPLOYER_EMAIL).id)
        ).one()


def demo_person(site: Site) -> Person:
    """The person of the demo's account with phone and PIN."""
    with reading(site) as session:
        return session.exec(select(Person).where(col(Person.user_id).is_not(None))).one()


def person(
    site: Site,
    name: str = "",
    *,
    bapas_id: int | None = None,
    facility_id: int | None = None,
    status: PersonStatus = PersonStatus.CONDITIONAL_RELEASE,
    region: str = BEKASI,
    mobility: Mobility = Mobility.ANYWHERE,
    available_in: int = -10,
    release_in: int | None = None,
    listed: bool = True,
    scheme: str = WELDER,
    certified: bool = True,
    **fields: object,
) -> Person:
    """A person who holds one verified certificate and lets the card be shown. Days from today."""
    unique = number()
    facility = trainer_facility(site)
    with site.session() as session:
        row = Person(
            status=status,
            bapas_id=bapas_id or officer_bapas(site),
            facility_id=facility_id or facility.id,
            home_region_code=region,
            available_from=today() + timedelta(days=available_in),
            expected_release=None if release_in is None else today() + timedelta(days=release_in),
            education=Education.UPPER_SECONDARY,
            mobility=mobility,
            **fields,
        )
        session.add(row)
        session.flush()
        phone, nik = f"+62841{unique:08d}", f"98{unique:014d}"
        session.add(
            PersonIdentity(
                person_id=row.id,
                full_name=name or f"Orang Uji {unique}",
                nik=nik,
                nik_digest=search_digest("nik", nik),
                phone=phone,
                phone_digest=search_digest("phone", phone),
            )
        )
        if listed:
            session.add(
                Consent(person_id=row.id, purpose=ConsentPurpose.LISTING, wording="Saya setuju.")
            )
        note_person(session, row)
        session.commit()
    if certified:
        certificate(site, row, scheme)
    return row


def certificate(
    site: Site,
    holder: Person,
    scheme: str = WELDER,
    *,
    expires_in: int = 400,
    verification: Verification = Verification.VERIFIED,
    units: tuple[str, ...] = (),
) -> Certificate:
    """A certificate of a scheme with all its units, or with those given. Days from today."""
    with site.session() as session:
        row = Certificate(
            person_id=holder.id,
            scheme_code=scheme,
            lsp_name="LSP Uji",
            number=f"UJI-{number():06d}",
            issued_on=today() - timedelta(days=100),
            expires_on=today() + timedelta(days=expires_in),
            level=2,
            verification=verification,
        )
        session.add(row)
        session.flush()
        units = units or tuple(
            session.exec(select(SchemeUnit.unit_code).where(SchemeUnit.scheme_code == scheme))
        )
        session.add_all(CertificateUnit(certificate_id=row.id, unit_code=code) for code in units)
        note_person(session, holder)
        session.commit()
        return row


def note_person(session: Session, changed: Person) -> None:
    session.add(MatchingChange(kind=ChangeKind.PERSON, subject_id=changed.id))


def phone_of(site: Site, whose: Person) -> str:
    """The phone number, as people write it."""
    with reading(site) as session:
        return f"0{session.get_one(PersonIdentity, whose.id).phone[3:]}"


def name_of(site: Site, whose: Person) -> str:
    with reading(site) as session:
        return session.get_one(PersonIdentity, whose.id).full_name


def vacancy(
    site: Site,
    *,
    employer_id: int | None = None,
    title: str = "",
    units: tuple[str, ...] = WELDER_UNITS,
    status: VacancyStatus = VacancyStatus.PUBLISHED,
    region: str | None = None,
    traits: int = 0,
    hours: Hours = Hours.DAY,
    **fields: object,
) -> Vacancy:
    """A vacancy, of the demo's employer where no other is named, that asks for some units."""
    with site.session() as session:
        row = Vacancy(
            employer_id=employer_id or demo_employer(site).id,
            title=title or f"Juru las uji {number()}",
            text="Mengelas pelat baja.\nMembaca gambar kerja.",
            occupation_code="smaw-welder",
            region_code=region,
            wage_min=4_000_000,
            wage_max=5_000_000,
            traits=traits,
            hours=int(hours),
            status=status,
            **fields,
        )
        session.add(row)
        session.flush()
        session.add_all(
            VacancyRequirement(
                vacancy_id=row.id,
                position=position,
                text=f"Bisa {code}",
                kind=ConceptKind.UNIT,
                concept_code=code,
                importance=Importance.MUST,
            )
            for position, code in enumerate(units)
        )
        session.add(MatchingChange(kind=ChangeKind.VACANCY, subject_id=row.id))
        session.commit()
        return row


def introduction(
    site: Site,
    to: Vacancy,
    whose: Person,
    state: IntroductionState = IntroductionState.PROPOSED,
    *,
    consent: bool = False,
    proposed_by: RoleName = RoleName.OFFICER,
) -> Introduction:
    """An introduction in some state, with a live consent where asked."""
    with site.session() as session:
        row = Introduction(
            vacancy_id=to.id, person_id=whose.id, state=state, proposed_by=proposed_by
        )
        session.add(row)
        session.flush()
        if consent:
            session.add(
                Consent(
                    person_id=whose.id,
                    purpose=ConsentPurpose.INTRODUCTION,
                    introduction_id=row.id,
                    wording="Saya setuju.",
                )
            )
        session.commit()
        return row


def employer(site: Site) -> tuple[Employer, str]:
    """Another employer with one user; the row and the user's e-mail. The password is the demo's."""
    email = f"usaha{number()}@uji.example"
    with site.app.app_context(), site.session() as session:
        row = Employer(name=f"Usaha Uji {number()}", region_code=BEKASI)
        accounts.register_employer(session, "Pemilik Uji", email, PASSWORD, row)
        return row, email


def staff(site: Site, role: RoleName, **place: int) -> FlaskClient:
    """A browser in which another officer (bapas_id) or trainer (facility_id) is signed in."""
    email = f"staf{number()}@uji.example"
    with site.app.app_context(), site.session() as session:
        accounts.new_user(session, role, "Staf Uji", email=email, password=PASSWORD, **place)
        session.commit()
    return site.staff(email)


def account(site: Site, whose: Person) -> FlaskClient:
    """A browser in which a person is signed in; their PIN is the demo's."""
    with site.app.app_context(), site.session() as session:
        row = accounts.new_user(session, RoleName.PERSON, "Orang Uji", password=PIN)
        stored = session.get_one(Person, whose.id)
        stored.user_id = row.id
        session.add(stored)
        session.commit()
    return site.person(phone_of(site, whose))


# The taxonomy and the places: long, and no page writes them.
REFERENCE_TABLES = {
    "alias",
    "bapas",
    "bapas_region",
    "facility",
    "licence",
    "neighbour",
    "occupation",
    "occupation_licence",
    "place_name",
    "province",
    "region",
    "scheme",
    "scheme_unit",
    "unit",
}


def contents(site: Site, with_reference: bool = False) -> dict[str, list[tuple]]:
    """Every row of every table, to compare with another time."""
    engine = site.app.extensions["titian_database"].execution_options(read_only=True)
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')),
                key=repr,
            )
            for table in metadata.sorted_tables
            if with_reference or table.name not in REFERENCE_TABLES
        }


def changed_tables(before: dict[str, list[tuple]], after: dict[str, list[tuple]]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def step(client: FlaskClient, path: str, to: IntroductionState) -> int:
    """Press the button of a step; the status of the answer."""
    return post(client, path, {"to": to.value}).status_code
