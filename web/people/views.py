"""A person's own pages: opportunities with reasons, offers to answer, own card and data."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.enums import HOURS_LABELS, Hours, IntroductionState, Mobility, WithdrawalReason
from models.people import Person
from models.transitions import HIRED, next_states
from web import database
from web.consent_words import introduction_wording, listing_wording
from web.forms import options
from web.i18n import language
from web.people import blueprint
from web.people.forms import PinForm, WishesForm
from web.permissions import Permission, requires, the_actor
from web.services import (
    accounts,
    cards,
    introductions,
    learning,
    matching,
    people,
    regions,
    vacancies,
)

OWN = requires(Permission.OWN_OPPORTUNITIES)
CONSENT = requires(Permission.OWN_CONSENT)


@blueprint.get("/lowongan", endpoint="opportunities")
@OWN
def opportunities_page() -> str:
    session = database.session()
    person = _own()
    return render_template(
        "people/opportunities.html",
        opportunities=cards.opportunities(session, person, k=20),
        waiting=[
            line
            for line in introductions.lines(session, the_actor())
            if line.state == IntroductionState.PROPOSED
        ],
        listed=people.listing(session, person) is not None,
    )


@blueprint.get("/lowongan/<string:public_id>")
@OWN
def opportunity(public_id: str) -> str:
    """One vacancy: why it fits, what is missing and where to learn it."""
    session = database.session()
    person = _own()
    vacancy = vacancies.published(session, public_id)
    if vacancy is None:
        abort(404)
    found = cards.opportunity(session, person, vacancy)
    return render_template(
        "people/opportunity.html",
        vacancy=vacancy,
        found=found,
        region=regions.name(session, vacancy.region_code or vacancy.province_code),
        missing=learning.missing(session, person, vacancy, found),
    )


@blueprint.get("/tawaran", endpoint="introductions")
@CONSENT
def introductions_page() -> str:
    lines = introductions.lines(database.session(), the_actor())
    return render_template(
        "people/introductions.html",
        lines=lines,
        can_withdraw=lambda line: (
            IntroductionState.WITHDRAWN in next_states(line.state, the_actor().role)
        ),
        hired=HIRED,
    )


@blueprint.route("/tawaran/<string:public_id>", methods=["GET", "POST"])
@CONSENT
def answer(public_id: str) -> str | Response:
    """Say yes or no to an introduction, with what exactly would be shown."""
    session = database.session()
    introduction = introductions.one(session, the_actor(), public_id)
    if introduction is None:
        abort(404)
    if request.method == "POST":
        try:
            to = IntroductionState(request.form.get("to", ""))
            before = IntroductionState(introduction.state)
            introductions.step(
                session,
                the_actor(),
                introduction,
                to,
                reason=_reason(before, to),
                wording=introduction_wording(),
            )
        except ValueError:
            abort(400)
        except (introductions.StepRefused, introductions.ChangedMeanwhile):
            abort(409)
        flash(_answer_words(before, to), "success")
        return redirect(url_for("people.introductions"))
    line = next(
        line
        for line in introductions.lines(session, the_actor())
        if line.public_id == introduction.public_id
    )
    person = _own()
    vacancy = vacancies.published(session, line.vacancy_id)
    return render_template(
        "people/answer.html",
        line=line,
        opportunity=cards.opportunity(session, person, vacancy) if vacancy else None,
        wording=introduction_wording(),
        identity=people.identity(session, person),
        allowed=next_states(introduction.state, the_actor().role),
        is_hired=line.state in HIRED,
        reasons=WithdrawalReason,
    )


def _reason(before: IntroductionState, to: IntroductionState) -> str:
    """Why somebody who was hired withdraws, where they said so. Raises ValueError for a reason that
    is none."""
    given = request.form.get("reason", "")
    asked = before in HIRED and to == IntroductionState.WITHDRAWN
    return WithdrawalReason(given).value if asked and given else ""


def _answer_words(before: IntroductionState, to: IntroductionState) -> str:
    """What an answer leads to."""
    if to == IntroductionState.CONSENTED:
        return _("Jawaban Anda tersimpan. Petugas Anda akan menghubungi perusahaan.")
    if to == IntroductionState.PLACED:
        return _("Selamat bekerja! Petugas Anda ikut diberi tahu.")
    if before == IntroductionState.PROPOSED:
        return _("Jawaban Anda tersimpan. Data Anda tidak diberikan.")
    return _("Jawaban Anda tersimpan. Perusahaan tidak lagi melihat nama dan nomor Anda.")


@blueprint.get("/data")
@OWN
def own_data() -> str:
    """What is known of me, what an employer would see, and what I allow."""
    session = database.session()
    person = _own()
    state = matching.engine().state(session)
    return render_template(
        "people/own_data.html",
        person=person,
        identity=people.identity(session, person),
        card=cards.own_card(session, person),
        region=regions.name(session, person.home_region_code),
        wishes=people.wishes(session, person),
        title_of=lambda code: matching.title_of(state.taxonomy, code, language()),
        hours=[label for flag, label in HOURS_LABELS.items() if person.hours & flag],
        listed=people.listing(session, person),
        wording=listing_wording(),
    )


@blueprint.post("/data/izin")
@CONSENT
def set_listing() -> Response:
    listed = request.form.get("listed") == "yes"
    people.set_listing(database.session(), the_actor(), _own(), listed, listing_wording())
    flash(
        _("Izin tersimpan. Kartu Anda tampil tanpa nama.")
        if listed
        else _("Izin ditarik. Kartu Anda tidak tampil lagi."),
        "success",
    )
    return redirect(url_for("people.own_data"))


@blueprint.route("/data/keinginan", methods=["GET", "POST"])
@OWN
def change_wishes() -> str | Response:
    session = database.session()
    person = _own()
    wished = people.wishes(session, person)
    form = (
        WishesForm()
        if request.method == "POST"
        else WishesForm(
            data={
                "first_trade": wished[0] if wished else "",
                "second_trade": wished[1] if len(wished) > 1 else "",
                "mobility": Mobility(person.mobility).value,
                "commute_km": person.commute_km,
                "hours": [int(flag) for flag in Hours if person.hours & flag],
                "least_wage": person.least_wage,
            }
        )
    )
    taxonomy = matching.engine().reading_state(session).taxonomy
    trades = sorted(
        ((code, matching.title_of(taxonomy, code, language())) for code in taxonomy.occupations),
        key=lambda choice: choice[1],
    )
    form.first_trade.choices = form.second_trade.choices = options([("", _("Apa saja")), *trades])
    if form.validate_on_submit():
        people.set_wishes(
            session,
            the_actor(),
            person,
            [code for code in (form.first_trade.data, form.second_trade.data) if code],
            Mobility(form.mobility.data),
            form.commute_km.data,
            sum(form.hours.data),
            form.least_wage.data,
        )
        flash(_("Keinginan Anda tersimpan."), "success")
        return redirect(url_for("people.opportunities"))
    return render_template("people/wishes.html", form=form)


@blueprint.route("/data/pin", methods=["GET", "POST"])
@OWN
def choose_pin() -> str | Response:
    form = PinForm()
    if form.validate_on_submit():
        accounts.choose_pin(database.session(), the_actor(), form.pin.data)
        flash(_("PIN tersimpan. Lain kali masuk dengan nomor telepon dan PIN ini."), "success")
        return redirect(url_for("people.own_data"))
    return render_template("people/pin.html", form=form)


def _own() -> Person:
    return people.own(database.session(), the_actor())
