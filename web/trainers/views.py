"""The trainer's pages: the people of a facility, their training and certificates, files."""

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.enums import Education, Gender, PersonStatus, TrainingStatus, Verification
from models.people import Person
from models.regions import Facility
from web import database
from web.forms import options
from web.i18n import language
from web.paging import Page, page_address, page_number
from web.permissions import Permission, requires, the_actor
from web.services import (
    accounts,
    certificates,
    matching,
    people,
    regions,
    tables,
    training_imports,
)
from web.services.tables import Problem, TableRefused
from web.services.training_imports import COLUMNS, KIND_LABELS, ImportKind
from web.trainers import blueprint
from web.trainers.forms import (
    CertificateForm,
    ImportForm,
    PersonForm,
    PhoneForm,
    SchemeForm,
    SearchForm,
    TrainingForm,
)

TRAINING = requires(Permission.TRAINING)
VERIFY = requires(Permission.VERIFY)

PAGE_SIZE = 25
MOST_PROBLEMS = 200  # shown at once


@blueprint.get("/peserta", endpoint="people")
@TRAINING
def people_page() -> str:
    form = SearchForm(request.args)
    page = page_number()
    lines, count = people.trainees(
        database.session(), the_actor(), (form.text.data or "")[:100], page, PAGE_SIZE
    )
    return render_template(
        "trainers/people.html",
        form=form,
        lines=lines,
        count=count,
        facility=_facility(),
        page=Page.of(page, PAGE_SIZE, count),
        href=page_address("trainers.people"),
    )


@blueprint.route("/peserta/baru", methods=["GET", "POST"])
@TRAINING
def new_person() -> str | Response:
    session = database.session()
    form = PersonForm()
    form.home.choices = options([("", _("Pilih…")), *regions.choices(session)])
    if form.validate_on_submit():
        fields = people.PersonFields(
            full_name=form.full_name.data.strip(),
            nik=form.nik.data,
            status=PersonStatus(form.status.data),
            home_region_code=form.home.data,
            education=Education(form.education.data),
            phone=accounts.normal_phone(form.phone.data or ""),
            gender=Gender(form.gender.data) if form.gender.data else None,
            birth_date=form.birth_date.data,
            expected_release=form.expected_release.data,
        )
        try:
            person = people.register(
                session, the_actor(), _facility(), fields, matching.engine().state(session).day
            )
        except people.NikTaken:
            form.nik.errors = [_("NIK ini sudah terdaftar. Cari namanya di daftar peserta.")]
        except people.PhoneTaken:
            form.phone.errors = [_("Nomor telepon ini milik orang lain. Periksa lagi.")]
        else:
            session.commit()
            flash(_("Peserta terdaftar."), "success")
            return _to_person(person.public_id)
    return render_template("trainers/new_person.html", form=form)


@blueprint.get("/peserta/<string:public_id>")
@TRAINING
def person(public_id: str) -> str:
    return _person_page(_person(public_id))


@blueprint.post("/peserta/<string:public_id>/telepon")
@TRAINING
def change_phone(public_id: str) -> str | Response:
    found = _person(public_id)
    form = PhoneForm()
    if form.validate_on_submit():
        try:
            people.set_phone(
                database.session(), the_actor(), found, accounts.normal_phone(form.phone.data)
            )
        except people.PhoneTaken:
            form.phone.errors = [_("Nomor telepon ini milik orang lain. Periksa lagi.")]
        else:
            flash(_("Nomor telepon tersimpan."), "success")
            return _to_person(public_id)
    return _person_page(found, phone_form=form)


@blueprint.post("/peserta/<string:public_id>/pelatihan")
@TRAINING
def add_training(public_id: str) -> str | Response:
    session = database.session()
    found = _person(public_id)
    form = _with_schemes(TrainingForm())
    if not form.validate_on_submit():
        return _person_page(found, training_form=form)
    certificates.record_training(
        session,
        the_actor(),
        found,
        the_actor().facility_id,
        certificates.TrainingFields(
            scheme_code=form.scheme.data,
            hours=form.hours.data,
            started_on=form.started_on.data,
            finished_on=form.finished_on.data,
            status=TrainingStatus.FINISHED if form.finished_on.data else TrainingStatus.RUNNING,
        ),
    )
    session.commit()
    flash(_("Pelatihan tersimpan."), "success")
    return _to_person(public_id)


