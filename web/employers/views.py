"""The employer's pages: write a vacancy, correct what was read, see cards, ask for introductions."""

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from models.employers import Vacancy, VacancyRequirement
from models.enums import (
    ConceptKind,
    Education,
    Hours,
    Importance,
    IntroductionState,
    VacancyStatus,
    VacancyTrait,
)
from models.transitions import OVER
from web import database
from web.employers import blueprint
from web.employers.forms import VacancyForm, VacancyTextForm
from web.forms import options
from web.i18n import language
from web.introduction_steps import state_words, steps
from web.paging import page_address, page_number
from web.permissions import Permission, requires, the_actor
from web.services import cards, introductions, matching, regions, vacancies, vacancy_readings
from web.services.highlights import highlighted
from web.services.vacancies import RequirementFields, VacancyFields

PAGE_SIZE = 25
OWN_VACANCIES = requires(Permission.OWN_VACANCIES)
OWN_INTRODUCTIONS = requires(Permission.OWN_INTRODUCTIONS)


@blueprint.get("/lowongan", endpoint="vacancies")
@OWN_VACANCIES
def vacancies_page() -> str:
    own, page = vacancies.list_of_employer(
        database.session(), the_actor(), page_number(), PAGE_SIZE
    )
    return render_template(
        "employers/vacancies.html",
        vacancies=own,
        page=page,
        href=page_address("employers.vacancies"),
    )


@blueprint.route("/lowongan/baru", methods=["GET", "POST"])
@OWN_VACANCIES
def new_vacancy() -> str | Response:
    form = VacancyTextForm()
    if form.validate_on_submit():
        session = database.session()
        fields, linked = vacancies.proposed_fields(
            session, form.title.data.strip(), form.text.data.strip()
        )
        actor = the_actor()
        vacancy = vacancies.create(session, actor, actor.employer_id, fields, commit=False)
        reading = vacancy_readings.of_linked(linked)
        vacancy_readings.keep(session, vacancy, vacancy.title, reading)
        session.commit()
        return redirect(url_for("employers.check_vacancy", public_id=vacancy.public_id))
    return render_template("employers/new_vacancy.html", form=form)


@blueprint.route("/lowongan/<string:public_id>/periksa", methods=["GET", "POST"])
@OWN_VACANCIES
def check_vacancy(public_id: str) -> str | Response:
    """Correct what Titian read, then publish or keep the vacancy as it is."""
    session = database.session()
    vacancy = _own_vacancy(public_id)
    requirements = matching.requirements_of(session, vacancy)
    form = VacancyForm(data=_form_data(vacancy)) if request.method == "GET" else VacancyForm()
    taxonomy = matching.engine().reading_state(session).taxonomy
    form.occupation.choices = _occupation_choices(taxonomy)
    form.region.choices = options([("", _("Di mana saja")), *regions.choices(session)])
    if form.validate_on_submit():
        fields = _fields(vacancy, form, requirements)
        vacancy_readings.keep(session, vacancy, fields.title)
        vacancies.change(session, the_actor(), vacancy, fields)
        return _after_saving(vacancy)
    reading = vacancy_readings.of_vacancy(session, vacancy)
    form.occupation.choices = _occupation_choices(taxonomy, reading.alternatives)
    return render_template(
        "employers/check_vacancy.html",
        form=form,
        vacancy=vacancy,
        requirements=requirements,
        concept_titles={
            row.id: matching.title_of(taxonomy, row.concept_code, language())
            for row in requirements
            if row.concept_code
        },
        parts=highlighted(vacancy, requirements),
        reading=reading,
        kept=_kept(requirements),
    )


@blueprint.get("/lowongan/<string:public_id>")
@OWN_VACANCIES
def candidates(public_id: str) -> str:
    """The ranked, anonymous competency cards for a published vacancy."""
    session = database.session()
    vacancy = _own_vacancy(public_id)
    requirements = matching.requirements_of(session, vacancy)
    found = (
        cards.cards_for(session, vacancy, requirements)
        if vacancy.status == VacancyStatus.PUBLISHED
        else []
    )
    asked = introductions.asked_references(session, the_actor(), vacancy)
    return render_template(
        "employers/candidates.html",
        vacancy=vacancy,
        requirements=requirements,
        cards=found,
        asked={card: state_words(state, the_actor().role) for card, state in asked.items()},
        scored=len(matching.scored_requirements(requirements)),
        region=regions.name(session, vacancy.region_code),
    )


