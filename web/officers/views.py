"""The officer's pages: caseload, one client, vacancies, one vacancy's clients, introductions."""

from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from models.employers import Vacancy
from models.enums import HOURS_LABELS, IntroductionState, PersonStatus, RestrictionKind
from models.people import Person
from web import database
from web.consent_words import introduction_wording, listing_wording
from web.forms import options
from web.i18n import language
from web.introduction_steps import steps
from web.officers import blueprint
from web.officers.forms import NoteForm, ReportForm, RestrictionForm, SearchForm
from web.paging import Page, page_address, page_number
from web.permissions import Permission, requires, the_actor
from web.services import (
    accounts,
    cards,
    certificates,
    introductions,
    matching,
    people,
    regions,
    vacancies,
)
from web.services.people import Due

CLIENTS = requires(Permission.CLIENTS)
MATCHES = requires(Permission.MATCHES)
PROPOSE = requires(Permission.PROPOSE)

PAGE_SIZE = 25
DUE_LABELS = {
    Due.REPLY: lazy_gettext("Ada pengantar yang menunggu jawaban"),
    Due.REPORT: lazy_gettext("Wajib lapor"),
    Due.RELEASE: lazy_gettext("Akan bebas, belum ada rencana kerja"),
    Due.EXPIRY: lazy_gettext("Sertifikat akan habis"),
    Due.NO_CONSENT: lazy_gettext("Belum memberi izin tampil"),
    Due.NOTHING: lazy_gettext("Tidak ada"),
}


@blueprint.get("/klien")
@CLIENTS
def caseload() -> str:
    form = _search_form()
    page = page_number()
    lines, count = people.caseload(
        database.session(),
        the_actor(),
        _today(),
        text=form.text.data or "",
        province=form.province.data or "",
        occupation=form.occupation.data or "",
        available_by=_available_by(form.available_by.data),
        page=page,
        size=PAGE_SIZE,
    )
    return render_template(
        "officers/caseload.html",
        form=form,
        lines=lines,
        count=count,
        due_labels=DUE_LABELS,
        page=Page.of(page, PAGE_SIZE, count),
        href=page_address("officers.caseload"),
    )


@blueprint.get("/klien/<string:public_id>")
@CLIENTS
def client(public_id: str) -> str:
    return _client_page(_client(public_id))


@blueprint.post("/klien/<string:public_id>/syarat")
@CLIENTS
def add_restriction(public_id: str) -> str | Response:
    person = _client(public_id)
    form = RestrictionForm()
    if not form.validate_on_submit():
        return _client_page(person, restriction_form=form)
    people.add_restriction(
        database.session(),
        the_actor(),
        person,
        RestrictionKind(form.kind.data),
        form.legal_basis.data.strip(),
        form.decided_by.data.strip(),
        form.until.data,
    )
    flash(_("Syarat tersimpan dan langsung dipakai."), "success")
    return _to_client(public_id)


@blueprint.post("/klien/<string:public_id>/syarat/<string:restriction_id>/akhiri")
@CLIENTS
def end_restriction(public_id: str, restriction_id: str) -> Response:
    if not people.end_restriction(
        database.session(), the_actor(), _client(public_id), restriction_id
    ):
        abort(404)
    flash(_("Syarat diakhiri."), "success")
    return _to_client(public_id)


@blueprint.post("/klien/<string:public_id>/catatan")
@CLIENTS
def add_note(public_id: str) -> str | Response:
    person = _client(public_id)
    form = NoteForm()
    if not form.validate_on_submit():
        return _client_page(person, note_form=form)
    people.add_note(database.session(), the_actor(), person, form.text.data.strip())
    flash(_("Catatan tersimpan."), "success")
    return _to_client(public_id)


@blueprint.post("/klien/<string:public_id>/lapor")
@CLIENTS
def record_report(public_id: str) -> str | Response:
    person = _client(public_id)
    form = ReportForm()
    if not form.validate_on_submit():
        return _client_page(person, report_form=form)
    people.record_report(
        database.session(),
        the_actor(),
        person,
        form.reported_on.data,
        form.is_working.data == "yes",
    )
    flash(_("Lapor tercatat."), "success")
    return _to_client(public_id)


@blueprint.post("/klien/<string:public_id>/kode")
@CLIENTS
def issue_code(public_id: str) -> str:
    """Show a new one-time code, once."""
    person = _client(public_id)
    code = accounts.issue_code(database.session(), the_actor(), person)
    return render_template(
        "officers/code.html",
        person=person,
        identity=people.identity(database.session(), person),
        code=code,
        days=accounts.CODE_DAYS,
    )


@blueprint.post("/klien/<string:public_id>/izin")
@CLIENTS
def set_listing(public_id: str) -> Response:
    """Record on paper that a client allows, or no longer allows, being listed without a name."""
    person = _client(public_id)
    people.set_listing(
        database.session(),
        the_actor(),
        person,
        request.form.get("listed") == "yes",
        listing_wording(),
        channel="paper",
    )
    flash(_("Izin tercatat."), "success")
    return _to_client(public_id)


@blueprint.get("/lowongan", endpoint="vacancies")
@MATCHES
def vacancies_page() -> str:
    form = _search_form()
    page = page_number()
    lines, count = vacancies.search(
        database.session(),
        text=form.text.data or "",
        province=form.province.data or "",
        occupation=form.occupation.data or "",
        page=page,
        size=PAGE_SIZE,
    )
    return render_template(
        "officers/vacancies.html",
        form=form,
        lines=lines,
        count=count,
        page=Page.of(page, PAGE_SIZE, count),
        href=page_address("officers.vacancies"),
    )


