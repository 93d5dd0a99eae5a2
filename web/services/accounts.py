"""Accounts: passwords, one-time codes for people, and limits on wrong attempts."""

import secrets
import string
import unicodedata
from datetime import timedelta

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password, verify_password
from flask_security.utils import login_user
from sqlmodel import Session, col, func, select, update

from models.accounts import Role, SignInAttempt, SignInCode, User
from models.columns import search_digest, utc_now
from models.employers import Employer, EmployerMember
from models.enums import RoleName
from models.people import Person, PersonIdentity
from models.regions import Bapas, Facility
from web.permissions import Actor
from web.services import audit
from web.services.uniqueness import unless_taken

LEAST_PASSWORD = 12  # characters
CODE_DAYS = 7
CODE_LENGTH = 8
ATTEMPTS_PER_ACCOUNT = 5
ATTEMPTS_PER_ADDRESS = 20
ATTEMPT_WINDOW = timedelta(minutes=15)


class TooManyAttempts(Exception):
    """Too many wrong attempts for this account or from this address; try again later."""


class EmailTaken(Exception):
    """Somebody has registered with this e-mail address already."""


class EmailMisshapen(ValueError):
    """This is no e-mail address."""


class NibTaken(Exception):
    """An employer with this NIB is registered already."""


def normal_email(email: str) -> str:
    return unicodedata.normalize("NFKC", email).strip().casefold()


