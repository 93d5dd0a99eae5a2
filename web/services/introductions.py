"""Introductions: proposing, answering, disclosing. Every step is an audit event.

A step is a single conditional UPDATE on state and version, so that a step done twice does nothing
and of two people acting at once one wins and the other is told.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from models.columns import search_digest, utc_now
from models.employers import Employer, Vacancy
from models.enums import (
    ConsentPurpose,
    IntroductionState,
    RoleName,
    VacancyStatus,
    WithdrawalReason,
)
from models.introductions import Consent, Introduction, IntroductionStep
from models.people import Person, PersonIdentity
from models.transitions import DISCLOSED, OVER, next_states
from web.paging import Page
from web.permissions import Actor
from web.services import audit


class StepRefused(Exception):
    """This step may not be taken from where the introduction now stands."""


class ChangedMeanwhile(Exception):
    """Somebody else took a step on this introduction first."""


@dataclass(frozen=True, slots=True)
class IntroductionLine:
    """An introduction in a list. person_name and withdrawn_because are None for whoever may not
    know them."""

    public_id: str
    state: IntroductionState
    vacancy_id: str
    vacancy_title: str
    employer_name: str
    person_id: str | None
    person_name: str | None
    person_phone: str | None
    proposed_by: RoleName
    updated_at: datetime
    score: float | None
    message: str
    version: int
    withdrawn_by: RoleName | None
    withdrawn_because: WithdrawalReason | None


def card_reference(vacancy: Vacancy, person: Person) -> str:
    """The keyed hash by which a person is named on a card of one vacancy, and of no other."""
    return search_digest("card", f"{vacancy.public_id}:{person.public_id}")[:20]


def propose(
    session: Session,
    actor: Actor,
    vacancy: Vacancy,
    person: Person,
    score: float | None,
    message: str = "",
) -> Introduction:
    """A new introduction, or the one that stands already between the two.

    Raises StepRefused when the vacancy is not published.
    """
    status = session.exec(  # whoever closes it at this moment waits, or is waited for
        select(Vacancy.status).where(Vacancy.id == vacancy.id).with_for_update(read=True)
    ).one()
    if status != VacancyStatus.PUBLISHED:
        session.rollback()
        raise StepRefused(status)
    existing = _between(session, vacancy, person)
    if existing is not None:
        return existing
    introduction = Introduction(
        vacancy_id=vacancy.id,
        person_id=person.id,
        proposed_by=actor.role,
        proposed_by_user=actor.user_id,
        score=score,
        message=message,
    )
    session.add(introduction)
    try:
        session.flush()
    except IntegrityError:  # somebody proposed the same at the same moment
        session.rollback()
        found = _between(session, vacancy, person)
        if found is None:
            raise
        return found
    _note(session, actor, introduction, None, IntroductionState.PROPOSED, "")
    session.commit()
    return introduction


def step(
    session: Session,
    actor: Actor,
    introduction: Introduction,
    to: IntroductionState,
    reason: str = "",
    wording: str = "",
    channel: str = "web",
) -> Introduction:
    """Take an introduction to another state. Doing the same step twice does nothing.

    wording: what a person agreed to, as they saw it; needed for CONSENTED. Raises StepRefused or
    ChangedMeanwhile; nothing is then written.
    """
    if introduction.state == to:
        return introduction
    if to not in next_states(introduction.state, actor.role):
        raise StepRefused(f"{introduction.state} -> {to}")
    if to == IntroductionState.INTRODUCED and live_consent(session, introduction) is None:
        raise StepRefused("no live consent")
    before = introduction.state
    now = utc_now()
    taken = session.exec(
        update(Introduction)
        .where(
            col(Introduction.id) == introduction.id,
            col(Introduction.version) == introduction.version,
        )
        .values(state=to, version=introduction.version + 1, updated_at=now)
    )
    if taken.rowcount != 1:
        session.rollback()
        session.refresh(introduction)
        if introduction.state == to:  # the same step, taken twice at once
            return introduction
        session.rollback()
        raise ChangedMeanwhile
    if to == IntroductionState.CONSENTED:
        session.add(
            Consent(
                person_id=introduction.person_id,
                purpose=ConsentPurpose.INTRODUCTION,
                introduction_id=introduction.id,
                wording=wording,
                channel=channel,
            )
        )
    if to in OVER:
        session.exec(
            update(Consent)
            .where(
                col(Consent.introduction_id) == introduction.id,
                col(Consent.withdrawn_at).is_(None),
            )
            .values(withdrawn_at=now)
        )
    _note(session, actor, introduction, before, to, reason)
    session.commit()
    session.refresh(introduction)
    return introduction


def end_open(session: Session, actor: Actor, vacancy: Vacancy) -> int:
    """Tell everybody still on the way to a vacancy that it is filled; how many they were."""
    open_states = [
        state
        for state in IntroductionState
        if IntroductionState.FILLED in next_states(state, actor.role)
    ]
    waiting = (
        select(Introduction)
        .where(Introduction.vacancy_id == vacancy.id, col(Introduction.state).in_(open_states))
        .execution_options(populate_existing=True)
    )
    ended = 0
    while found := session.exec(waiting).all():  # again for those who moved on meanwhile
        for introduction in found:
            with suppress(ChangedMeanwhile, StepRefused):
                step(session, actor, introduction, IntroductionState.FILLED)
                ended += 1
    return ended


def live_consent(session: Session, introduction: Introduction) -> Consent | None:
    return session.exec(
        select(Consent).where(
            Consent.introduction_id == introduction.id, col(Consent.withdrawn_at).is_(None)
        )
    ).first()


def one(session: Session, actor: Actor, public_id: str) -> Introduction | None:
    """An introduction the actor has a part in, or None."""
    return session.exec(
        _visible(select(Introduction), actor).where(Introduction.public_id == public_id)
    ).first()


def page_of_lines(
    session: Session, actor: Actor, number: int, size: int
) -> tuple[list[IntroductionLine], Page]:
    """One page of the actor's introductions, the last changed first."""
    found = lines(session, actor, offset=(number - 1) * size, limit=size + 1)
    return found[:size], Page(number, has_previous=number > 1, has_next=len(found) > size)


