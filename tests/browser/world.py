"""Rows for people who walk through Titian in a browser."""

from dataclasses import dataclass

from models.employers import Vacancy
from models.enums import Hours, IntroductionState
from models.people import Person
from tests.browser.serving import Running
from tests.web import factories
from tests.web.conftest import Site
from web.services.demo_data import PIN

WELDING = "smaw-welder.03"  # a unit of every job seeker's certificate
BAKING = "baker.05"  # a unit of nobody's


@dataclass
class ServedSite(Site):
    """A site that a server serves to real browsers."""

    server: Running


@dataclass(frozen=True)
class JobSeeker:
    """A client of the demo's officer, who holds a welder's certificate and signs in with a PIN."""

    name: str
    phone: str
    person: Person
    pin: str = PIN


def job_seeker(site: Site, **fields: object) -> JobSeeker:
    name = f"Sari Pencoba {factories.number()}"
    person = factories.person(site, name, **fields)
    factories.account(site, person)
    return JobSeeker(name, factories.phone_of(site, person), person)


def welding_and_baking(site: Site, **fields: object) -> Vacancy:
    """A vacancy of the demo's employer that a job seeker meets in part."""
    return factories.vacancy(
        site,
        title=f"Juru las dan oven {factories.number()}",
        units=(WELDING, BAKING),
        hours=Hours.DAY,
        **fields,
    )


def offer(
    site: Site, to: JobSeeker, state: IntroductionState = IntroductionState.PROPOSED
) -> Vacancy:
    """A vacancy for which a job seeker has been proposed."""
    vacancy = welding_and_baking(site)
    factories.introduction(site, vacancy, to.person, state)
    return vacancy
