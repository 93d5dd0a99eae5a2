"""Ranking on another engine gives what this process gives, and the engine follows the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from sqlmodel import Session, col, select

from matcher.eligibility import day_number
from matcher.ranking import Query, Ranked
from matcher.retrieval import Mark, Retrieval
from models.certificates import Certificate
from models.employers import Vacancy
from models.enums import ConsentPurpose, Mobility, VacancyStatus, Verification
from models.introductions import Consent
from models.matching import ChangeKind, MatchingChange
from models.people import Person
from tests.web import factories
from tests.web.cli.commands import in_process
from tests.web.conftest import Site
from web.services import matching, retrieval
from web.services.retrieval import SyncReport


@pytest.fixture(scope="module", autouse=True)
def _people_on_milvus(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Milvus Lite for the site of the module."""
    with using(site, str(tmp_path_factory.mktemp("milvus") / "people.db")):
        yield


@pytest.fixture(autouse=True)
def engine(site: Site, _people_on_milvus: None) -> Retrieval:
    """That Milvus Lite, in step with the database as each test begins."""
    synced(site)
    with page(site) as (_session, state):
        return remote(site).engine(state.taxonomy, state.geography)


@contextmanager
def using(site: Site, uri: str) -> Iterator[None]:
    """The site's application with its people on Milvus."""
    settings = site.app.config["SETTINGS"]
    site.app.config["SETTINGS"] = settings.model_copy(
        update={"retrieval": "milvus", "milvus_uri": uri}
    )
    retrieval.init_app(site.app)
    yield
    site.app.config["SETTINGS"] = settings
    retrieval.init_app(site.app)


def remote(site: Site) -> retrieval.Remote:
    return site.app.extensions["titian_retrieval"]


@contextmanager
def page(site: Site) -> Iterator[tuple[Session, matching.State]]:
    """A session within the application and the state of its engine."""
    with site.app.test_request_context("/"), factories.reading(site) as session:
        yield session, matching.engine().state(session)


def synced(site: Site, days: int = 0, full: bool = False) -> SyncReport:
    """Bring the engine in step as of a day from today."""
    with page(site) as (session, _state):
        state = matching.engine().state(session, factories.today() + timedelta(days=days))
        engine = remote(site).engine(state.taxonomy, state.geography)
        return retrieval.sync(session, state, engine, full)


def published(session: Session, state: matching.State) -> list[Query]:
    vacancies = session.exec(
        select(Vacancy).where(Vacancy.status == VacancyStatus.PUBLISHED).order_by(col(Vacancy.id))
    ).all()
    return [
        matching.query_of(state, vacancy, matching.requirements_of(session, vacancy))
        for vacancy in vacancies
    ]


def here(session: Session, state: matching.State, query: Query, k: int = 50) -> list[Ranked]:
    """What this process ranks."""
    day = day_number(state.day)
    return retrieval.ranking.rank_people(state.people, query, state.geography, day, k)


def there(site: Site, session: Session, state: matching.State, query: Query, k: int = 50):
    """What the engine's candidates give, or None where this process must rank."""
    day = day_number(state.day)
    return retrieval._ranked_remotely(session, state, remote(site), query, k, day)


def assert_same_everywhere(site: Site) -> int:
    found = 0
    with page(site) as (session, state):
        for query in published(session, state):
            ranked = there(site, session, state, query)
            assert ranked == here(session, state, query)
            assert ranked == retrieval.rank_people(session, state, query)
            found += len(ranked)
    return found


def withdraw(site: Site, person: Person) -> None:
    with site.session() as session:
        for consent in session.exec(select(Consent).where(Consent.person_id == person.id)):
            session.delete(consent)
        factories.note_person(session, person)
        session.commit()


def ids_there(engine: Retrieval) -> set[int]:
    return set(engine.stored()[0].tolist())


def test_every_published_vacancy_is_ranked_as_in_this_process(site: Site) -> None:
    assert assert_same_everywhere(site) > 100


def test_only_people_who_are_listed_and_hold_something_are_sent(
    site: Site, engine: Retrieval
) -> None:
    shown = factories.person(site)
    hidden = factories.person(site, listed=False)
    bare = factories.person(site, certified=False)
    synced(site)
    assert shown.id in ids_there(engine)
    assert not {hidden.id, bare.id} & ids_there(engine)
    with page(site) as (_session, state):
        assert ids_there(engine) == set(retrieval.listed_people(state).ids.tolist())


def test_a_withdrawn_consent_counts_on_the_next_request(site: Site, engine: Retrieval) -> None:
    person = factories.person(site)
    vacancy = factories.vacancy(site)
    synced(site)

    def is_shown() -> bool:
        with page(site) as (session, state):
            query = matching.query_of(state, vacancy, matching.requirements_of(session, vacancy))
            return person.id in {place.id for place in there(site, session, state, query, 1000)}

    assert is_shown()
    withdraw(site, person)
    assert person.id in ids_there(engine), "the engine does not know yet"
    assert not is_shown()
    assert synced(site).removed == 1
    assert person.id not in ids_there(engine)
    assert not is_shown()


def test_a_new_person_is_ranked_before_the_engine_knows(site: Site, engine: Retrieval) -> None:
    person = factories.person(site)
    assert person.id not in ids_there(engine)
    assert_same_everywhere(site)
    vacancy = factories.vacancy(site)
    with page(site) as (session, state):
        query = matching.query_of(state, vacancy, matching.requirements_of(session, vacancy))
        assert person.id in {place.id for place in there(site, session, state, query, 1000)}


