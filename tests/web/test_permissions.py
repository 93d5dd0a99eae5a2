"""Who may open what: every route, every audience, and other people's objects."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from models.enums import IntroductionState, RestrictionKind, RoleName, VacancyStatus
from models.records import Restriction
from tests.web import factories
from tests.web.conftest import Site, csrf_token, post
from web.permissions import (
    ALLOWED,
    Permission,
    permission_of,
    refuse_open_routes,
    requires,
)

# Whose pages a blueprint holds. "public" is for everybody.
OWNER = {"employers": "employer", "officers": "officer", "people": "person", "trainers": "trainer"}
AUDIENCES = ("visitor", "employer", "officer", "trainer", "person")
NOBODYS = {"public_id": "zzzzzzzzzzzz", "restriction_id": "zzzz", "certificate_id": "zzzz"}

Browsers = dict[str, FlaskClient]


def address(rule: Rule) -> str:
    """An address of the rule, with ids that no object has."""
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<string:{name}>", NOBODYS.get(name, "people"))
    return path


def owner(rule: Rule) -> str:
    return OWNER.get(rule.endpoint.split(".")[0], "everybody")


def routes(site: Site, method: str) -> list[Rule]:
    return [rule for rule in site.app.url_map.iter_rules() if method in rule.methods]


def is_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and urlsplit(answer.location).path == "/masuk"


def test_each_route_belongs_to_the_audience_of_its_package(site: Site) -> None:
    wrong = [
        rule.endpoint
        for rule in site.app.url_map.iter_rules()
        if (permission := permission_of(site.app, rule.endpoint)) is not Permission.PUBLIC
        and {role.value for role in ALLOWED[permission]} != {owner(rule)}
    ]
    assert wrong == []


def test_only_the_public_package_is_public(site: Site) -> None:
    public = {
        rule.endpoint.split(".")[0]
        for rule in site.app.url_map.iter_rules()
        if permission_of(site.app, rule.endpoint) is Permission.PUBLIC
    }
    assert public == {"public"}


def test_every_permission_but_public_says_who_has_it() -> None:
    assert set(Permission) - set(ALLOWED) == {Permission.PUBLIC}
    assert all(ALLOWED.values())


def test_visitors_are_sent_to_sign_in_from_every_page_and_come_back_to_it(site: Site) -> None:
    visitor = site.client()
    for rule in routes(site, "GET"):
        path = address(rule)
        answer = visitor.get(path + "?page=2")
        if owner(rule) == "everybody":
            assert not is_sign_in(answer), path
        else:
            assert is_sign_in(answer), path
            assert parse_qs(urlsplit(answer.location).query) == {"next": [path + "?page=2"]}


def test_visitors_can_send_nothing_but_to_public_pages(site: Site) -> None:
    visitor = site.client()
    before = factories.contents(site)
    for rule in routes(site, "POST"):
        if owner(rule) != "everybody":
            answer = post(visitor, address(rule), {})
            assert is_sign_in(answer), rule.rule
            assert "next" not in answer.location, "a form cannot be sent again by coming back"
    assert factories.changed_tables(before, factories.contents(site)) == set()


@pytest.mark.parametrize("audience", AUDIENCES[1:])
def test_pages_of_other_audiences_are_forbidden(
    site: Site, browsers: Browsers, audience: str
) -> None:
    for rule in routes(site, "GET"):
        answer = browsers[audience].get(address(rule))
        if owner(rule) in ("everybody", audience):
            assert answer.status_code in (200, 404), (rule.rule, answer.status_code)
        else:
            assert answer.status_code == 403, (rule.rule, answer.status_code)


@pytest.mark.parametrize("audience", AUDIENCES[1:])
def test_forms_of_other_audiences_are_forbidden_and_write_nothing(
    site: Site, browsers: Browsers, audience: str
) -> None:
    browser = browsers[audience]
    token = csrf_token(browser)
    before = factories.contents(site)
    for rule in routes(site, "POST"):
        if owner(rule) not in ("everybody", audience):
            answer = browser.post(address(rule), data={"csrf_token": token})
            assert answer.status_code == 403, (rule.rule, answer.status_code)
    assert factories.changed_tables(before, factories.contents(site)) == set()


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_form_needs_its_own_browsers_token(
    site: Site, browsers: Browsers, audience: str
) -> None:
    stolen = csrf_token(site.client())
    before = factories.contents(site)
    for rule in routes(site, "POST"):
        for data in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": stolen}):
            answer = browsers[audience].post(address(rule), data=data)
            assert answer.status_code == 400, (rule.rule, data, answer.status_code)
    assert factories.changed_tables(before, factories.contents(site)) == set()


def test_signing_out_needs_the_token_too(site: Site) -> None:
    browser = site.employer()
    assert browser.post("/keluar").status_code == 400
    assert browser.get("/perusahaan/lowongan").status_code == 200


def test_a_route_without_a_permission_refuses_to_start() -> None:
    app = Flask("open", static_folder=None)
    app.add_url_rule("/lupa", "forgotten", lambda: "open to all")
    with pytest.raises(RuntimeError, match="forgotten"):
        refuse_open_routes(app)


def test_routes_with_permissions_start() -> None:
    app = Flask("closed", static_folder=None)
    app.add_url_rule("/ingat", "remembered", requires(Permission.CLIENTS)(lambda: "closed"))
    refuse_open_routes(app)
    assert permission_of(app, "remembered") is Permission.CLIENTS


def all_not_found(browser: FlaskClient, gets: list[str], posts: list[tuple[str, dict]]) -> None:
    token = csrf_token(browser)
    found = [path for path in gets if browser.get(path).status_code != 404]
    found += [
        path
        for path, data in posts
        if browser.post(path, data={"csrf_token": token, **data}).status_code != 404
    ]
    assert found == []


def test_another_employers_vacancy_and_introduction_are_not_found(
    site: Site, browsers: Browsers
) -> None:
    other, _email = factories.employer(site)
    client = factories.person(site)
    vacancies = [
        factories.vacancy(site, employer_id=other.id, status=status) for status in VacancyStatus
    ]
    published = next(row for row in vacancies if row.status == VacancyStatus.PUBLISHED)
    introduction = factories.introduction(
        site, published, client, IntroductionState.INTRODUCED, consent=True
    )
    before = factories.contents(site)
    for vacancy in vacancies:
        base = f"/perusahaan/lowongan/{vacancy.public_id}"
        all_not_found(
            browsers["employer"],
            [base, f"{base}/periksa"],
            [
                (f"{base}/periksa", {"title": "Milik saya", "positions": "1"}),
                (f"{base}/pengantar", {"card": "x"}),
                (f"{base}/tutup", {}),
            ],
        )
    all_not_found(
        browsers["employer"],
        [],
        [(f"/perusahaan/pengantar/{introduction.public_id}", {"to": "interview"})],
    )
    assert factories.changed_tables(before, factories.contents(site)) == set()


def other_bapas(site: Site) -> int:
    return 1 if factories.officer_bapas(site) != 1 else 2


def test_another_bapas_client_is_not_found(site: Site, browsers: Browsers) -> None:
    client = factories.person(site, bapas_id=other_bapas(site))
    vacancy = factories.vacancy(site)
    introduction = factories.introduction(site, vacancy, client)
    restriction = add_restriction(site, client.id)
    before = factories.contents(site)
    base = f"/petugas/klien/{client.public_id}"
    all_not_found(
        browsers["officer"],
        [base],
        [
            (f"{base}/syarat", {"kind": "no_driving", "legal_basis": "x", "decided_by": "y"}),
            (f"{base}/syarat/{restriction}/akhiri", {}),
            (f"{base}/catatan", {"text": "x"}),
            (f"{base}/lapor", {"reported_on": ["1", "1", "2026"], "is_working": "yes"}),
            (f"{base}/kode", {}),
            (f"{base}/izin", {"listed": "no"}),
            ("/petugas/usul", {"client": client.public_id, "vacancy": vacancy.public_id}),
            (f"/petugas/pengantar/{introduction.public_id}", {"to": "withdrawn"}),
        ],
    )
    assert factories.changed_tables(before, factories.contents(site)) == set()


def add_restriction(site: Site, person_id: int) -> str:
    with site.session() as session:
        row = Restriction(
            person_id=person_id,
            kind=RestrictionKind.NO_DRIVING,
            legal_basis="SK Uji",
            decided_by="Kepala Uji",
        )
        session.add(row)
        session.commit()
        return row.public_id


def test_a_restriction_cannot_be_ended_through_another_client(
    site: Site, browsers: Browsers
) -> None:
    own = factories.person(site)
    foreign = factories.person(site, bapas_id=other_bapas(site))
    restriction = add_restriction(site, foreign.id)
    answer = post(
        browsers["officer"], f"/petugas/klien/{own.public_id}/syarat/{restriction}/akhiri", {}
    )
    assert answer.status_code == 404
    with site.session() as session:
        stored = session.exec(select(Restriction).where(Restriction.public_id == restriction))
        assert stored.one().ended_at is None


@pytest.mark.parametrize("status", [VacancyStatus.DRAFT, VacancyStatus.CLOSED])
@pytest.mark.parametrize(
    ("audience", "prefix"), [("officer", "/petugas/lowongan"), ("person", "/saya/lowongan")]
)
def test_only_published_vacancies_are_found_by_others(
    site: Site, browsers: Browsers, audience: str, prefix: str, status: VacancyStatus
) -> None:
    vacancy = factories.vacancy(site, status=status)
    assert browsers[audience].get(f"{prefix}/{vacancy.public_id}").status_code == 404


def test_another_facilitys_person_is_not_found(site: Site, browsers: Browsers) -> None:
    own = factories.trainer_facility(site)
    person = factories.person(site, facility_id=1 if own.id != 1 else 2)
    certificate = factories.certificate(site, person)
    before = factories.contents(site)
    base = f"/pelatihan/peserta/{person.public_id}"
    all_not_found(
        browsers["trainer"],
        [base, f"{base}/sertifikat", f"{base}/sertifikat?scheme={factories.WELDER}"],
        [
            (f"{base}/telepon", {"phone": "0812 3456 7890"}),
            (f"{base}/pelatihan", {"scheme": factories.WELDER, "hours": "10"}),
            (f"{base}/sertifikat?scheme={factories.WELDER}", {"number": "X"}),
            (f"{base}/sertifikat/{certificate.public_id}", {"verification": "revoked"}),
        ],
    )
    assert factories.changed_tables(before, factories.contents(site)) == set()


def test_a_certificate_cannot_be_revoked_through_another_person(
    site: Site, browsers: Browsers
) -> None:
    own = factories.person(site)
    facility = factories.trainer_facility(site)
    foreign = factories.person(site, facility_id=1 if facility.id != 1 else 2)
    certificate = factories.certificate(site, foreign)
    before = factories.contents(site)
    answer = post(
        browsers["trainer"],
        f"/pelatihan/peserta/{own.public_id}/sertifikat/{certificate.public_id}",
        {"verification": "revoked"},
    )
    assert answer.status_code == 404
    assert factories.changed_tables(before, factories.contents(site)) == set()


def test_another_persons_introduction_is_not_found(site: Site, browsers: Browsers) -> None:
    introduction = factories.introduction(
        site, factories.vacancy(site), factories.person(site), IntroductionState.PROPOSED
    )
    before = factories.contents(site)
    path = f"/saya/tawaran/{introduction.public_id}"
    all_not_found(browsers["person"], [path], [(path, {"to": "consented"})])
    assert factories.changed_tables(before, factories.contents(site)) == set()


def test_staff_of_one_place_do_not_see_those_of_another(site: Site) -> None:
    bapas = other_bapas(site)
    foreign = factories.person(site, "Klien Bapas Lain", bapas_id=bapas)
    colleague = factories.staff(site, RoleName.OFFICER, bapas_id=bapas)
    assert colleague.get(f"/petugas/klien/{foreign.public_id}").status_code == 200
    own = factories.person(site, "Klien Bapas Sendiri")
    assert colleague.get(f"/petugas/klien/{own.public_id}").status_code == 404
