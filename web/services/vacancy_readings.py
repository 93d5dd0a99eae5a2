"""What Titian read in a vacancy besides its requirements: kept, so that a long text is read once."""

import hashlib
import json
from dataclasses import asdict, dataclass

from sqlmodel import Session

from matcher.linking import LinkedVacancy
from models.employers import Vacancy, VacancyReading
from web.services import matching, vacancies


@dataclass(frozen=True, slots=True)
class Reading:
    """What the employer is shown beside the requirements.

    alternatives: codes of occupations, the likeliest first; concerns: (words, advice), in
    Indonesian; unread: parts of the text that meant nothing to the taxonomy.
    """

    is_recognised: bool
    alternatives: tuple[str, ...]
    concerns: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]


def of_linked(linked: LinkedVacancy) -> Reading:
    return Reading(
        is_recognised=linked.occupation is not None,
        alternatives=tuple(entry.code for entry in linked.alternatives),
        concerns=tuple((entry.words, entry.advice) for entry in linked.concerns),
        unread=tuple(piece.text for piece in linked.unread),
    )


def of_vacancy(session: Session, vacancy: Vacancy) -> Reading:
    """The reading that is kept, or a new one where title, text or taxonomy are others; nothing is
    written."""
    kept = session.get(VacancyReading, vacancy.id)
    if kept is not None and kept.digest == _digest(session, vacancy.title, vacancy.text):
        return _parsed(kept.reading)
    return of_linked(vacancies.read(session, vacancy.title, vacancy.text))


def keep(session: Session, vacancy: Vacancy, title: str, reading: Reading | None = None) -> None:
    """Keep the reading of a vacancy's text under a title, reading it only when none is given and
    none is kept. The caller commits."""
    digest = _digest(session, title, vacancy.text)
    kept = session.get(VacancyReading, vacancy.id)
    if kept is not None and kept.digest == digest:
        return
    if reading is None:
        reading = of_linked(vacancies.read(session, title, vacancy.text))
    kept = kept or VacancyReading(vacancy_id=vacancy.id, digest="", reading="")
    kept.digest, kept.reading = digest, json.dumps(asdict(reading), ensure_ascii=False)
    session.add(kept)


def _digest(session: Session, title: str, text: str) -> str:
    taxonomy = matching.engine().reading_state(session).taxonomy.digest
    return hashlib.sha256(f"{taxonomy}\x00{title}\x00{text}".encode()).hexdigest()


def _parsed(text: str) -> Reading:
    found = json.loads(text)
    return Reading(
        is_recognised=found["is_recognised"],
        alternatives=tuple(found["alternatives"]),
        concerns=tuple((words, advice) for words, advice in found["concerns"]),
        unread=tuple(found["unread"]),
    )