def random_change(site: Site, random: Random) -> None:
    """One of the things that happen to a person, written as services write it."""
    with site.session() as session:
        who = random.choice(session.exec(select(Person).order_by(col(Person.id))).all())
        kind = random.randrange(4)
        if kind == 0:
            for row in session.exec(select(Certificate).where(Certificate.person_id == who.id)):
                row.verification = random.choice(list(Verification))
                row.expires_on += timedelta(days=random.randrange(-900, 300))
        elif kind == 1:
            who.hours, who.commute_km = random.randrange(1, 16), random.randrange(500)
            who.mobility = random.choice(list(Mobility))
        elif kind == 2:
            session.add(
                Consent(person_id=who.id, purpose=ConsentPurpose.LISTING, wording="Setuju.")
            )
        else:
            for row in session.exec(
                select(Consent).where(
                    Consent.person_id == who.id, Consent.purpose == ConsentPurpose.LISTING
                )
            ):
                session.delete(row)
        factories.note_person(session, who)
        session.commit()


def test_an_engine_that_followed_every_change_equals_one_that_is_compared(site: Site) -> None:
    random = Random(2)
    for _ in range(25):
        random_change(site, random)
        if random.random() < 0.3:
            assert not synced(site).full
            assert_same_everywhere(site)
    assert_same_everywhere(site)
    assert not synced(site).full
    report = synced(site, full=True)
    assert (report.full, report.upserted, report.removed) == (True, 0, 0)


def test_an_engine_in_step_is_sent_nothing(site: Site) -> None:
    synced(site)
    report = synced(site)
    assert (report.full, report.upserted, report.removed) == (False, 0, 0)


def test_the_day_after_only_those_whose_evidence_changed_are_sent_again(
    site: Site, engine: Retrieval
) -> None:
    person = factories.person(site, certified=False)
    factories.certificate(site, person, expires_in=0)
    synced(site)
    with page(site) as (session, _today):
        state = matching.engine().state(session, factories.today() + timedelta(days=1))
        query = published(session, state)[0]
        assert there(site, session, state, query) is None, "yesterday's evidence proves nothing"
        assert retrieval.rank_people(session, state, query) == here(session, state, query)
    report = synced(site, days=1)
    assert report.full
    assert 1 <= report.upserted < len(ids_there(engine)) / 2
    with page(site) as (session, _today):
        state = matching.engine().state(session, factories.today() + timedelta(days=1))
        assert there(site, session, state, query) == here(session, state, query)


def test_a_change_of_everybody_is_ranked_here_until_all_are_compared(site: Site) -> None:
    with site.session() as session:
        session.add(MatchingChange(kind=ChangeKind.PERSON, subject_id=None))
        session.commit()
    with page(site) as (session, state):
        query = published(session, state)[0]
        assert there(site, session, state, query) is None
    assert synced(site).full
    assert_same_everywhere(site)


def test_changes_that_are_no_longer_kept_are_not_trusted(site: Site, engine: Retrieval) -> None:
    with page(site) as (session, state):
        mark = engine.mark()
        oldest = session.exec(select(MatchingChange.id).order_by(col(MatchingChange.id))).first()
        gap = Mark(oldest - 2, mark.day, mark.digest)
        assert retrieval.changed_since(session, gap, state) is None
        assert retrieval.changed_since(session, mark, state) is not None


def test_another_taxonomy_is_not_taken_for_this_one(site: Site, engine: Retrieval) -> None:
    with page(site) as (session, state):
        mark = engine.mark()
        other = Mark(mark.change, mark.day, "another")
        assert retrieval.changed_since(session, other, state) is None


def test_an_engine_that_does_not_answer_is_left_alone_and_this_process_ranks(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opened = []
    real = retrieval.open_engine
    monkeypatch.setattr(
        retrieval, "open_engine", lambda *given: opened.append(given) or real(*given)
    )
    with using(site, "http://titian:rahasia@127.0.0.1:1"), page(site) as (session, state):
        for query in published(session, state):
            assert retrieval.rank_people(session, state, query) == here(session, state, query)
    assert len(opened) == 1
    assert "people are ranked in this process: Milvus at 127.0.0.1:1" in caplog.text
    assert "rahasia" not in caplog.text


def test_questions_about_some_people_or_the_left_out_are_answered_here(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval, "_ranked_remotely", None)  # calling it would fail
    with page(site) as (session, state):
        query = published(session, state)[0]
        retrieval.rank_people(session, state, query, include_ineligible=True)
        retrieval.rank_people(session, state, query, only=np.array([1, 2]))


# The command


def test_the_command_sends_what_changed_and_says_so(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TITIAN_RETRIEVAL", "milvus")
    monkeypatch.setenv("TITIAN_MILVUS_URI", str(tmp_path / "command.db"))
    first = in_process(site, monkeypatch, capsys, "retrieval", "sync")
    again = in_process(site, monkeypatch, capsys, "retrieval", "sync")
    status = in_process(site, monkeypatch, capsys, "retrieval", "status")
    assert (first.code, again.code, status.code) == (0, 0, 0), first.err + again.err + status.err
    assert int(first.out.split()[0]) > 100
    assert again.out.startswith("0 people sent, 0 taken out; in step up to change")
    lines = dict(line.split("  ", 1) for line in status.out.splitlines())
    assert lines["people on the engine"].strip() == lines["listed with evidence"].strip()
    assert status.out.rstrip().endswith("people to send        0")


def test_the_command_says_what_is_missing(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = in_process(site, monkeypatch, capsys, "retrieval", "sync")
    assert "set TITIAN_RETRIEVAL=milvus first" in refused.complaint
    monkeypatch.setenv("TITIAN_RETRIEVAL", "milvus")
    monkeypatch.setenv("TITIAN_MILVUS_URI", "http://127.0.0.1:1")
    down = in_process(site, monkeypatch, capsys, "retrieval", "sync")
    assert down.complaint.startswith("titian: Milvus at 127.0.0.1:1: ")