def whole_email(email: str) -> str:
    """The address as mail is sent to it. Raises EmailMisshapen when it is none; whether somebody
    reads it is not asked."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise EmailMisshapen(email) from None


def normal_phone(phone: str) -> str | None:
    """An Indonesian phone number in E.164, or None when it is not one."""
    try:
        number = phonenumbers.parse(phone, "ID")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_digest(phone: str) -> str:
    return search_digest("phone", phone)


def actor_of(user: User) -> Actor:
    """On whose behalf a user acts."""
    from web.database import session  # the session of this request

    role = RoleName(user.roles[0].name)
    employer_id = person_id = None
    if role is RoleName.EMPLOYER:
        employer_id = (
            session()
            .exec(select(EmployerMember.employer_id).where(EmployerMember.user_id == user.id))
            .one()
        )
    if role is RoleName.PERSON:
        person_id = session().exec(select(Person.id).where(Person.user_id == user.id)).one()
    return Actor(
        user_id=user.id,
        role=role,
        language=user.language,
        name=user.name,
        employer_id=employer_id,
        bapas_id=user.bapas_id if role is RoleName.OFFICER else None,
        facility_id=user.facility_id if role is RoleName.TRAINER else None,
        person_id=person_id,
    )


def new_user(session: Session, role: RoleName, name: str, **fields: object) -> User:
    """A user with one role, added to the session and flushed. `password` is given in clear."""
    password = fields.pop("password", None)
    user = User(
        fs_uniquifier=secrets.token_hex(32),
        name=name,
        password=hash_password(password) if password else None,
        roles=[session.exec(select(Role).where(Role.name == role)).one()],
        **fields,
    )
    session.add(user)
    session.flush()
    return user


def new_staff(
    session: Session, role: RoleName, name: str, email: str, password: str, place: Bapas | Facility
) -> User:
    """An officer of a Bapas or a trainer of a facility. Raises EmailMisshapen or EmailTaken."""
    email = normal_email(whole_email(email))
    column = "bapas_id" if role is RoleName.OFFICER else "facility_id"
    with unless_taken(session, lambda: _refuse_taken(session, email)):
        user = new_user(session, role, name, email=email, password=password, **{column: place.id})
    audit.record(session, None, "user.added", f"user:{user.public_id}")
    session.commit()
    return user


def register_employer(
    session: Session, name: str, email: str, password: str, employer: Employer
) -> User:
    """Create an employer and its first user. Raises EmailTaken or NibTaken; nothing is then kept."""
    email, nib = normal_email(email), employer.nib
    with unless_taken(session, lambda: _refuse_taken(session, email, nib)):
        session.add(employer)
        session.flush()
        user = new_user(session, RoleName.EMPLOYER, name, email=email, password=password)
        session.add(EmployerMember(user_id=user.id, employer_id=employer.id))
    audit.record(session, None, "employer.registered", f"employer:{employer.public_id}")
    session.commit()
    return user


def _refuse_taken(session: Session, email: str, nib: str | None = None) -> None:
    if session.exec(select(User.id).where(User.email == email)).first():
        raise EmailTaken(email)
    if nib and session.exec(select(Employer.id).where(Employer.nib == nib)).first():
        raise NibTaken(nib)


def sign_in_with_password(session: Session, email: str, password: str, address: str) -> User | None:
    """The user, signed in, or None when e-mail and password do not fit.

    Raises TooManyAttempts. A wrong address costs as much time as a wrong password.
    """
    email = normal_email(email)
    keys = [search_digest("attempt account", email), search_digest("attempt address", address)]
    _refuse_if_throttled(session, keys)
    user = session.exec(select(User).where(User.email == email)).first()
    stored = user.password if user and user.password else _decoy_hash()
    fits = verify_password(password, stored) and user is not None
    if not fits or not user.active:
        _count_attempt(session, keys)
        return None
    login_user(user)
    audit.record(session, actor_of(user), "account.signed_in", f"user:{user.public_id}")
    session.commit()
    return user


_decoy: list[str] = []


def _decoy_hash() -> str:
    if not _decoy:
        _decoy.append(hash_password(secrets.token_hex(16)))
    return _decoy[0]


def issue_code(session: Session, actor: Actor, person: Person) -> str:
    """A new one-time code for a person, valid for CODE_DAYS; earlier ones end. Shown once."""
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_LENGTH))
    now = utc_now()
    session.exec(
        update(SignInCode)
        .where(col(SignInCode.person_id) == person.id, col(SignInCode.used_at).is_(None))
        .values(used_at=now)
    )
    session.add(
        SignInCode(
            person_id=person.id,
            code_hash=_code_hash(person.id, code),
            created_by=actor.user_id,
            expires_at=now + timedelta(days=CODE_DAYS),
        )
    )
    audit.record(session, actor, "code.issued", f"person:{person.public_id}", person.id)
    session.commit()
    return code


def sign_in_with_code(session: Session, phone: str, code: str, address: str) -> User | None:
    """The person's user, signed in, or None when phone number and code do not fit.

    `code` is the officer's one-time code or the PIN the person chose after it. The first sign-in
    makes the account. Raises TooManyAttempts. A number nobody has costs as much time as one that
    somebody has.
    """
    number = normal_phone(phone) or phone.strip()
    keys = [search_digest("attempt account", number), search_digest("attempt address", address)]
    _refuse_if_throttled(session, keys)
    person = session.exec(
        select(Person)
        .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
        .where(PersonIdentity.phone_digest == phone_digest(number))
    ).first()
    digits = "".join(character for character in code if character in string.digits)
    now = utc_now()
    fits_pin = _pin_fits(session, person, digits)
    used = session.exec(
        update(SignInCode)
        .where(
            col(SignInCode.person_id) == (person.id if person else -1),
            col(SignInCode.code_hash) == _code_hash(person.id if person else -1, digits),
            col(SignInCode.used_at).is_(None),
            col(SignInCode.expires_at) > now,
        )
        .values(used_at=now)
    )
    if not person or (used.rowcount != 1 and not fits_pin):
        session.rollback()
        _count_attempt(session, keys)
        return None
    user = _user_of_person(session, person)
    login_user(user)
    audit.record(session, actor_of(user), "account.signed_in", f"user:{user.public_id}", person.id)
    session.commit()
    return user


def choose_pin(session: Session, actor: Actor, pin: str) -> None:
    """Let a person sign in with a PIN of their own from now on."""
    user = session.get_one(User, actor.user_id)
    user.password = hash_password(pin)
    session.add(user)
    audit.record(session, actor, "account.pin_chosen", f"user:{user.public_id}", actor.person_id)
    session.commit()


def is_easy_pin(pin: str) -> bool:
    """Whether a PIN is among those people try first: one digit repeated, or a run."""
    runs = "01234567890123456789", "98765432109876543210"
    return len(set(pin)) == 1 or any(pin in run for run in runs)


def _pin_fits(session: Session, person: Person | None, digits: str) -> bool:
    user = session.get(User, person.user_id) if person and person.user_id else None
    stored = user.password if user and user.password else None
    return verify_password(digits, stored or _decoy_hash()) and stored is not None


def _user_of_person(session: Session, person: Person) -> User:
    if person.user_id is not None:
        return session.get_one(User, person.user_id)
    name = session.get_one(PersonIdentity, person.id).full_name
    user = new_user(session, RoleName.PERSON, name)
    person.user_id = user.id
    session.add(person)
    session.flush()
    return user


def _code_hash(person_id: int, code: str) -> str:
    return search_digest("sign-in code", f"{person_id}:{code}")


def _refuse_if_throttled(session: Session, keys: list[str]) -> None:
    since = utc_now() - ATTEMPT_WINDOW
    for key, limit in zip(keys, (ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS), strict=True):
        attempts = session.exec(
            select(func.count())
            .select_from(SignInAttempt)
            .where(SignInAttempt.key_hash == key, SignInAttempt.at > since)
        ).one()
        if attempts >= limit:
            raise TooManyAttempts


def _count_attempt(session: Session, keys: list[str]) -> None:
    session.add_all(SignInAttempt(key_hash=key) for key in keys)
    session.commit()