@blueprint.post("/lowongan/<string:public_id>/pengantar")
@OWN_INTRODUCTIONS
def ask_introduction(public_id: str) -> Response:
    session = database.session()
    vacancy = _own_vacancy(public_id)
    requirements = matching.requirements_of(session, vacancy)
    behind = None
    if vacancy.status == VacancyStatus.PUBLISHED:
        behind = cards.person_behind(session, vacancy, requirements, request.form.get("card", ""))
    if behind is None:
        flash(_("Kartu ini sudah tidak ada di daftar. Pilih kartu lain."), "notice")
        return redirect(url_for("employers.candidates", public_id=public_id))
    person, score = behind
    try:
        introductions.propose(session, the_actor(), vacancy, person, score)
    except introductions.StepRefused:  # closed at this moment
        flash(_("Kartu ini sudah tidak ada di daftar. Pilih kartu lain."), "notice")
        return redirect(url_for("employers.candidates", public_id=public_id))
    flash(_("Permintaan terkirim. Anda mendapat kabar bila orangnya setuju."), "success")
    return redirect(url_for("employers.candidates", public_id=public_id))


@blueprint.post("/lowongan/<string:public_id>/tutup")
@OWN_VACANCIES
def close_vacancy(public_id: str) -> Response:
    session = database.session()
    vacancy = _own_vacancy(public_id)
    vacancies.close(session, the_actor(), vacancy)
    introductions.end_open(session, the_actor(), vacancy)
    flash(_("Lowongan ditutup."), "success")
    return redirect(url_for("employers.vacancies"))


@blueprint.get("/pengantar", endpoint="introductions")
@OWN_INTRODUCTIONS
def introductions_page() -> str:
    lines, page = introductions.page_of_lines(
        database.session(), the_actor(), page_number(), PAGE_SIZE
    )
    return render_template(
        "employers/introductions.html",
        lines=lines,
        steps=steps,
        state_words=state_words,
        over=OVER,
        page=page,
        href=page_address("employers.introductions"),
    )


@blueprint.post("/pengantar/<string:public_id>")
@OWN_INTRODUCTIONS
def step_introduction(public_id: str) -> Response:
    session = database.session()
    introduction = introductions.one(session, the_actor(), public_id)
    if introduction is None:
        abort(404)
    try:
        to = IntroductionState(request.form.get("to", ""))
        introductions.step(
            session, the_actor(), introduction, to, reason=request.form.get("reason", "")[:500]
        )
    except (ValueError, introductions.StepRefused, introductions.ChangedMeanwhile):
        abort(409)
    flash(_("Tercatat."), "success")
    return redirect(url_for("employers.introductions"))


def _own_vacancy(public_id: str) -> Vacancy:
    vacancy = vacancies.of_employer(database.session(), the_actor(), public_id)
    if vacancy is None:
        abort(404)
    return vacancy


def _after_saving(vacancy: Vacancy) -> Response:
    """Publish, or keep draft, published or closed what was so; and say which it is."""
    before = VacancyStatus(vacancy.status)
    if "draft" in request.form:
        words = {
            VacancyStatus.DRAFT: _("Draf tersimpan."),
            VacancyStatus.PUBLISHED: _("Perubahan tersimpan. Lowongan tetap tayang."),
            VacancyStatus.CLOSED: _("Perubahan tersimpan. Lowongan tetap ditutup."),
        }
        flash(words[before], "success")
        return redirect(url_for("employers.vacancies"))
    vacancies.publish(database.session(), the_actor(), vacancy)
    if before == VacancyStatus.PUBLISHED:
        flash(_("Perubahan tersimpan. Ini orang yang cocok."), "success")
    else:
        flash(_("Lowongan tayang. Ini orang yang cocok."), "success")
    return redirect(url_for("employers.candidates", public_id=vacancy.public_id))


