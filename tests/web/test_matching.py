"""Cards and opportunities, and the engine that every worker keeps in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from sqlmodel import Session, col, select

from matcher.eligibility import CircumstancesColumns
from matcher.people_index import PeopleIndex
from matcher.vacancy_index import LiveVacancies
from models.certificates import Certificate
from models.employers import Vacancy, VacancyRequirement
from models.enums import (
    ConceptKind,
    ConsentPurpose,
    Hours,
    Importance,
    IneligibilityReason,
    Mobility,
    OffenceFamily,
    RestrictionKind,
    VacancyStatus,
    VacancyTrait,
    Verification,
)
from models.introductions import Consent
from models.matching import ChangeKind, MatchingChange
from models.people import Person, PersonLicence, PersonWish
from models.records import OffenceRecord, Restriction
from tests.web import factories
from tests.web.conftest import Site
from web.services import cards, matching
from web.services.introductions import card_reference


@contextmanager
def reading_session(site: Site) -> Iterator[Session]:
    """A session within the application, as a page has it."""
    with site.app.test_request_context("/"), site.session() as session:
        yield session


def published(session: Session) -> list[Vacancy]:
    return list(
        session.exec(
            select(Vacancy)
            .where(Vacancy.status == VacancyStatus.PUBLISHED)
            .order_by(col(Vacancy.id))
        )
    )


# Cards


def test_the_terms_of_every_card_add_up_to_its_score(site: Site) -> None:
    factories.person(site)
    factories.vacancy(site)
    seen = 0
    with reading_session(site) as session:
        for vacancy in published(session):
            requirements = matching.requirements_of(session, vacancy)
            for card in cards.cards_for(session, vacancy, requirements):
                seen += 1
                assert sum(term.share * term.weight for term in card.terms) == pytest.approx(
                    card.score, abs=1e-9
                )
                assert sum(term.weight for term in card.terms) == pytest.approx(1)
                assert card.met == sum(term.is_met for term in card.terms)
                assert 0 < card.score <= 1
    assert seen > 100


def test_the_terms_of_every_opportunity_add_up_to_its_fit(site: Site) -> None:
    person = factories.demo_person(site)
    with reading_session(site) as session:
        found = cards.opportunities(session, person, k=20)
        assert found
        for opportunity in found:
            assert sum(term.share * term.weight for term in opportunity.terms) == pytest.approx(
                opportunity.fit, abs=1e-9
            )


def test_a_person_has_another_reference_under_every_vacancy(site: Site) -> None:
    people = [factories.person(site) for _ in range(5)]
    vacancies = [factories.vacancy(site) for _ in range(5)]
    references = {card_reference(vacancy, person) for vacancy in vacancies for person in people}
    assert len(references) == 25
    assert card_reference(vacancies[0], people[0]) in references, "and always the same there"


def test_cards_carry_the_reference_of_their_own_vacancy(site: Site) -> None:
    person = factories.person(site)
    first, second = factories.vacancy(site), factories.vacancy(site)
    with reading_session(site) as session:
        shown = [
            {card.reference for card in cards.cards_for(session, vacancy, requirements, k=500)}
            for vacancy in (first, second)
            for requirements in [matching.requirements_of(session, vacancy)]
        ]
    assert card_reference(first, person) in shown[0] - shown[1]
    assert card_reference(second, person) in shown[1] - shown[0]


def test_the_person_behind_a_card_is_found_and_nobody_behind_another(site: Site) -> None:
    person = factories.person(site)
    vacancy, other = factories.vacancy(site), factories.vacancy(site)
    with reading_session(site) as session:
        requirements = matching.requirements_of(session, vacancy)
        found, score = cards.person_behind(
            session, vacancy, requirements, card_reference(vacancy, person)
        )
        assert (found.id, score) == (person.id, 1.0)
        assert (
            cards.person_behind(session, vacancy, requirements, card_reference(other, person))
            is None
        )


def evidence_words(site: Site, person: Person) -> str:
    vacancy = factories.vacancy(site, units=("smaw-welder.01",))
    with reading_session(site) as session:
        requirements = matching.requirements_of(session, vacancy)
        found = cards.cards_for(session, vacancy, requirements, k=1000)
        card = next(card for card in found if card.reference == card_reference(vacancy, person))
        return card.terms[0].evidence


@pytest.mark.parametrize(
    ("expires_in", "verification", "words"),
    [
        (400, Verification.VERIFIED, "berlaku sampai"),
        (400, Verification.UNVERIFIED, "belum diperiksa"),
        (-400, Verification.VERIFIED, "habis"),
    ],
)
def test_a_card_says_what_the_evidence_is_worth(
    site: Site, expires_in: int, verification: Verification, words: str
) -> None:
    person = factories.person(site, certified=False)
    factories.certificate(site, person, expires_in=expires_in, verification=verification)
    assert words in evidence_words(site, person)


def test_revoked_certificates_are_not_on_the_card(site: Site) -> None:
    person = factories.person(site)
    factories.certificate(site, person, "pipe-fitter-s3", verification=Verification.REVOKED)
    with reading_session(site) as session:
        lines = cards.own_card(session, person).certificates
    assert [line.scheme for line in lines] == [
        "Sertifikasi KKNI Level II Juru Las Pelat Proses SMAW"
    ]


# Who is left out


def left_out(site: Site, person: Person, vacancy: Vacancy) -> tuple[IneligibilityReason, ...]:
    with reading_session(site) as session:
        requirements = matching.requirements_of(session, vacancy)
        _state, ranked = matching.people_for(
            session, vacancy, requirements, 5000, include_ineligible=True
        )
        (place,) = [place for place in ranked if place.id == person.id]
        shown = [card.reference for card in cards.cards_for(session, vacancy, requirements, k=5000)]
        assert (card_reference(vacancy, person) in shown) == (not place.ineligible)
        return place.ineligible


def add(site: Site, person: Person, *rows: object) -> None:
    with site.session() as session:
        session.add_all(rows)
        factories.note_person(session, person)
        session.commit()


def test_somebody_without_any_obstacle_is_not_left_out(site: Site) -> None:
    assert left_out(site, factories.person(site), factories.vacancy(site)) == ()


def test_somebody_who_is_not_listed_is_left_out(site: Site) -> None:
    person = factories.person(site, listed=False)
    assert left_out(site, person, factories.vacancy(site)) == (IneligibilityReason.NO_CONSENT,)


def test_a_lawful_exclusion_counts_for_its_trait_alone(site: Site) -> None:
    person = factories.person(site)
    add(site, person, OffenceRecord(person_id=person.id, family=OffenceFamily.CHILDREN.value))
    with_children = factories.vacancy(site, traits=int(VacancyTrait.CHILDREN))
    assert left_out(site, person, with_children) == (IneligibilityReason.EXCLUSION,)
    with_cash = factories.vacancy(site, traits=int(VacancyTrait.CASH))
    assert left_out(site, person, with_cash) == ()


@pytest.mark.parametrize(
    ("kind", "trait"),
    [
        (RestrictionKind.NO_WORK_WITH_CHILDREN, VacancyTrait.CHILDREN),
        (RestrictionKind.NO_CASH_HANDLING, VacancyTrait.CASH),
        (RestrictionKind.NO_DRIVING, VacancyTrait.PUBLIC_ROAD_DRIVING),
        (RestrictionKind.NO_WORK_WITH_MEDICINES, VacancyTrait.MEDICINES),
        (RestrictionKind.NO_WORK_IN_HOMES, VacancyTrait.PRIVATE_HOMES),
        (RestrictionKind.NO_WORK_ABROAD, VacancyTrait.ABROAD),
    ],
)
def test_a_restriction_bars_its_trait_alone(
    site: Site, kind: RestrictionKind, trait: VacancyTrait
) -> None:
    person = factories.person(site)
    add(site, person, restriction(person, kind))
    assert left_out(site, person, factories.vacancy(site, traits=int(trait))) == (
        IneligibilityReason.RESTRICTION,
    )
    others = int(~trait & sum(VacancyTrait))
    assert left_out(site, person, factories.vacancy(site, traits=others)) == ()


def restriction(person: Person, kind: RestrictionKind, **more: object) -> Restriction:
    return Restriction(
        person_id=person.id, kind=kind, legal_basis="SK Uji", decided_by="Kepala Uji", **more
    )


def test_a_restriction_against_night_work_bars_the_night_alone(site: Site) -> None:
    person = factories.person(site)
    add(site, person, restriction(person, RestrictionKind.NO_NIGHT_WORK))
    by_night = factories.vacancy(site, hours=Hours.DAY | Hours.NIGHT)
    assert left_out(site, person, by_night) == (IneligibilityReason.HOURS,)
    assert left_out(site, person, factories.vacancy(site, hours=Hours.DAY | Hours.WEEKEND)) == ()


@pytest.mark.parametrize(
    ("kind", "here", "near", "far"),
    [
        (RestrictionKind.STAY_IN_REGION, True, False, False),
        (RestrictionKind.STAY_IN_PROVINCE, True, True, False),
    ],
)
def test_a_restriction_on_the_place_bars_what_lies_outside(
    site: Site, kind: RestrictionKind, here: bool, near: bool, far: bool
) -> None:
    person = factories.person(site, region="32.75", mobility=Mobility.ANYWHERE)
    add(site, person, restriction(person, kind))
    for region, may in (("32.75", here), ("32.73", near), ("81.72", far)):
        barred = left_out(site, person, factories.vacancy(site, region=region))
        assert barred == (() if may else (IneligibilityReason.RESTRICTION,)), region


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (30, True)])
def test_a_restriction_counts_until_its_last_day(site: Site, days: int, counts: bool) -> None:
    person = factories.person(site)
    until = factories.today() + timedelta(days=days)
    add(site, person, restriction(person, RestrictionKind.NO_DRIVING, until=until))
    driving = factories.vacancy(site, traits=int(VacancyTrait.PUBLIC_ROAD_DRIVING))
    assert bool(left_out(site, person, driving)) == counts


@pytest.mark.parametrize(("days", "holds"), [(None, True), (0, True), (-1, False)])
def test_a_required_licence_is_a_condition_until_it_runs_out(
    site: Site, days: int | None, holds: bool
) -> None:
    person = factories.person(site)
    expires_on = None if days is None else factories.today() + timedelta(days=days)
    add(
        site,
        person,
        PersonLicence(person_id=person.id, licence_code="SIM-A", expires_on=expires_on),
    )
    vacancy = factories.vacancy(site)
    with site.session() as session:
        session.add(
            VacancyRequirement(
                vacancy_id=vacancy.id,
                position=9,
                text="Punya SIM A",
                kind=ConceptKind.LICENCE,
                concept_code="SIM-A",
                importance=Importance.MUST,
            )
        )
        session.add(MatchingChange(kind=ChangeKind.VACANCY, subject_id=vacancy.id))
        session.commit()
    assert left_out(site, person, vacancy) == (() if holds else (IneligibilityReason.LICENCE,))


def test_looking_at_vacancies_needs_no_consent(site: Site) -> None:
    vacancy = factories.vacancy(site)
    person = factories.person(site, listed=False)
    with reading_session(site) as session:
        opportunity = cards.opportunity(session, person, vacancy)
    assert opportunity.ineligible == ()
    assert opportunity.fit == 1.0


def test_a_vacancy_past_its_closing_day_is_no_opportunity(site: Site) -> None:
    person = factories.person(site)
    today = factories.today()
    open_today = factories.vacancy(site, closes_on=today)
    over = factories.vacancy(site, closes_on=today - timedelta(days=1))
    with reading_session(site) as session:
        assert cards.opportunity(session, person, open_today) is not None
        assert cards.opportunity(session, person, over) is None


def test_a_wished_trade_is_worth_more(site: Site) -> None:
    person, vacancy = factories.person(site), factories.vacancy(site)
    add(site, person, PersonWish(person_id=person.id, occupation_code="baker"))

    def worth() -> float:
        with reading_session(site) as session:
            return cards.opportunity(session, person, vacancy).worth

    before = worth()
    add(site, person, PersonWish(person_id=person.id, occupation_code="smaw-welder"))
    assert worth() > before


# The engine in memory


def assert_same_people(refreshed: PeopleIndex, fresh: PeopleIndex) -> None:
    assert refreshed.ids.tolist() == fresh.ids.tolist()
    for column in fields(CircumstancesColumns):
        np.testing.assert_array_equal(
            getattr(refreshed.circumstances, column.name),
            getattr(fresh.circumstances, column.name),
            err_msg=column.name,
        )
        assert (
            getattr(refreshed.circumstances, column.name).dtype
            == getattr(fresh.circumstances, column.name).dtype
        )
    for row in range(len(fresh)):
        for ours, theirs in zip(refreshed.held(row), fresh.held(row), strict=True):
            np.testing.assert_array_equal(ours, theirs, err_msg=f"person {fresh.ids[row]}")


def assert_same_vacancies(refreshed: LiveVacancies, fresh: LiveVacancies) -> None:
    ours, theirs = (
        [
            (entry.id, entry.query.key, entry.query.conditions, entry.occupation, entry.wage)
            for entry in index.vacancies
        ]
        for index in (refreshed, fresh)
    )
    assert ours == theirs
    for one, other in zip(refreshed.vacancies, fresh.vacancies, strict=True):
        assert len(one.query.requirements) == len(other.query.requirements)
        for ask, same in zip(one.query.requirements, other.query.requirements, strict=True):
            assert (ask.weight, ask.least_level) == (same.weight, same.least_level)
            np.testing.assert_array_equal(ask.affinity.concepts, same.affinity.concepts)
            np.testing.assert_array_equal(ask.affinity.values, same.affinity.values)


def random_change(site: Site, random: Random) -> None:
    """One of the things that happen to people and vacancies, written as services write it."""
    with site.session() as session:
        people = session.exec(select(Person).order_by(col(Person.id))).all()
        who = random.choice(people)
        certificates = session.exec(
            select(Certificate).where(Certificate.person_id == who.id)
        ).all()
        listings = session.exec(
            select(Consent).where(
                Consent.person_id == who.id, Consent.purpose == ConsentPurpose.LISTING
            )
        ).all()
        vacancies = session.exec(select(Vacancy).order_by(col(Vacancy.id))).all()
        kind = random.randrange(8)
        if kind == 0:
            for certificate in certificates:
                certificate.verification = random.choice(list(Verification))
        elif kind == 1:
            for certificate in certificates:
                certificate.expires_on += timedelta(days=random.randrange(-900, 300))
        elif kind == 2:
            session.add(restriction(who, random.choice(list(RestrictionKind))))
        elif kind == 3:
            for listing in listings:
                session.delete(listing)
        elif kind == 4:
            session.add(
                Consent(person_id=who.id, purpose=ConsentPurpose.LISTING, wording="Setuju.")
            )
        elif kind == 5:
            who.hours = random.randrange(1, 16)
            who.mobility = random.choice(list(Mobility))
            who.commute_km = random.randrange(500)
        elif kind == 6:
            vacancy = random.choice(vacancies)
            vacancy.status = random.choice(list(VacancyStatus))
            vacancy.wage_max = random.randrange(1_000_000, 9_000_000)
            session.add(MatchingChange(kind=ChangeKind.VACANCY, subject_id=vacancy.id))
        else:
            session.add(MatchingChange(kind=ChangeKind.PERSON, subject_id=None))
        factories.note_person(session, who)
        session.commit()


def new_engine(site: Site) -> matching.Engine:
    settings = site.app.config["SETTINGS"]
    return matching.Engine(settings.encoder, settings.home / "cache")


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3, 4))])
def test_an_engine_that_followed_every_change_equals_one_that_starts_afresh(
    site: Site, seed: int
) -> None:
    random = Random(seed)
    following, fresh = new_engine(site), new_engine(site)
    with reading_session(site) as session:
        following.state(session)
    for _ in range(30):
        if random.random() < 0.2:
            factories.person(site, listed=random.random() < 0.5)
        random_change(site, random)
        if random.random() < 0.5:
            with reading_session(site) as session:
                following.state(session)
    with reading_session(site) as session:
        followed, started = following.state(session), fresh.state(session)
    assert followed.change == started.change
    assert_same_people(followed.people.merged(), started.people.merged())
    assert_same_vacancies(followed.vacancies, started.vacancies)


def test_an_engine_at_rest_is_not_built_again(site: Site) -> None:
    with reading_session(site) as session:
        first = matching.engine().state(session)
        assert matching.engine().state(session) is first


def test_people_who_are_gone_leave_the_index(site: Site) -> None:
    person = factories.person(site, listed=False, certified=False)
    with reading_session(site) as session:
        assert matching.engine().state(session).people.held_by(person.id) is not None
    with site.session() as session:
        for table in ("person_identity", "person"):
            key = "id" if table == "person" else "person_id"
            session.connection().exec_driver_sql(f"DELETE FROM {table} WHERE {key} = {person.id}")
        factories.note_person(session, person)
        session.commit()
    with reading_session(site) as session:
        assert matching.engine().state(session).people.held_by(person.id) is None


def test_on_the_day_after_its_last_a_certificate_counts_less(site: Site) -> None:
    person = factories.person(site, certified=False)
    factories.certificate(site, person, expires_in=0)
    engine = new_engine(site)

    def strengths(days: int) -> set[int]:
        with reading_session(site) as session:
            state = engine.state(session, factories.today() + timedelta(days=days))
            _concepts, found, _levels = state.people.held_by(person.id)
            return set(found.tolist())

    assert strengths(0) == {1000}
    assert max(strengths(1)) < 1000
    assert strengths(0) == {1000}