@blueprint.get("/lowongan/<string:public_id>")
@MATCHES
def vacancy(public_id: str) -> str:
    """The Bapas's clients ranked for one vacancy, and those left out with every reason."""
    session = database.session()
    found = _vacancy(public_id)
    requirements = matching.requirements_of(session, found)
    matches = cards.client_matches(session, the_actor(), found, requirements, k=60)
    return render_template(
        "officers/vacancy.html",
        vacancy=found,
        requirements=requirements,
        eligible=[match for match in matches if not match.ineligible],
        ineligible=[match for match in matches if match.ineligible],
        scored=len(matching.scored_requirements(requirements)),
        region=regions.name(session, found.region_code or found.province_code),
        asked={
            line.person_id: line.state
            for line in introductions.lines(session, the_actor(), vacancy=found)
        },
    )


@blueprint.post("/usul")
@PROPOSE
def propose() -> Response:
    """Propose a client for a vacancy."""
    session = database.session()
    person = _client(request.form.get("client", ""))
    found = _vacancy(request.form.get("vacancy", ""))
    opportunity = cards.opportunity(session, person, found)
    try:
        if opportunity is None or opportunity.ineligible:
            raise introductions.StepRefused
        introductions.propose(session, the_actor(), found, person, opportunity.fit)
        flash(_("Usul terkirim. Klien yang memutuskan."), "success")
    except introductions.StepRefused:  # or the vacancy was closed at this moment
        flash(_("Klien ini tidak bisa diusulkan untuk lowongan ini."), "notice")
    if request.form.get("from") == "client":
        return _to_client(person.public_id)
    return redirect(url_for("officers.vacancy", public_id=found.public_id))


@blueprint.get("/pengantar", endpoint="introductions")
@PROPOSE
def introductions_page() -> str:
    lines, page = introductions.page_of_lines(
        database.session(), the_actor(), page_number(), PAGE_SIZE
    )
    return render_template(
        "officers/introductions.html",
        lines=lines,
        page=page,
        href=page_address("officers.introductions"),
        steps=steps,
    )


@blueprint.post("/pengantar/<string:public_id>")
@PROPOSE
def step_introduction(public_id: str) -> Response:
    session = database.session()
    introduction = introductions.one(session, the_actor(), public_id)
    if introduction is None:
        abort(404)
    try:
        to = IntroductionState(request.form.get("to", ""))
        introductions.step(
            session,
            the_actor(),
            introduction,
            to,
            wording=introduction_wording(),
            channel="paper",
        )
    except (ValueError, introductions.StepRefused, introductions.ChangedMeanwhile):
        abort(409)
    flash(_("Tercatat."), "success")
    return redirect(url_for("officers.introductions"))


def _client(public_id: str) -> Person:
    person = people.of_bapas(database.session(), the_actor(), public_id)
    if person is None:
        abort(404)
    return person


def _vacancy(public_id: str) -> Vacancy:
    found = vacancies.published(database.session(), public_id)
    if found is None:
        abort(404)
    return found


def _client_page(
    person: Person,
    restriction_form: RestrictionForm | None = None,
    note_form: NoteForm | None = None,
    report_form: ReportForm | None = None,
) -> str:
    session = database.session()
    state = matching.engine().state(session)
    return render_template(
        "officers/client.html",
        person=person,
        status=PersonStatus(person.status),
        identity=people.identity(session, person),
        region=regions.name(session, person.home_region_code),
        certificates=certificates.of_person(session, person),
        trainings=certificates.trainings_of(session, person),
        title_of=lambda code: matching.title_of(state.taxonomy, code, language()),
        today=state.day,
        wishes=people.wishes(session, person),
        licences=people.licences(session, person),
        restrictions=people.restrictions(session, person),
        listed=people.listing(session, person) is not None,
        hours=[label for flag, label in HOURS_LABELS.items() if person.hours & flag],
        opportunities=cards.opportunities(session, person, k=12, include_ineligible=True),
        lines=introductions.lines(session, the_actor(), person=person),
        notes=people.notes(session, person),
        restriction_form=restriction_form or RestrictionForm(formdata=None),
        note_form=note_form or NoteForm(formdata=None),
        report_form=report_form or ReportForm(formdata=None, data={"reported_on": _today()}),
    )


def _search_form() -> SearchForm:
    session = database.session()
    form = SearchForm(request.args)
    taxonomy = matching.engine().reading_state(session).taxonomy
    trades = sorted(
        ((code, matching.title_of(taxonomy, code, language())) for code in taxonomy.occupations),
        key=lambda choice: choice[1],
    )
    form.province.choices = options([("", _("Semua")), *regions.provinces(session)])
    form.occupation.choices = options([("", _("Semua")), *trades])
    form.available_by.choices = options(
        [
            ("", _("Kapan saja")),
            ("0", _("Sekarang")),
            ("30", _("Dalam 30 hari")),
            ("90", _("Dalam 90 hari")),
        ]
    )
    form.validate()
    for name in form.errors:  # an address written by hand: an unknown choice means no choice
        form[name].data, form[name].errors = "", ()
    return form


def _available_by(days: str | None) -> date | None:
    return _today() + timedelta(days=int(days)) if days else None


def _to_client(public_id: str) -> Response:
    return redirect(url_for("officers.client", public_id=public_id))


def _today() -> date:
    return date.today()  # noqa: DTZ011