def lines(
    session: Session,
    actor: Actor,
    person: Person | None = None,
    vacancy: Vacancy | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[IntroductionLine]:
    """The actor's introductions, the last changed first, with no more of a person than the actor
    may know: an employer learns name and phone from INTRODUCED on, while the consent lives."""
    statement = _visible(
        select(Introduction, Vacancy.public_id, Vacancy.title, Employer.name, Person.public_id),
        actor,
    ).order_by(col(Introduction.updated_at).desc(), col(Introduction.id))
    if person is not None:
        statement = statement.where(Introduction.person_id == person.id)
    if vacancy is not None:
        statement = statement.where(Introduction.vacancy_id == vacancy.id)
    rows = session.exec(statement.offset(offset).limit(limit)).all()
    identities = _identities(session, actor, [row[0] for row in rows])
    knows_people = actor.role in (RoleName.OFFICER, RoleName.PERSON)
    withdrawals = _withdrawals(session, [row[0] for row in rows])
    found = []
    for introduction, vacancy_id, title, employer, person_id in rows:
        name, phone = identities.get(introduction.id, (None, None))
        withdrawn_by, because = withdrawals.get(introduction.id, (None, None))
        found.append(
            IntroductionLine(
                public_id=introduction.public_id,
                state=IntroductionState(introduction.state),
                vacancy_id=vacancy_id,
                vacancy_title=title,
                employer_name=employer,
                person_id=person_id if knows_people else None,
                person_name=name,
                person_phone=phone,
                proposed_by=RoleName(introduction.proposed_by),
                updated_at=introduction.updated_at,
                score=introduction.score,
                message=introduction.message,
                version=introduction.version,
                withdrawn_by=withdrawn_by,
                withdrawn_because=because if knows_people else None,
            )
        )
    return found


def asked_references(
    session: Session, actor: Actor, vacancy: Vacancy
) -> dict[str, IntroductionState]:
    """Card reference -> state, for the people this employer has asked for under a vacancy."""
    rows = session.exec(
        _visible(select(Person, Introduction.state), actor)
        .where(Introduction.vacancy_id == vacancy.id)
        .where(Introduction.proposed_by == RoleName.EMPLOYER)
    )
    return {card_reference(vacancy, person): IntroductionState(state) for person, state in rows}


def _visible(statement, actor: Actor):
    """Join vacancy, employer and person to a statement over introductions; only the actor's own."""
    statement = (
        statement.select_from(Introduction)
        .join(Vacancy, col(Vacancy.id) == col(Introduction.vacancy_id))
        .join(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .join(Person, col(Person.id) == col(Introduction.person_id))
    )
    if actor.role is RoleName.EMPLOYER:
        return statement.where(Vacancy.employer_id == actor.employer_id)
    if actor.role is RoleName.OFFICER:
        return statement.where(Person.bapas_id == actor.bapas_id)
    if actor.role is RoleName.PERSON:
        return statement.where(Introduction.person_id == actor.person_id)
    return statement.where(col(Introduction.id) == -1)


def _identities(
    session: Session, actor: Actor, introductions: list[Introduction]
) -> dict[int, tuple[str, str | None]]:
    """introduction id -> (name, phone), for those the actor may know."""
    if actor.role is RoleName.EMPLOYER:
        introductions = [one for one in introductions if one.state in DISCLOSED]
        live = set(
            session.exec(
                select(Consent.introduction_id).where(
                    col(Consent.introduction_id).in_([one.id for one in introductions]),
                    col(Consent.withdrawn_at).is_(None),
                )
            )
        )
        introductions = [one for one in introductions if one.id in live]
    elif actor.role is not RoleName.OFFICER:
        return {}
    by_person = {
        identity.person_id: identity
        for identity in session.exec(
            select(PersonIdentity).where(
                col(PersonIdentity.person_id).in_([one.person_id for one in introductions])
            )
        )
    }
    return {
        one.id: (by_person[one.person_id].full_name, by_person[one.person_id].phone)
        for one in introductions
        if one.person_id in by_person
    }


def _withdrawals(
    session: Session, introductions: list[Introduction]
) -> dict[int, tuple[RoleName, WithdrawalReason | None]]:
    """introduction id -> who withdrew it and why, where that was said."""
    reasons = {reason.value: reason for reason in WithdrawalReason}
    ids = [one.id for one in introductions if one.state == IntroductionState.WITHDRAWN]
    steps = session.exec(
        select(
            IntroductionStep.introduction_id, IntroductionStep.actor_role, IntroductionStep.reason
        ).where(
            col(IntroductionStep.introduction_id).in_(ids),
            IntroductionStep.to_state == IntroductionState.WITHDRAWN,
        )
    )
    return {one: (RoleName(role), reasons.get(reason)) for one, role, reason in steps}


def _between(session: Session, vacancy: Vacancy, person: Person) -> Introduction | None:
    return session.exec(
        select(Introduction).where(
            Introduction.vacancy_id == vacancy.id, Introduction.person_id == person.id
        )
    ).first()


def _note(
    session: Session,
    actor: Actor,
    introduction: Introduction,
    before: IntroductionState | None,
    after: IntroductionState,
    reason: str,
) -> None:
    session.add(
        IntroductionStep(
            introduction_id=introduction.id,
            from_state=before,
            to_state=after,
            actor_role=actor.role,
            actor_id=actor.user_id,
            reason=reason,
        )
    )
    audit.record(
        session,
        actor,
        f"introduction.{after.value}",
        f"introduction:{introduction.public_id}",
        introduction.person_id,
    )