def _occupation_choices(taxonomy, likely: Sequence[str] = ()) -> list[SelectChoice]:
    """Every occupation by title, after the likely ones."""
    likely = [code for code in likely if code in taxonomy.occupations]
    others = sorted(
        (code for code in taxonomy.occupations if code not in likely),
        key=lambda code: matching.title_of(taxonomy, code, language()),
    )
    titled = [(code, matching.title_of(taxonomy, code, language())) for code in [*likely, *others]]
    return options([("", _("Belum ada di daftar")), *titled])


def _form_data(vacancy: Vacancy) -> dict:
    return {
        "title": vacancy.title,
        "occupation": vacancy.occupation_code or "",
        "region": vacancy.region_code or "",
        "positions": vacancy.positions,
        "wage_min": vacancy.wage_min,
        "wage_max": vacancy.wage_max,
        "hours": [int(flag) for flag in Hours if vacancy.hours & flag],
        "education": Education(vacancy.education).value,
        "traits": [int(flag) for flag in VacancyTrait if vacancy.traits & flag],
        "start_on": vacancy.start_on,
    }


def _kept(requirements: list[VacancyRequirement]) -> dict[int, str]:
    """Position -> must, nice or drop, as chosen in the form or as stored."""
    return {
        row.position: request.form.get(f"requirement-{row.position}", row.importance.value)
        for row in requirements
    }


def _fields(
    vacancy: Vacancy, form: VacancyForm, requirements: list[VacancyRequirement]
) -> VacancyFields:
    kept = _kept(requirements)
    chosen = [
        RequirementFields(
            text=row.text,
            kind=row.kind,
            concept_code=row.concept_code,
            importance=Importance(kept[row.position]),
            weight=row.weight,
            least_level=row.least_level,
            confidence=row.confidence,
            **_place(vacancy, form, row),
        )
        for row in requirements
        if kept[row.position] in (Importance.MUST.value, Importance.NICE.value)
        and row.kind != ConceptKind.OCCUPATION
    ]
    occupation = form.occupation.data or None
    if occupation:
        chosen.insert(0, _occupation_requirement(vacancy, form, requirements, occupation))
    lines = [line.strip() for line in (form.added.data or "").splitlines() if line.strip()]
    chosen += vacancies.linked_lines(database.session(), lines, occupation)
    flags = Hours(sum(form.hours.data or [])) or Hours.DAY
    return VacancyFields(
        title=form.title.data.strip(),
        text=vacancy.text,
        occupation_code=occupation,
        occupation_confidence=vacancy.occupation_confidence
        if occupation == vacancy.occupation_code
        else None,
        region_code=form.region.data or None,
        province_code=None if form.region.data else vacancy.province_code,
        positions=form.positions.data,
        wage_min=form.wage_min.data,
        wage_max=form.wage_max.data,
        hours=flags,
        traits=VacancyTrait(sum(form.traits.data or [])),
        education=Education(form.education.data),
        start_on=form.start_on.data,
        closes_on=vacancy.closes_on,
        requirements=chosen,
    )


def _occupation_requirement(
    vacancy: Vacancy,
    form: VacancyForm,
    requirements: list[VacancyRequirement],
    occupation: str,
) -> RequirementFields:
    """The trade itself, in the employer's words where they name it."""
    found = next((row for row in requirements if row.kind == ConceptKind.OCCUPATION), None)
    return RequirementFields(
        text=found.text
        if found and occupation == vacancy.occupation_code
        else form.title.data.strip(),
        kind=ConceptKind.OCCUPATION,
        concept_code=occupation,
        weight=2.0,
        confidence=found.confidence if found else None,
        **(_place(vacancy, form, found) if found else {}),
    )


def _place(vacancy: Vacancy, form: VacancyForm, row: VacancyRequirement) -> dict[str, int | None]:
    """Where a requirement's words stand; those of the text move with a new title's length."""
    before, after = vacancy.title, form.title.data.strip()
    if row.span_start is None or before == after:
        return {"span_start": row.span_start, "span_end": row.span_end}
    if row.span_start <= len(before):  # they stood in the old title
        return {"span_start": None, "span_end": None}
    shift = len(after) - len(before)
    return {"span_start": row.span_start + shift, "span_end": row.span_end + shift}
