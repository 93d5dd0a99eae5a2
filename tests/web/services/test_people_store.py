"""The snapshot of people beside its database: followed, lost, damaged, shared by processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlmodel import Session, select

from matcher.embeddings import TaxonomyEmbeddings
from matcher.snapshot import read_notes, read_snapshot, write_snapshot
from matcher.taxonomy import Taxonomy
from models.certificates import Certificate
from models.enums import ConsentPurpose, Verification
from models.introductions import Consent
from models.people import Person
from tests.conftest import ROOT, TEST_KEY
from tests.web import factories
from tests.web.conftest import CACHE, Site
from tests.web.test_matching import assert_same_people, random_change, reading_session
from web.services import matching, people_store
from web.services.evidence import evidence_of
from web.services.people_store import LICENCE_LEVEL, PeopleStore


@pytest.fixture(scope="module")
def kept() -> dict:
    return {}


@pytest.fixture(autouse=True)
def taxonomy_is_read_once(site: Site, kept: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same for every engine here, and reading it takes most of an engine's start."""
    load, open_embeddings = matching.taxonomies.load, TaxonomyEmbeddings.open

    def loaded(session: Session) -> Taxonomy:
        if (site.app, "taxonomy") not in kept:
            kept[site.app, "taxonomy"] = load(session)
        return kept[site.app, "taxonomy"]

    def opened(taxonomy: Taxonomy, *rest: object) -> TaxonomyEmbeddings:
        if taxonomy.digest not in kept:
            kept[taxonomy.digest] = open_embeddings(taxonomy, *rest)
        return kept[taxonomy.digest]

    monkeypatch.setattr(matching.taxonomies, "load", loaded)
    monkeypatch.setattr(TaxonomyEmbeddings, "open", opened)


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handle a demo's few hundred people as if they were hundreds of thousands."""
    monkeypatch.setattr(people_store, "SNAPSHOT_FROM", 50)
    monkeypatch.setattr(matching, "SNAPSHOT_FROM", 50)
    monkeypatch.setattr("matcher.people_index.PATCH_UNTIL", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home of its own with the shared embeddings."""
    (tmp_path / "cache").symlink_to(CACHE)
    return tmp_path


def engine_over(folder: Path) -> matching.Engine:
    return matching.Engine("builtin", folder / "cache")


def plain_state(site: Site, folder: Path) -> matching.State:
    """What the database says, read without any snapshot."""
    with reading_session(site) as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(people_store, "SNAPSHOT_FROM", 10**9)
        engine = engine_over(folder)
        engine.store = PeopleStore(folder / "nowhere")
        return engine.state(session)


def assert_up_to_date(site: Site, folder: Path, engine: matching.Engine) -> None:
    expected = plain_state(site, folder)
    with reading_session(site) as session:
        state = engine.state(session)
    assert state.change == expected.change
    assert_same_people(state.people.merged(), expected.people.merged())


def test_everybody_is_read_as_each_one_is_explained(site: Site, folder: Path) -> None:
    state = plain_state(site, folder)
    with reading_session(site) as session:
        ids = list(session.exec(select(Person.id)))
        explained = evidence_of(session, state.taxonomy, state.day, ids)
    licences = {state.taxonomy.concept_number[code] for code in state.taxonomy.licences}
    seen = 0
    for person in ids:
        columns = zip(*(column.tolist() for column in state.people.held_by(person)), strict=True)
        held = {concept: (strength, level) for concept, strength, level in columns}
        expected = {
            state.taxonomy.concept_number[unit]: (best.strength, best.level)
            for unit, best in explained.get(person, {}).items()
        }
        assert {each: held[each] for each in held if each not in licences} == expected
        assert all(held[each] == (1000, LICENCE_LEVEL) for each in held.keys() & licences)
        seen += len(expected)
    assert seen > 500


# Following


def test_the_next_process_starts_from_the_snapshot(site: Site, folder: Path, few_are_many) -> None:
    with reading_session(site) as session:
        engine_over(folder).state(session)
    assert read_notes(folder / "index" / "people.snapshot")["people"] > 50
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PeopleStore, "build", lambda *_: pytest.fail("read from the database again"))
        with reading_session(site) as session:
            engine_over(folder).state(session)


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3, 4))])
def test_changes_beside_a_snapshot_are_followed(
    site: Site, folder: Path, few_are_many, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    asked = []
    monkeypatch.setattr(matching, "REBUILD_FROM", 6)
    monkeypatch.setattr(PeopleStore, "request_rebuild", lambda _store: asked.append(1))
    random = Random(seed)
    engine = engine_over(folder)
    with reading_session(site) as session:
        engine.state(session)
    for step in range(30):
        random_change(site, random)
        if random.random() < 0.6:
            with reading_session(site) as session:
                engine.state(session)
        if step % 10 == 9:
            assert_up_to_date(site, folder, engine)
            with reading_session(site) as session:  # as the process asked for would do
                engine.rebuild(session, factories.today())
    assert asked
    assert_up_to_date(site, folder, engine)


def test_a_rebuilt_snapshot_is_taken_over(
    site: Site, folder: Path, few_are_many, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "REBUILD_FROM", 2)
    monkeypatch.setattr(people_store, "NEW_ENOUGH", 0)
    monkeypatch.setattr(PeopleStore, "request_rebuild", lambda _store: None)
    engine = engine_over(folder)
    with reading_session(site) as session:
        engine.state(session)
    for _ in range(4):
        factories.person(site)
    with reading_session(site) as session:
        assert engine.state(session).people.changes == 4
        assert engine.rebuild(session, factories.today())
    factories.person(site)
    with reading_session(site) as session:
        assert engine.state(session).people.changes == 1
    assert_up_to_date(site, folder, engine)


def test_on_a_new_day_yesterday_serves_until_another_process_has_read_today(
    site: Site, folder: Path, few_are_many, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(PeopleStore, "request_rebuild", lambda _store: asked.append(1))
    monkeypatch.setattr(matching, "LOOK_SECONDS", 0)
    engine = engine_over(folder)
    today, tomorrow = factories.today(), factories.today() + timedelta(days=1)
    with reading_session(site) as session:
        engine.state(session, today)
        assert engine.state(session, tomorrow).day == today
        assert asked
    person = factories.person(site)
    with reading_session(site) as session:
        assert engine.state(session, tomorrow).people.held_by(person.id) is not None
        assert engine.rebuild(session, tomorrow)
        state = engine.state(session, tomorrow)
    assert state.day == tomorrow
    assert state.people.held_by(person.id) is not None


def test_a_worker_whose_rebuild_never_comes_reads_the_new_day_itself(
    site: Site, folder: Path, few_are_many, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PeopleStore, "request_rebuild", lambda _store: None)
    monkeypatch.setattr(matching, "LOOK_SECONDS", 0)
    monkeypatch.setattr(matching, "PATIENCE_SECONDS", 0)
    engine = engine_over(folder)
    tomorrow = factories.today() + timedelta(days=1)
    with reading_session(site) as session:
        engine.state(session)
        days = [engine.state(session, tomorrow).day for _ in range(2)]
    assert days == [factories.today(), tomorrow]


def withdraw(session: Session, person: Person) -> None:
    for consent in session.exec(
        select(Consent).where(
            Consent.person_id == person.id, Consent.purpose == ConsentPurpose.LISTING
        )
    ):
        session.delete(consent)


def revoke(session: Session, person: Person) -> None:
    for certificate in session.exec(select(Certificate).where(Certificate.person_id == person.id)):
        certificate.verification = Verification.REVOKED


@pytest.mark.parametrize("act", [withdraw, revoke])
def test_who_withdraws_or_loses_the_certificate_is_gone_at_the_next_request(
    site: Site, folder: Path, few_are_many, act
) -> None:
    person, vacancy = factories.person(site), factories.vacancy(site)
    engine = engine_over(folder)

    def found() -> set[int]:
        with reading_session(site) as session, pytest.MonkeyPatch.context() as patch:
            patch.setattr(matching, "engine", lambda: engine)
            requirements = matching.requirements_of(session, vacancy)
            return {each.id for each in matching.people_for(session, vacancy, requirements, 500)[1]}

    assert person.id in found()
    with site.session() as session:
        act(session, person)
        factories.note_person(session, person)
        session.commit()
    assert person.id not in found()


# Lost and damaged


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(1000)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def age(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[7:8] = b"0"  # the version of the format
    path.write_bytes(content)


def note(**other: object):
    def change(path: Path) -> None:
        snapshot = read_snapshot(path)
        # people of another world: everybody holds something else
        arrays = snapshot.arrays | {"held_concepts": snapshot.arrays["held_concepts"] * 0}
        write_snapshot(path, snapshot.notes | other, arrays)

    return change


@pytest.mark.parametrize(
    "damage",
    [
        remove,
        cut,
        flip,
        age,
        note(taxonomy="other"),
        note(regions="other"),
        note(day="2001-01-01"),
        note(change=10**9),
        note(change=1),
        note(change="x"),
        note(change_at="2001-01-01T00:00:00+00:00"),
    ],
    ids=[
        "gone",
        "cut",
        "flipped",
        "older",
        "taxonomy",
        "regions",
        "day",
        "future",
        "past",
        "no-number",
        "other-database",
    ],
)
def test_a_snapshot_that_does_not_serve_is_made_anew(
    site: Site, folder: Path, few_are_many, damage
) -> None:
    serving = engine_over(folder)
    with reading_session(site) as session:
        serving.state(session)
    path = folder / "index" / "people.snapshot"
    damage(path)
    starting = engine_over(folder)
    assert_up_to_date(site, folder, starting)
    assert_up_to_date(site, folder, serving)  # whoever had it goes on
    with reading_session(site) as session:
        assert starting.store.load(session, starting.state(session).source) is not None


def test_where_nothing_can_be_written_people_are_ranked_all_the_same(
    site: Site, folder: Path, few_are_many, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(people_store, "write_snapshot", full)
    assert_up_to_date(site, folder, engine_over(folder))


# Several processes

WORKER = """
import json, sys
from datetime import date
import matcher.people_index
from web.services import matching, people_store
people_store.SNAPSHOT_FROM = matching.SNAPSHOT_FROM = 50
matcher.people_index.PATCH_UNTIL = 0
from models.employers import Vacancy
from tests.web.conftest import settings_for
from pathlib import Path
from web import database
from web.app import create_app
url, home = sys.argv[1], Path(sys.argv[2])
app = create_app(settings_for(url, home))
for line in sys.stdin:
    with app.app_context():
        database.only_read()
        session = database.session()
        if line.strip() == "build":
            engine = matching.engine()
            engine.store.build(session, engine.state(session).source)
            print("built", flush=True)
            continue
        vacancy = session.get(Vacancy, int(line))
        requirements = matching.requirements_of(session, vacancy)
        state, ranked = matching.people_for(session, vacancy, requirements, 500)
        print(json.dumps([[each.id, each.total] for each in ranked]), flush=True)
"""


@contextlib.contextmanager
def worker(site: Site, folder: Path) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, site.app.config["DATABASE_URL"], str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def tell(process: subprocess.Popen, line: object) -> str:
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline()


def ranking(process: subprocess.Popen, vacancy_id: int) -> list[list[int]]:
    return json.loads(tell(process, vacancy_id))


def test_every_worker_answers_alike_whatever_befalls_the_file(
    site: Site, folder: Path, few_are_many
) -> None:
    person, vacancy = factories.person(site), factories.vacancy(site)
    path = folder / "index" / "people.snapshot"
    with worker(site, folder) as one, worker(site, folder) as other:
        assert ranking(one, vacancy.id) == ranking(other, vacancy.id)
        maps = [Path(f"/proc/{each.pid}/maps").read_text().splitlines() for each in (one, other)]
        shared = [{line.split()[4] for line in each if "titian-people" in line} for each in maps]
        assert shared[0] == shared[1]
        assert len(shared[0]) == 1

        cut(path)  # while both serve from it
        with site.session() as session:
            revoke(session, person)
            factories.note_person(session, person)
            session.commit()
        committed = time.monotonic()
        answers = [ranking(each, vacancy.id) for each in (one, other)]
        assert time.monotonic() - committed < 1
        assert answers[0] == answers[1]
        assert person.id not in [number for number, _ in answers[0]]

        path.unlink()
        assert [ranking(each, vacancy.id) for each in (one, other)] == answers
        with worker(site, folder) as third:  # finds no file and makes one
            assert ranking(third, vacancy.id) == answers[0]
        assert read_snapshot(path).notes["people"] > 50


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_a_rebuild_killed_at_any_moment_loses_nothing(
    site: Site, folder: Path, few_are_many, kills: int
) -> None:
    vacancy = factories.vacancy(site)
    with reading_session(site) as session:
        engine_over(folder).state(session)
    with worker(site, folder) as first:
        expected = ranking(first, vacancy.id)
        assert tell(first, "build") == "built\n"
        began = time.monotonic()
        assert tell(first, "build") == "built\n"
        took = time.monotonic() - began
    for kill in range(kills):
        with worker(site, folder) as rebuilding:
            assert ranking(rebuilding, vacancy.id) == expected
            rebuilding.stdin.write("build\n")
            rebuilding.stdin.flush()
            time.sleep(took * kill / (kills - 1))
            rebuilding.send_signal(signal.SIGKILL)
    with worker(site, folder) as last:
        assert ranking(last, vacancy.id) == expected
    assert read_snapshot(folder / "index" / "people.snapshot").notes["people"] > 50


def test_the_command_builds_once_and_shows_what_it_built(site: Site, folder: Path) -> None:
    """A few hundred people need no snapshot: the command says so by having nothing to show."""
    environment = {
        **os.environ,
        "TITIAN_HOME": str(folder),
        "TITIAN_DATABASE_URL": site.app.config["DATABASE_URL"],
        "TITIAN_DATA_KEY": TEST_KEY.hex(),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "web.cli", "index", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    built = run("build")
    assert built.returncode == 0, built.stderr
    shown = run("show")
    assert shown.returncode == 1
    assert "people.snapshot" in shown.stderr
