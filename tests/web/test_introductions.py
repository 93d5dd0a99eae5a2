"""Introductions as a service: the step machine, two at once, consent, and the trail they leave."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlmodel import Session, col, select

from models.audit import AuditEvent
from models.columns import utc_now
from models.employers import Vacancy
from models.enums import ConsentPurpose, IntroductionState, RoleName, VacancyStatus
from models.introductions import Consent, Introduction, IntroductionStep
from models.people import Person
from models.transitions import OVER, TRANSITIONS
from tests.web import factories
from tests.web.concurrency import at_once, linger
from tests.web.conftest import Site
from web.permissions import Actor
from web.services import introductions, people, vacancies
from web.services.demo_data import EMPLOYER_EMAIL, OFFICER_EMAIL, TRAINER_EMAIL
from web.services.introductions import ChangedMeanwhile, StepRefused

State = IntroductionState
KNOWN = (  # the states in which an employer may know a name
    State.INTRODUCED,
    State.INTERVIEW,
    State.OFFERED,
    State.PLACED,
    State.RETAINED_3,
    State.RETAINED_6,
    State.RETAINED_12,
)
ROLES = (RoleName.EMPLOYER, RoleName.OFFICER, RoleName.PERSON)


@contextmanager
def working_session(site: Site) -> Iterator[Session]:
    """A session within the application, as a request has it."""
    with site.app.test_request_context("/"), site.session() as session:
        yield session


def actor(site: Site, role: RoleName, person: Person | None = None) -> Actor:
    """Somebody of the demo who acts in a role; as the given person where it is one."""
    email = {
        RoleName.EMPLOYER: EMPLOYER_EMAIL,
        RoleName.OFFICER: OFFICER_EMAIL,
        RoleName.TRAINER: TRAINER_EMAIL,
    }.get(role, EMPLOYER_EMAIL)
    user = factories.user(site, email)
    return Actor(
        user_id=user.id,
        role=role,
        language="id",
        name=user.name,
        employer_id=factories.demo_employer(site).id if role is RoleName.EMPLOYER else None,
        bapas_id=user.bapas_id if role is RoleName.OFFICER else None,
        facility_id=user.facility_id if role is RoleName.TRAINER else None,
        person_id=person.id if person and role is RoleName.PERSON else None,
    )


def fresh(
    site: Site, state: IntroductionState = State.PROPOSED, *, consent: bool = False
) -> Introduction:
    return factories.introduction(
        site, factories.vacancy(site), factories.person(site), state, consent=consent
    )


def stored(site: Site, introduction: Introduction) -> Introduction:
    with site.session() as session:
        return session.get_one(Introduction, introduction.id)


def trail(site: Site, introduction: Introduction) -> tuple[list[tuple], list[tuple]]:
    """Steps as (from, to, role, user) and audit events as (action, role, user, person)."""
    with site.session() as session:
        steps = session.exec(
            select(IntroductionStep)
            .where(IntroductionStep.introduction_id == introduction.id)
            .order_by(col(IntroductionStep.id))
        ).all()
        events = session.exec(
            select(AuditEvent)
            .where(AuditEvent.subject == f"introduction:{introduction.public_id}")
            .order_by(col(AuditEvent.id))
        ).all()
    return (
        [(row.from_state, row.to_state, row.actor_role, row.actor_id) for row in steps],
        [(row.action, row.actor_role, row.actor_id, row.person_id) for row in events],
    )


def live_consents(site: Site, introduction: Introduction) -> list[Consent]:
    with site.session() as session:
        return list(
            session.exec(
                select(Consent).where(
                    Consent.introduction_id == introduction.id,
                    col(Consent.withdrawn_at).is_(None),
                )
            )
        )


def take(
    site: Site, role: RoleName, introduction: Introduction, to: IntroductionState, **more: str
) -> Introduction:
    with working_session(site) as session:
        found = session.get_one(Introduction, introduction.id)
        return introductions.step(session, actor(site, role), found, to, **more)


# The way from a proposal to a year of work


def test_a_whole_way_leaves_a_step_and_an_audit_event_for_each_part(site: Site) -> None:
    vacancy, person = factories.vacancy(site), factories.person(site)
    with working_session(site) as session:
        made = introductions.propose(
            session, actor(site, RoleName.EMPLOYER), vacancy, person, 0.75, "Kami butuh segera"
        )
    way = [
        (RoleName.PERSON, State.CONSENTED),
        (RoleName.OFFICER, State.INTRODUCED),
        (RoleName.EMPLOYER, State.INTERVIEW),
        (RoleName.EMPLOYER, State.OFFERED),
        (RoleName.PERSON, State.PLACED),
        (RoleName.OFFICER, State.RETAINED_3),
        (RoleName.EMPLOYER, State.RETAINED_6),
        (RoleName.OFFICER, State.RETAINED_12),
        (RoleName.EMPLOYER, State.ENDED),
    ]
    for role, to in way:
        assert take(site, role, made, to, wording="Saya setuju.").state == to
    steps, events = trail(site, made)
    states = [State.PROPOSED, *(to for _role, to in way)]
    roles = [RoleName.EMPLOYER, *(role for role, _to in way)]
    users = [actor(site, role).user_id for role in roles]
    assert steps == list(zip([None, *states[:-1]], states, roles, users, strict=True))
    assert events == [
        (f"introduction.{to.value}", role.value, user, person.id)
        for to, role, user in zip(states, roles, users, strict=True)
    ]
    assert stored(site, made).version == 1 + len(way)


def test_a_new_proposal_keeps_score_message_and_who_made_it(site: Site) -> None:
    vacancy, person = factories.vacancy(site), factories.person(site)
    with working_session(site) as session:
        made = introductions.propose(
            session, actor(site, RoleName.OFFICER), vacancy, person, 0.5, "Cocok sekali"
        )
    row = stored(site, made)
    assert (row.state, row.score, row.message) == (State.PROPOSED, 0.5, "Cocok sekali")
    assert row.proposed_by == RoleName.OFFICER


def test_every_step_outside_the_table_is_refused_and_writes_nothing(site: Site) -> None:
    rows = {state: fresh(site, state, consent=True) for state in State}
    actors = {role: actor(site, role) for role in (*ROLES, RoleName.TRAINER, RoleName.ADMIN)}
    before = factories.contents(site)
    taken = []
    with working_session(site) as session:
        for state, row in rows.items():
            for role, who in actors.items():
                for to in set(State) - TRANSITIONS[state].get(role, frozenset()) - {state}:
                    try:
                        introductions.step(session, who, row, to)
                    except StepRefused:
                        continue
                    taken.append((state, role, to))
    assert taken == []
    assert factories.changed_tables(before, factories.contents(site)) == set()


def test_a_step_taken_twice_does_nothing_the_second_time(site: Site) -> None:
    row = fresh(site)
    take(site, RoleName.PERSON, row, State.CONSENTED, wording="Saya setuju.")
    once = (trail(site, row), stored(site, row).version, len(live_consents(site, row)))
    take(site, RoleName.PERSON, row, State.CONSENTED, wording="Saya setuju.")
    assert (trail(site, row), stored(site, row).version, len(live_consents(site, row))) == once


# Consent


def test_consenting_keeps_the_very_words_and_the_way_they_were_shown(site: Site) -> None:
    row = fresh(site)
    take(site, RoleName.OFFICER, row, State.CONSENTED, wording="Kata demi kata.", channel="paper")
    (consent,) = live_consents(site, row)
    assert (consent.wording, consent.channel) == ("Kata demi kata.", "paper")
    assert consent.purpose == ConsentPurpose.INTRODUCTION
    assert consent.person_id == row.person_id


def test_nobody_is_introduced_without_a_live_consent(site: Site) -> None:
    row = fresh(site, State.CONSENTED)
    with pytest.raises(StepRefused):
        take(site, RoleName.OFFICER, row, State.INTRODUCED)
    assert stored(site, row).state == State.CONSENTED
    assert trail(site, row) == ([], [])


def test_a_consent_that_was_withdrawn_introduces_nobody(site: Site) -> None:
    row = fresh(site, State.CONSENTED, consent=True)
    with site.session() as session:
        (consent,) = live_consents(site, row)
        consent.withdrawn_at = utc_now()
        session.add(consent)
        session.commit()
    with pytest.raises(StepRefused):
        take(site, RoleName.OFFICER, row, State.INTRODUCED)


def test_a_consent_to_another_introduction_does_not_count(site: Site) -> None:
    person = factories.person(site)
    factories.introduction(site, factories.vacancy(site), person, State.CONSENTED, consent=True)
    other = factories.introduction(site, factories.vacancy(site), person, State.CONSENTED)
    with pytest.raises(StepRefused):
        take(site, RoleName.OFFICER, other, State.INTRODUCED)


@pytest.mark.parametrize("over", sorted(OVER))
def test_a_consent_ends_with_its_introduction(site: Site, over: IntroductionState) -> None:
    state, role = next(
        (state, role)
        for state, ways in TRANSITIONS.items()
        for role, to in ways.items()
        if over in to
    )
    row = fresh(site, state, consent=True)
    listed = factories.contents(site)["consent"]
    take(site, role, row, over)
    assert live_consents(site, row) == []
    assert len(factories.contents(site)["consent"]) == len(listed), "kept as a record"


# Two at once


def test_of_two_sessions_one_wins_and_the_other_is_told(site: Site) -> None:
    row = fresh(site)
    with working_session(site) as first, working_session(site) as second:
        seen_by_first = first.get_one(Introduction, row.id)
        first.commit()
        seen_by_second = second.get_one(Introduction, row.id)
        second.commit()
        introductions.step(
            first, actor(site, RoleName.PERSON), seen_by_first, State.CONSENTED, wording="Ya."
        )
        first.commit()
        with pytest.raises(ChangedMeanwhile):
            introductions.step(
                second, actor(site, RoleName.EMPLOYER), seen_by_second, State.WITHDRAWN
            )
    assert stored(site, row).state == State.CONSENTED
    assert [to for _from, to, _role, _user in trail(site, row)[0]] == [State.CONSENTED]
    assert len(live_consents(site, row)) == 1


@pytest.mark.parametrize("_again", range(3))
def test_of_many_at_the_same_moment_exactly_one_wins(site: Site, _again: int) -> None:
    row = fresh(site)
    ways = [
        (actor(site, RoleName.PERSON), State.CONSENTED),
        (actor(site, RoleName.PERSON), State.DECLINED_BY_PERSON),
        (actor(site, RoleName.OFFICER), State.WITHDRAWN),
        (actor(site, RoleName.EMPLOYER), State.FILLED),
    ]

    def deed(who: Actor, to: IntroductionState) -> Callable[[], IntroductionState]:
        def step() -> IntroductionState:
            with working_session(site) as session:
                seen = session.get_one(Introduction, row.id)
                session.commit()
                return introductions.step(session, who, seen, to, wording="Ya.").state

        return step

    outcomes = at_once(*(deed(who, to) for who, to in ways))
    winners = [outcome for outcome in outcomes if isinstance(outcome, IntroductionState)]
    losers = [outcome for outcome in outcomes if outcome not in winners]
    # who reads late enough may still take a step that follows the winner's
    steps, events = trail(site, row)
    assert len(steps) == len(events) == len(winners)
    assert steps[-1][1] == stored(site, row).state
    assert [before for before, *_rest in steps] == [
        State.PROPOSED,
        *(to for _from, to, *_rest in steps[:-1]),
    ], "no step was lost"
    assert all(isinstance(loser, ChangedMeanwhile | StepRefused) for loser in losers), losers
    assert stored(site, row).version == 1 + len(winners)


def test_proposing_the_same_at_the_same_moment_makes_one_introduction(site: Site) -> None:
    vacancy, person = factories.vacancy(site), factories.person(site)
    who = [actor(site, RoleName.EMPLOYER), actor(site, RoleName.OFFICER)] * 3

    def propose(proposer: Actor) -> Callable[[], str]:
        def deed() -> str:
            with working_session(site) as session:
                return introductions.propose(session, proposer, vacancy, person, 0.5).public_id

        return deed

    outcomes = at_once(*(propose(one) for one in who))
    assert len(set(outcomes)) == 1, outcomes
    with site.session() as session:
        (row,) = session.exec(
            select(Introduction).where(Introduction.vacancy_id == vacancy.id)
        ).all()
    assert [to for _from, to, *_rest in trail(site, row)[0]] == [State.PROPOSED]


def test_the_same_step_at_the_same_moment_is_taken_once_and_nobody_is_told_off(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = fresh(site)
    linger(monkeypatch, introductions, "utc_now", 0.2)

    def consent(role: RoleName) -> Callable[[], IntroductionState]:
        who = actor(site, role)

        def deed() -> IntroductionState:
            with working_session(site) as session:
                seen = session.get_one(Introduction, row.id)
                session.commit()
                return introductions.step(session, who, seen, State.CONSENTED, wording="Ya.").state

        return deed

    roles = [RoleName.PERSON, RoleName.PERSON, RoleName.OFFICER]
    assert at_once(*map(consent, roles)) == [State.CONSENTED] * len(roles)
    steps, events = trail(site, row)
    assert (len(steps), len(events)) == (1, 1)
    assert len(live_consents(site, row)) == 1
    assert stored(site, row).version == 2


def closing(site: Site, vacancy: Vacancy) -> Callable[[], int]:
    who = actor(site, RoleName.EMPLOYER)

    def deed() -> int:
        with working_session(site) as session:
            found = session.get_one(Vacancy, vacancy.id)
            vacancies.close(session, who, found)
            return introductions.end_open(session, who, found)

    return deed


def still_on_the_way(site: Site, vacancy: Vacancy) -> list[IntroductionState]:
    with site.session() as session:
        states = session.exec(
            select(Introduction.state).where(Introduction.vacancy_id == vacancy.id)
        )
        return [state for state in states if state not in OVER]


def test_nobody_is_left_on_the_way_to_a_vacancy_that_closes_while_they_are_proposed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy, person = factories.vacancy(site), factories.person(site)
    who = actor(site, RoleName.OFFICER)
    linger(monkeypatch, introductions, "_between")

    def propose() -> IntroductionState:
        with working_session(site) as session:
            found = session.get_one(Vacancy, vacancy.id)
            session.commit()
            return introductions.propose(session, who, found, person, 0.5).state

    proposed, ended = at_once(propose, closing(site, vacancy))
    assert proposed == State.PROPOSED or isinstance(proposed, StepRefused), proposed
    assert isinstance(ended, int), ended
    assert still_on_the_way(site, vacancy) == []


def test_who_moves_on_while_a_vacancy_closes_is_told_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy = factories.vacancy(site)
    rows = [factories.introduction(site, vacancy, factories.person(site)) for _ in range(3)]
    who = actor(site, RoleName.PERSON)
    linger(monkeypatch, introductions, "utc_now", 0.2)

    def consent() -> IntroductionState:
        with working_session(site) as session:
            seen = session.get_one(Introduction, rows[-1].id)
            session.commit()
            return introductions.step(session, who, seen, State.CONSENTED, wording="Ya.").state

    moved, ended = at_once(consent, closing(site, vacancy))
    assert moved == State.CONSENTED or isinstance(moved, ChangedMeanwhile | StepRefused), moved
    assert ended == len(rows)
    assert still_on_the_way(site, vacancy) == []
    assert live_consents(site, rows[-1]) == []


def test_a_consent_to_be_listed_given_twice_at_once_can_be_taken_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = factories.person(site, listed=False)
    who = actor(site, RoleName.PERSON, person)
    linger(monkeypatch, people, "listing")

    def list_them() -> None:
        with working_session(site) as session:
            found = session.get_one(Person, person.id)
            session.commit()
            people.set_listing(session, who, found, True, "Saya setuju.")

    assert at_once(list_them, list_them) == [None, None]
    with working_session(site) as session:
        found = session.get_one(Person, person.id)
        people.set_listing(session, who, found, False, "")
        assert people.listing(session, found) is None


# Proposing and closing


@pytest.mark.parametrize("status", [VacancyStatus.DRAFT, VacancyStatus.CLOSED])
def test_nobody_is_proposed_for_a_vacancy_that_is_not_published(
    site: Site, status: VacancyStatus
) -> None:
    vacancy, person = factories.vacancy(site, status=status), factories.person(site)
    with working_session(site) as session, pytest.raises(StepRefused):
        introductions.propose(session, actor(site, RoleName.OFFICER), vacancy, person, 0.5)
    with site.session() as session:
        assert not session.exec(
            select(Introduction).where(Introduction.vacancy_id == vacancy.id)
        ).all()


def test_closing_a_vacancy_ends_those_on_the_way_with_a_trail(site: Site) -> None:
    vacancy = factories.vacancy(site)
    rows = {
        state: factories.introduction(site, vacancy, factories.person(site), state, consent=True)
        for state in State
    }
    with working_session(site) as session:
        who = actor(site, RoleName.EMPLOYER)
        found = session.get_one(Vacancy, vacancy.id)
        vacancies.close(session, who, found)
        ended = introductions.end_open(session, who, found)
    on_the_way = {
        State.PROPOSED,
        State.CONSENTED,
        State.INTRODUCED,
        State.INTERVIEW,
        State.OFFERED,
    }
    assert ended == len(on_the_way)
    for state, row in rows.items():
        now = stored(site, row).state
        assert now == (State.FILLED if state in on_the_way else state)
        if state in on_the_way:
            assert trail(site, row)[0][-1][:2] == (state, State.FILLED)
            assert live_consents(site, row) == []


# Who sees what of an introduction


def test_a_trainer_and_an_admin_have_no_part_in_introductions(site: Site) -> None:
    row = fresh(site, State.INTRODUCED, consent=True)
    with working_session(site) as session:
        for role in (RoleName.TRAINER, RoleName.ADMIN):
            assert introductions.lines(session, actor(site, role)) == []
            assert introductions.one(session, actor(site, role), row.public_id) is None


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("consent", [True, False])
def test_only_a_live_consent_after_the_introduction_gives_the_employer_a_name(
    site: Site, state: IntroductionState, consent: bool
) -> None:
    row = fresh(site, state, consent=consent)
    known = consent and state in KNOWN
    with working_session(site) as session:
        (line,) = [
            line
            for line in introductions.lines(session, actor(site, RoleName.EMPLOYER))
            if line.public_id == row.public_id
        ]
    assert (line.person_name is not None, line.person_phone is not None) == (known, known)
    assert line.person_id is None, "an employer never gets the address of a person"


def test_an_employer_is_not_told_whom_an_officer_proposed_on_the_cards(site: Site) -> None:
    vacancy = factories.vacancy(site)
    asked, proposed = factories.person(site), factories.person(site)
    factories.introduction(site, vacancy, asked, proposed_by=RoleName.EMPLOYER)
    factories.introduction(site, vacancy, proposed, proposed_by=RoleName.OFFICER)
    with working_session(site) as session:
        references = introductions.asked_references(
            session, actor(site, RoleName.EMPLOYER), vacancy
        )
    assert references == {introductions.card_reference(vacancy, asked): State.PROPOSED}
