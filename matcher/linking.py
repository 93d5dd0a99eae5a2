"""From what an employer writes to an occupation and requirements of the taxonomy.

A text is compared with the labels of the taxonomy word for word, by character n-grams, by stems and by
embeddings; matcher.fusion makes one probability of them. Every requirement points at the words it came
from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher import vacancy_text
from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import Encoder
from matcher.fusion import Fusions, LabelSide, covered, occupation_codes, trade_prior
from matcher.taxonomy import Taxonomy
from matcher.text import normal, one_line
from matcher.vacancy_text import Concern, Found, Segment
from models.enums import ConceptKind, Education, Hours, Importance, VacancyTrait

UNIT_FROM = 0.5  # a segment means a unit from this confidence
TEXT_FROM = 0.2  # below UNIT_FROM and above this its words are compared directly
OCCUPATION_FROM = 0.6  # to claim a wrong occupation costs 3 where to miss a right one costs 2
ALTERNATIVES = 5
MOST_SEGMENTS = 80
LEAST_LETTERS = 4  # of a skill that is named
ONLY_NAMES = 0.7  # of a piece's letters
LONGEST_TITLE = 300  # characters of a title or first line that name a trade
OCCUPATION_WEIGHT = 2.0
NICE_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class LinkedOccupation:
    """An occupation a text may mean. confidence in [0, 1]."""

    code: str
    isco: str
    confidence: float


@dataclass(frozen=True, slots=True)
class LinkedRequirement:
    """A requirement and the place of its words in title + newline + text."""

    text: str
    kind: ConceptKind
    code: str | None
    importance: Importance
    weight: float
    least_level: int | None
    confidence: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LinkedVacancy:
    """What was read from a vacancy. occupation is None when no trade was recognised; `unread` are
    segments that meant nothing to the taxonomy."""

    occupation: LinkedOccupation | None
    alternatives: tuple[LinkedOccupation, ...]
    requirements: tuple[LinkedRequirement, ...]
    education: Education
    wage: tuple[int, int] | None
    place: str | None
    hours: Hours
    traits: VacancyTrait
    experience_months: int | None
    concerns: tuple[Concern, ...]
    unread: tuple[Segment, ...]


class Linker:
    """Links texts to one taxonomy. places: lower-case place name -> region or province code."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        encoder: Encoder,
        embeddings: TaxonomyEmbeddings,
        places: Mapping[str, str] | None = None,
        fusions: Fusions | None = None,
    ) -> None:
        self.taxonomy = taxonomy
        self._encoder = encoder
        self._embeddings = embeddings
        self._places = places or {}
        self._fusions = fusions or Fusions.load()
        self._occupation_side, self._unit_side = (
            LabelSide(codes, embeddings.targets, embeddings.texts, embeddings.vectors)
            for codes in (occupation_codes(taxonomy), list(taxonomy.units))
        )

    # One text

    def occupations(self, text: str, k: int = ALTERNATIVES) -> list[LinkedOccupation]:
        """The k likeliest occupations of a job title or short text, best first."""
        return self.occupations_of([text], k)[0]

    def occupations_of(
        self, texts: Sequence[str], k: int = ALTERNATIVES
    ) -> list[list[LinkedOccupation]]:
        """The same for many texts at once."""
        titles = [
            vacancy_text.job_title(one_line(text)[:LONGEST_TITLE], self._places) for text in texts
        ]
        side, fusion = self._occupation_side, self._fusions.occupations
        scores = fusion.scores(side.features(titles, self.vectors(titles)), side.codes)
        probabilities = fusion.probabilities(scores)[:, : len(self.taxonomy.occupations)]
        found: list[list[LinkedOccupation]] = []
        for row, text in enumerate(texts):
            if not normal(text):
                found.append([])
                continue
            best = np.argsort(-probabilities[row], kind="stable")[:k]
            found.append(
                [
                    LinkedOccupation(
                        side.codes[place],
                        self.taxonomy.occupations[side.codes[place]].isco,
                        round(float(probabilities[row, place]), 4),
                    )
                    for place in best
                ]
            )
        return found

    def unit_probabilities(self, texts: Sequence[str], occupation: str | None = None) -> np.ndarray:
        """float64[len(texts), units]: how probably each text means each unit, words that only ask
        ("wajib bisa …") aside."""
        side, fusions = self._unit_side, self._fusions
        texts = [vacancy_text.skill(text) for text in texts]
        scores = fusions.units.scores(side.features(texts, self.vectors(texts)), side.codes)
        if occupation is None:
            return fusions.units.probabilities(scores)
        return fusions.units_of_trade.probabilities(scores + trade_prior(self.taxonomy, occupation))

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """float32[n, d]: centred unit vectors of texts, as requirements of kind TEXT store them."""
        return self._embeddings.centre(self._encoder.encode(list(texts)))

    # One vacancy

    def link(self, text: str, title: str = "") -> LinkedVacancy:
        """Read a vacancy. Places in the result are places in title + newline + text, or in the
        text alone when there is no title."""
        whole = f"{title}\n{text}" if title else text
        whole = whole[: vacancy_text.LONGEST_TEXT]
        together = [(found.start, found.end) for found in self._unit_side.mentions(whole)]
        pieces = vacancy_text.segments(whole, together)[:MOST_SEGMENTS]
        alternatives, trade_words = self._occupation_of(whole, title, pieces)
        occupation = alternatives[0] if alternatives else None
        if occupation is not None and occupation.confidence < OCCUPATION_FROM:
            occupation = None
        requirements: list[LinkedRequirement] = []
        if occupation is not None and trade_words is not None:
            requirements.append(self._occupation_requirement(whole, occupation, trade_words))
        for found in vacancy_text.licences(whole):
            requirements.append(self._licence_requirement(whole, found, pieces))
        facts = self._facts(whole)
        linked, unread = self._link_segments(whole, pieces, occupation, facts, trade_words)
        requirements.extend(linked)
        schooling = vacancy_text.education(whole)
        wage = vacancy_text.wage(whole)
        place = vacancy_text.place(whole, self._places)
        experience = vacancy_text.experience_months(whole)
        return LinkedVacancy(
            occupation=occupation,
            alternatives=tuple(alternatives),
            requirements=tuple(requirements),
            education=schooling.value if schooling else Education.NONE,  # type: ignore[arg-type]
            wage=wage.value if wage else None,  # type: ignore[arg-type]
            place=place.value if place else None,  # type: ignore[arg-type]
            hours=vacancy_text.hours(whole)[0],
            traits=vacancy_text.traits(whole)[0],
            experience_months=experience.value if experience else None,  # type: ignore[arg-type]
            concerns=tuple(vacancy_text.concerns(whole)),
            unread=tuple(unread),
        )

    def _occupation_of(
        self, whole: str, title: str, pieces: list[Segment]
    ) -> tuple[list[LinkedOccupation], tuple[int, int] | None]:
        """The likeliest occupations, and the place of the words that say so."""
        spans = [(0, min(len(title), len(whole)))] if normal(title) else []
        if not spans:  # no title, or one of signs alone
            spans = [(piece.start, piece.end) for piece in pieces[:6]]
        spans = [span for span in spans if normal(whole[span[0] : span[1]])]
        if not spans:
            return [], None
        ranked = self.occupations_of([whole[start:end] for start, end in spans])
        best = max(range(len(spans)), key=lambda place: (ranked[place][0].confidence, -place))
        return ranked[best], spans[best]

    def _occupation_requirement(
        self, whole: str, occupation: LinkedOccupation, span: tuple[int, int]
    ) -> LinkedRequirement:
        start, end = span
        for mention in self._occupation_side.mentions(whole[start:end]):
            if mention.target == occupation.code:
                start, end = start + mention.start, start + mention.end
                break
        return LinkedRequirement(
            text=one_line(whole[start:end])[:300],
            kind=ConceptKind.OCCUPATION,
            code=occupation.code,
            importance=Importance.MUST,
            weight=OCCUPATION_WEIGHT,
            least_level=None,
            confidence=occupation.confidence,
            start=start,
            end=end,
        )

    def _licence_requirement(
        self, whole: str, found: Found, pieces: list[Segment]
    ) -> LinkedRequirement:
        importance = next(
            (piece.importance for piece in pieces if piece.start <= found.start < piece.end),
            Importance.MUST,
        )
        return LinkedRequirement(
            text=one_line(whole[found.start : found.end]),
            kind=ConceptKind.LICENCE,
            code=str(found.value),
            importance=importance,
            weight=1.0 if importance == Importance.MUST else NICE_WEIGHT,
            least_level=None,
            confidence=1.0,
            start=found.start,
            end=found.end,
        )

    def _only_names(self, text: str, occupation: LinkedOccupation | None) -> bool:
        """Whether a piece says no more than the trade itself: "Dibutuhkan barista di Bandung"."""
        if occupation is None:
            return False
        named = vacancy_text.job_title(text, self._places)
        return any(
            mention.target == occupation.code and covered(mention, named) >= ONLY_NAMES
            for mention in self._occupation_side.mentions(named)
        )

    @staticmethod
    def _facts(whole: str) -> list[tuple[int, int]]:
        """Places of words that are facts, not skills."""
        facts = [
            vacancy_text.education(whole),
            vacancy_text.wage(whole),
            vacancy_text.experience_months(whole),
            *vacancy_text.hours(whole)[1],
            *vacancy_text.licences(whole),
        ]
        return [(found.start, found.end) for found in facts if found is not None]

    def _link_segments(
        self,
        whole: str,
        pieces: list[Segment],
        occupation: LinkedOccupation | None,
        facts: list[tuple[int, int]],
        trade_words: tuple[int, int] | None,
    ) -> tuple[list[LinkedRequirement], list[Segment]]:
        concerns = [(found.start, found.end) for found in vacancy_text.concerns(whole)]
        asked = [
            piece
            for piece in (_without(whole, piece, concerns) for piece in pieces)
            if piece is not None
            and not any(start < piece.end and piece.start < end for start, end in facts)
            and not (trade_words and trade_words[0] <= piece.start < trade_words[1])
            and normal(piece.text)
        ]
        unread = [piece for piece in asked if vacancy_text.is_character(piece.text)]
        asked = [
            piece
            for piece in asked
            if piece not in unread and not self._only_names(piece.text, occupation)
        ]
        if not asked:
            return [], unread
        code = occupation.code if occupation else None
        probabilities = self.unit_probabilities([piece.text for piece in asked], code)
        requirements: list[LinkedRequirement] = []
        used: set[int] = set()
        for row, piece in enumerate(asked):
            unit = int(probabilities[row].argmax())
            confidence = float(probabilities[row, unit])
            if confidence < TEXT_FROM:
                unread.append(piece)
                continue
            certain = confidence >= UNIT_FROM
            if certain and unit in used:
                continue
            if certain:
                used.add(unit)
            requirements.append(
                LinkedRequirement(
                    text=one_line(piece.text)[:300],
                    kind=ConceptKind.UNIT if certain else ConceptKind.TEXT,
                    code=self._unit_side.codes[unit] if certain else None,
                    importance=piece.importance,
                    weight=1.0 if piece.importance == Importance.MUST else NICE_WEIGHT,
                    least_level=vacancy_text.level(piece.text),
                    confidence=round(confidence, 4),
                    start=piece.start,
                    end=piece.end,
                )
            )
        return requirements, sorted(unread, key=lambda piece: piece.start)


def _without(whole: str, piece: Segment, places: list[tuple[int, int]]) -> Segment | None:
    """What of a piece stands before or after the words at some places, the longer part: of "wanita,
    bisa menjahit" what can be ranked. None when less than a word is left."""
    start, end = piece.start, piece.end
    for first, last in places:
        if first < end and start < last:
            start, end = (start, first) if first - start > end - last else (last, end)
    if (start, end) == (piece.start, piece.end):
        return piece
    text = whole[start:end].strip(" ,.;:/-()")
    start = whole.index(text, start) if text else start
    letters = sum(character.isalpha() for character in text)
    if letters < LEAST_LETTERS:
        return None
    return replace(piece, text=text, start=start, end=start + len(text))