@blueprint.route("/peserta/<string:public_id>/sertifikat", methods=["GET", "POST"])
@TRAINING
def add_certificate(public_id: str) -> str | Response:
    """First the scheme, then its units and the certificate's own data."""
    session = database.session()
    found = _person(public_id)
    chosen = request.args.get("scheme", "")
    taxonomy = matching.engine().reading_state(session).taxonomy
    if chosen not in taxonomy.schemes:
        return render_template(
            "trainers/choose_scheme.html",
            person=found,
            identity=people.identity(session, found),
            form=_with_schemes(SchemeForm(request.args)),
        )
    scheme = taxonomy.schemes[chosen]
    form = CertificateForm(
        data={"units": list(scheme.units), "level": str(scheme.kkni_level or 2)}
        if request.method == "GET"
        else None
    )
    form.units.choices = options(
        (code, matching.title_of(taxonomy, code, language())) for code in scheme.units
    )
    if form.validate_on_submit():
        try:
            certificates.record_certificate(
                session,
                the_actor(),
                found,
                certificates.CertificateFields(
                    scheme_code=chosen,
                    lsp_name=form.lsp_name.data.strip(),
                    number=form.number.data,
                    issued_on=form.issued_on.data,
                    expires_on=form.expires_on.data,
                    level=int(form.level.data),
                    unit_codes=form.units.data,
                ),
            )
        except certificates.NumberTaken:
            form.number.errors = [_("Nomor sertifikat ini sudah tercatat. Periksa lagi.")]
        else:
            session.commit()
            flash(
                _("Sertifikat tersimpan. Periksa aslinya, lalu tandai sudah diperiksa."), "success"
            )
            return _to_person(public_id)
    return render_template(
        "trainers/certificate.html",
        form=form,
        person=found,
        identity=people.identity(session, found),
        scheme=matching.title_of(taxonomy, chosen, language()),
    )


@blueprint.post("/peserta/<string:public_id>/sertifikat/<string:certificate_id>")
@VERIFY
def set_verification(public_id: str, certificate_id: str) -> Response:
    session = database.session()
    certificate = certificates.one_of(session, _person(public_id), certificate_id)
    if certificate is None:
        abort(404)
    try:
        verification = Verification(request.form.get("verification", ""))
    except ValueError:
        abort(400)
    certificates.set_verification(session, the_actor(), certificate, verification)
    flash(_("Tercatat."), "success")
    return _to_person(public_id)


@blueprint.route("/impor", methods=["GET", "POST"])
@TRAINING
def imports() -> str | Response:
    form = ImportForm()
    problems: list[Problem] = []
    good: int | None = None
    if form.validate_on_submit():
        session = database.session()
        kind = ImportKind(form.kind.data)
        try:
            table = tables.read_bytes(form.file.data.read(), form.file.data.filename or "")
            checked = training_imports.check(
                session, _facility(), kind, table, matching.engine().state(session).day
            )
            if "check" in request.form:
                good = len(checked.rows)
            else:
                count = training_imports.store(
                    session, the_actor(), form.file.data.filename or "", checked
                )
                flash(_("%(count)s baris tersimpan.", count=count), "success")
                return redirect(url_for("trainers.people"))
        except TableRefused as refused:
            problems = refused.problems
    return render_template(
        "trainers/imports.html",
        form=form,
        problems=problems[:MOST_PROBLEMS],
        problem_count=len(problems),
        filename=form.file.data.filename if form.file.data else "",
        good=good,
        kinds=KIND_LABELS,
        columns=COLUMNS,
    )


@blueprint.get("/impor/<string:kind>.csv")
@TRAINING
def import_template(kind: str) -> FlaskResponse:
    """A file to fill in, with one made-up row."""
    try:
        text = training_imports.template(ImportKind(kind))
    except ValueError:
        abort(404)
    return FlaskResponse(
        "\ufeff" + text,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="contoh-{kind}.csv"'},
    )


def _facility() -> Facility:
    return database.session().get_one(Facility, the_actor().facility_id)


def _person(public_id: str) -> Person:
    found = people.of_facility(database.session(), the_actor(), public_id)
    if found is None:
        abort(404)
    return found


def _to_person(public_id: str) -> Response:
    return redirect(url_for("trainers.person", public_id=public_id))


def _with_schemes(form: TrainingForm | SchemeForm) -> TrainingForm | SchemeForm:
    choices = certificates.scheme_choices(database.session(), english=language() == "en")
    form.scheme.choices = options([("", _("Pilih…")), *choices])
    return form


def _person_page(
    found: Person, training_form: TrainingForm | None = None, phone_form: PhoneForm | None = None
) -> str:
    session = database.session()
    state = matching.engine().state(session)
    return render_template(
        "trainers/person.html",
        person=found,
        status=PersonStatus(found.status),
        identity=people.identity(session, found),
        region=regions.name(session, found.home_region_code),
        certificates=certificates.of_person(session, found),
        trainings=certificates.trainings_of(session, found),
        title_of=lambda code: matching.title_of(state.taxonomy, code, language()),
        today=state.day,
        training_form=training_form or _with_schemes(TrainingForm(formdata=None)),
        phone_form=phone_form or PhoneForm(formdata=None),
    )
