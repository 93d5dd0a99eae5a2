"""From what an employer writes to an occupation and requirements of the taxonomy.

A label of the taxonomy is compared with a text in three ways: does it stand there word for word,
how alike are the character n-grams, how alike are the embeddings. A logistic function of the three
gives a confidence. Every requirement points at the words it came from.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher import vacancy_text
from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import Encoder
from matcher.lexical import GramIndex, Mention, MentionFinder
from matcher.taxonomy import Taxonomy
from matcher.text import normal, one_line
from matcher.vacancy_text import Concern, Found, Segment
from models.enums import ConceptKind, Education, Hours, Importance, VacancyTrait

# logit = BIAS + LEXICAL * n-gram cosine + ENCODER * centred cosine + MENTION * share of the text
BIAS, LEXICAL, ENCODER, MENTION = -7.0, 4.2, 5.2, 4.5
SAME_TRADE = 0.9  # added to the logit of units of the occupation already recognised
NEAR_TRADE = 0.3
UNIT_FROM = 0.5  # a segment means a unit from this confidence
TEXT_FROM = 0.2  # below UNIT_FROM and above this its words are compared directly
OCCUPATION_FROM = 0.4
ALTERNATIVES = 5
MOST_SEGMENTS = 80
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
    ) -> None:
        self.taxonomy = taxonomy
        self._encoder = encoder
        self._embeddings = embeddings
        self._places = places or {}
        self._grams = GramIndex(embeddings.texts)
        self._mentions = MentionFinder(embeddings.targets, embeddings.texts)
        self._occupation_codes = list(taxonomy.occupations)
        self._unit_codes = list(taxonomy.units)
        number = {code: place for place, code in enumerate(self._occupation_codes)}
        self._occupation_labels, self._label_occupation = _grouped(embeddings.targets, number)
        self._unit_labels, self._label_unit = _grouped(
            embeddings.targets, {code: place for place, code in enumerate(self._unit_codes)}
        )

    # One text

    def occupations(self, text: str, k: int = ALTERNATIVES) -> list[LinkedOccupation]:
        """The k likeliest occupations of a job title or short text, best first."""
        return self.occupations_of([text], k)[0]

    def occupations_of(
        self, texts: Sequence[str], k: int = ALTERNATIVES
    ) -> list[list[LinkedOccupation]]:
        """The same for many texts at once."""
        texts = [one_line(text)[: vacancy_text.LONGEST_TEXT] for text in texts]
        logits = self._logits(texts)[:, self._occupation_labels]
        scores = _best_of_group(logits, self._label_occupation, len(self._occupation_codes))
        for row, text in enumerate(texts):
            self._add_mentions(scores[row], text)
        probabilities = _logistic(scores)
        found: list[list[LinkedOccupation]] = []
        for row, text in enumerate(texts):
            if not normal(text):
                found.append([])
                continue
            best = np.argsort(-probabilities[row], kind="stable")[:k]
            found.append(
                [
                    LinkedOccupation(
                        self._occupation_codes[place],
                        self.taxonomy.occupations[self._occupation_codes[place]].isco,
                        round(float(probabilities[row, place]), 4),
                    )
                    for place in best
                ]
            )
        return found

    def unit_probabilities(self, texts: Sequence[str], occupation: str | None = None) -> np.ndarray:
        """float64[len(texts), units]: how surely each text means each unit."""
        logits = self._logits(texts)[:, self._unit_labels]
        scores = _best_of_group(logits, self._label_unit, len(self._unit_codes))
        for row, text in enumerate(texts):
            for mention in self._mentions.find(text):
                if mention.target in self.taxonomy.units:
                    place = self.taxonomy.concept_number[mention.target]
                    scores[row, place] += MENTION * _share(mention, text)
        if occupation is not None:
            scores += self._trade_prior(occupation)
        return _logistic(scores)

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """float32[n, d]: centred unit vectors of texts, as requirements of kind TEXT store them."""
        return self._embeddings.centre(self._encoder.encode(list(texts)))

    # One vacancy

    def link(self, text: str, title: str = "") -> LinkedVacancy:
        """Read a vacancy. Places in the result are places in title + newline + text, or in the
        text alone when there is no title."""
        whole = f"{title}\n{text}" if title else text
        whole = whole[: vacancy_text.LONGEST_TEXT]
        pieces = vacancy_text.segments(whole)[:MOST_SEGMENTS]
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
        for mention in self._mentions.find(whole[start:end]):
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
        places = [(found.start, found.end) for found in facts if found is not None]
        places.extend((concern.start, concern.end) for concern in vacancy_text.concerns(whole))
        return places

    def _link_segments(
        self,
        whole: str,
        pieces: list[Segment],
        occupation: LinkedOccupation | None,
        facts: list[tuple[int, int]],
        trade_words: tuple[int, int] | None,
    ) -> tuple[list[LinkedRequirement], list[Segment]]:
        asked = [
            piece
            for piece in pieces
            if not any(start < piece.end and piece.start < end for start, end in facts)
            and not (trade_words and trade_words[0] <= piece.start < trade_words[1])
            and normal(piece.text)
        ]
        unread = [piece for piece in asked if vacancy_text.is_character(piece.text)]
        asked = [piece for piece in asked if piece not in unread]
        if not asked:
            return [], unread
        code = occupation.code if occupation else None
        wordings = [vacancy_text.skill(piece.text) for piece in asked]
        probabilities = self.unit_probabilities(wordings, code)
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
                    code=self._unit_codes[unit] if certain else None,
                    importance=piece.importance,
                    weight=1.0 if piece.importance == Importance.MUST else NICE_WEIGHT,
                    least_level=vacancy_text.level(piece.text),
                    confidence=round(confidence, 4),
                    start=piece.start,
                    end=piece.end,
                )
            )
        return requirements, sorted(unread, key=lambda piece: piece.start)

    # Scores

    def _logits(self, texts: Sequence[str]) -> np.ndarray:
        """float64[len(texts), labels] from n-grams and embeddings."""
        if not texts:
            return np.zeros((0, len(self._embeddings.texts)))
        lexical = self._grams.likeness(texts)
        encoded = self.vectors(texts) @ self._embeddings.vectors.T
        return BIAS + LEXICAL * lexical.astype(np.float64) + ENCODER * encoded

    def _add_mentions(self, scores: np.ndarray, text: str) -> None:
        best: dict[str, float] = defaultdict(float)
        for mention in self._mentions.find(text):
            if mention.target in self.taxonomy.occupations:
                best[mention.target] = max(best[mention.target], _share(mention, text))
        for place, code in enumerate(self._occupation_codes):
            if code in best:
                scores[place] += MENTION * best[code]

    def _trade_prior(self, occupation: str) -> np.ndarray:
        near = self.taxonomy.closeness.get(occupation, {})
        return np.array(
            [
                SAME_TRADE
                if unit.occupation == occupation
                else NEAR_TRADE * (unit.occupation in near)
                for unit in self.taxonomy.units.values()
            ]
        )


def _share(mention: Mention, text: str) -> float:
    """How much of a text a mention covers, at least a half: a title found whole means much."""
    letters = sum(character.isalnum() for character in text)
    covered = sum(character.isalnum() for character in text[mention.start : mention.end])
    return 0.5 + 0.5 * covered / max(letters, 1)


def _grouped(targets: Sequence[str], number: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Places of the labels whose target is numbered, sorted by that number, and the numbers."""
    pairs = sorted(
        (number[target], place) for place, target in enumerate(targets) if target in number
    )
    return (
        np.array([place for _, place in pairs], dtype=np.int64),
        np.array([group for group, _ in pairs], dtype=np.int64),
    )


def _best_of_group(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """float64[rows, count]: the greatest value of each group; every group has a member."""
    starts = np.searchsorted(group, np.arange(count))
    return np.maximum.reduceat(values, starts, axis=1)


def _logistic(values: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-values))
