"""Which of our occupations and units an official concept means, with a confidence.

An occupation is known by its titles and its ISCO-08 group: linking says how alike the titles are,
and how near the two groups lie moves that up or down. A skill or a unit is known by its title and
by the occupations it belongs to: units of what those are linked to are likelier, others less.
Nothing here writes; what somebody decided about a link counts for more than any likeness.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from matcher.linking import Linker
from matcher.taxonomy import Taxonomy
from models.enums import ExternalKind, ExternalRelationKind, ExternalSource, LinkStatus
from web.services.external_files import Concept, Release

LINK_FROM = 0.5  # confidence from which a link is proposed
MOST_LINKS = {ExternalKind.OCCUPATION: 3, ExternalKind.GROUP: 6, ExternalKind.UNIT: 2}
MOST_SKILL_LINKS = 2
SPARE = 4  # proposals kept beyond that, for when the first were rejected
BATCH = 128  # texts at once: a matrix of 128 x all labels, about 20 MB

# What the nearness of two ISCO-08 groups adds to the logit of a title, by the digits they share.
SAME_DIGITS = (-4.3, -3.5, -2.5, -0.7, 1.5)
SUREST_LOGIT = 5.0  # of a title alone
BEST_TITLES = 3  # an occupation's alternative titles count by the mean of the best three
LIKELIEST = 25  # occupations looked at for one title

# What belonging to occupations adds to the logit of a unit.
IN_TRADE, NEAR_TRADE, OUT_OF_TRADE = 1.7, 0.7, -1.5
OPTIONAL = 0.7  # of an essential skill's tie to its occupation
SAME_GROUP = 0.4  # tie of an ESCO occupation to ours of the same ISCO-08 group, not linked
DOCUMENT_SHARE = 0.1  # of a document's units must point at an occupation for it to be about it

RULES = repr(
    (
        *(LINK_FROM, SAME_DIGITS, SUREST_LOGIT, BEST_TITLES, LIKELIEST, IN_TRADE, NEAR_TRADE),
        *(OUT_OF_TRADE, OPTIONAL, SAME_GROUP, DOCUMENT_SHARE, SPARE),
    )
)
Progress = Callable[[Iterable, str], Iterable]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An occupation or unit of ours that a concept may mean. confidence in [0, 1]."""

    target: str
    confidence: float


@dataclass(frozen=True, slots=True)
class StoredLink:
    target: str
    confidence: float
    status: LinkStatus


@dataclass
class Standing:
    """What is stored: code -> digest of what its proposals were made from, code -> its links."""

    digests: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[StoredLink]] = field(default_factory=dict)


@dataclass
class Linked:
    """digests: of every concept that can be linked. proposals: of those linked now, best first.
    most: how many of them may stand. known_targets: all codes of ours."""

    known_targets: frozenset[str]
    digests: dict[str, str] = field(default_factory=dict)
    proposals: dict[str, list[Proposal]] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)


def to_stand(linked: Linked, code: str, stored: Mapping[str, LinkStatus]) -> list[Proposal]:
    """The proposals of a concept that stand beside what was decided. stored: target -> status."""
    decided = {target for target, status in stored.items() if status != LinkStatus.PROPOSED}
    accepted = sum(status == LinkStatus.ACCEPTED for status in stored.values())
    open_ones = [entry for entry in linked.proposals[code] if entry.target not in decided]
    return open_ones[: max(0, linked.most[code] - accepted)]


def propose(
    linker: Linker,
    space: str,
    release: Release,
    standing: Standing,
    relink: bool = False,
    progress: Progress = lambda items, _what: items,
) -> Linked:
    """Links of every concept that is new, was worded anew, or was linked by another taxonomy of
    ours or other rules; with `relink` of every concept. space: of the embeddings in use."""
    proposing = _Proposing(linker, space, release, standing, relink, progress)
    proposing.link_occupations()
    proposing.link_skills()
    return proposing.linked


class _Proposing:
    def __init__(
        self,
        linker: Linker,
        space: str,
        release: Release,
        standing: Standing,
        relink: bool,
        progress: Progress,
    ) -> None:
        taxonomy = linker.taxonomy
        self._linker = linker
        self._taxonomy = taxonomy
        self._release = release
        self._standing = standing
        self._relink = relink
        self._progress = progress
        self._made_with = f"{taxonomy.digest} {space} {RULES}"
        self._minor_groups = {entry.isco[:3] for entry in taxonomy.occupations.values()}
        self._unit_codes = list(taxonomy.units)
        self._same_unit: dict[str, list[str]] = defaultdict(list)  # SKKNI code -> units of ours
        for unit in taxonomy.units.values():
            if unit.skkni_code:
                self._same_unit[unit.skkni_code].append(unit.code)
        self.linked = Linked(frozenset((*taxonomy.occupations, *taxonomy.units)))

    def _due(self, concept: Concept, made_from: object) -> bool:
        """Note what a concept is linked from; whether it must be linked."""
        state = f"{self._made_with} {concept.kind.value} {made_from!r}"
        digest = hashlib.sha256(state.encode()).hexdigest()[:16]
        self.linked.digests[concept.code] = digest
        return self._relink or self._standing.digests.get(concept.code) != digest

    # Occupations and groups

    def link_occupations(self) -> None:
        """Occupations, and the unit groups of a list that has no occupations (KBJI)."""
        titles: dict[str, list[str]] = {}
        for code, concept in self._release.concepts.items():
            if not _is_trade(self._release.source, concept):
                continue
            known = self._titles(concept)
            if self._due(concept, (known, concept.isco)):
                titles[code] = known
        texts = list(dict.fromkeys(text for known in titles.values() for text in known))
        likely = self._likely(texts)
        for code, known in titles.items():
            concept = self._release.concepts[code]
            self.linked.most[code] = MOST_LINKS[concept.kind]
            self.linked.proposals[code] = _best(
                {
                    target: _confidence(_alike(scores) + self._group_bonus(concept, target))
                    for target, scores in _by_target(known, likely).items()
                },
                MOST_LINKS[concept.kind],
            )

    def _titles(self, concept: Concept) -> list[str]:
        """The preferred title; the alternative ones too where we have a trade nearby."""
        near = concept.isco is not None and concept.isco[:3] in self._minor_groups
        return [concept.title, *(concept.other_titles if near else ())]

    def _likely(self, texts: Sequence[str]) -> dict[str, dict[str, float]]:
        """text -> occupation of ours -> logit."""
        found: dict[str, dict[str, float]] = {}
        for batch in self._batches(texts, "Linking occupations"):
            for text, ranked in zip(
                batch, self._linker.occupations_of(batch, LIKELIEST), strict=True
            ):
                found[text] = {entry.code: float(_logit(entry.confidence)) for entry in ranked}
        return found

    def _group_bonus(self, concept: Concept, target: str) -> float:
        if concept.isco is None:
            return SAME_DIGITS[0]
        ours, theirs = self._taxonomy.occupations[target].isco, concept.isco
        shared = next((n for n in range(4) if ours[n] != theirs[n : n + 1]), 4)
        return SAME_DIGITS[shared]

    # Skills and units

    def link_skills(self) -> None:
        ties = self._ties()
        beside = self._document_titles()
        due: list[Concept] = []
        for code, concept in self._release.concepts.items():
            if concept.kind not in (ExternalKind.SKILL, ExternalKind.UNIT):
                continue
            made_from = (concept.title, sorted(ties.get(code, {}).items()))
            if concept.kind is ExternalKind.UNIT:
                made_from = (concept.title, beside.get(concept.document, []))
            if self._due(concept, made_from):
                due.append(concept)
        if not due:
            return
        likely = self._likely_units(list(dict.fromkeys(concept.title for concept in due)))
        trade = _TradePrior(self._taxonomy)
        if self._release.source is ExternalSource.SKKNI:
            about = self._trades_of_documents(due, likely)
            for concept in due:
                trades = about.get(concept.document)
                bonus = trade.of(dict.fromkeys(trades, 1.0)) if trades else None
                self._propose_units(concept, likely[concept.title], bonus)
        else:
            for concept in due:
                bonus = trade.of(ties.get(concept.code, {}))
                self._propose_units(concept, likely[concept.title], bonus)

    def _likely_units(self, texts: Sequence[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """text -> places of units in the taxonomy's order, and their logits; of those that
        belonging to a trade can lift over the threshold."""
        found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for batch in self._batches(texts, "Linking skills"):
            logits = _logit(self._linker.unit_probabilities(batch))
            for text, row in zip(batch, logits, strict=True):
                places = np.flatnonzero(row >= -IN_TRADE)
                found[text] = (places, row[places])
        return found

    def _propose_units(
        self, concept: Concept, likely: tuple[np.ndarray, np.ndarray], bonus: np.ndarray | None
    ) -> None:
        most = MOST_LINKS.get(concept.kind, MOST_SKILL_LINKS)
        places, logits = likely
        if bonus is not None:
            logits = logits + bonus[places]
        found = {
            self._unit_codes[place]: _confidence(float(logit))
            for place, logit in zip(places, logits, strict=True)
        }
        found.update(dict.fromkeys(self._same_unit.get(concept.code, ()), 1.0))
        self.linked.most[concept.code] = most
        self.linked.proposals[concept.code] = _best(found, most)

    def _ties(self) -> dict[str, dict[str, float]]:
        """skill -> occupation of ours -> how closely it belongs to it, in (0, 1]."""
        ours: dict[str, dict[str, float]] = {}
        of_group: dict[str, list[str]] = defaultdict(list)
        for entry in self._taxonomy.occupations.values():
            of_group[entry.isco].append(entry.code)
        for code, concept in self._release.concepts.items():
            if concept.kind is ExternalKind.OCCUPATION:
                tied = dict.fromkeys(of_group.get(concept.isco or "", ()), SAME_GROUP)
                ours[code] = tied | self._standing_links(code)
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for occupation, skill, kind in self._release.relations:
            if kind is ExternalRelationKind.BROADER:
                continue
            share = OPTIONAL if kind is ExternalRelationKind.OPTIONAL else 1.0
            for target, tie in ours.get(occupation, {}).items():
                strength = round(tie * share, 4)
                if strength > found[skill].get(target, 0.0):
                    found[skill][target] = strength
        return found

    def _standing_links(self, code: str) -> dict[str, float]:
        """occupation of ours -> confidence: as proposed now or earlier, after what was decided."""
        stored = self._standing.links.get(code, ())
        status = {entry.target: entry.status for entry in stored}
        found = {entry.target: entry.confidence for entry in stored}
        if code in self.linked.proposals:
            standing = to_stand(self.linked, code, status)
            found = {entry.target: entry.confidence for entry in standing}
        for target in status:
            if status[target] == LinkStatus.ACCEPTED:
                found[target] = 1.0
            elif status[target] == LinkStatus.REJECTED:
                found.pop(target, None)
        return {
            target: tie for target, tie in found.items() if target in self._taxonomy.occupations
        }

    # SKKNI: the units of one document are about the same few trades

    def _document_titles(self) -> dict[str, list[str]]:
        """document -> titles of all its units"""
        found: dict[str, list[str]] = defaultdict(list)
        for concept in self._release.concepts.values():
            if concept.document:
                found[concept.document].append(concept.title)
        return {document: sorted(titles) for document, titles in found.items()}

    def _trades_of_documents(
        self, units: Sequence[Concept], likely: Mapping[str, tuple[np.ndarray, np.ndarray]]
    ) -> dict[str, list[str]]:
        """document -> occupations of ours that several of its units point at by their titles"""
        occupation_of = [unit.occupation for unit in self._taxonomy.units.values()]
        pointed: dict[str, Counter[str]] = defaultdict(Counter)
        for unit in units:
            places, logits = likely[unit.title]
            if unit.document and len(logits) and logits.max() >= 0:
                pointed[unit.document][occupation_of[places[logits.argmax()]]] += 1
        sizes = Counter(unit.document for unit in units)
        return {
            document: [
                occupation
                for occupation, count in counts.items()
                if count > 1 and count >= DOCUMENT_SHARE * sizes[document]
            ]
            for document, counts in pointed.items()
        }

    def _batches(self, texts: Sequence[str], what: str) -> Iterable[list[str]]:
        starts = range(0, len(texts), BATCH)
        for start in self._progress(starts, what) if texts else ():
            yield list(texts[start : start + BATCH])


class _TradePrior:
    """What belonging to occupations adds to the logits of units."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        units = list(taxonomy.units.values())
        self._count = len(units)
        self._number = {code: number for number, code in enumerate(taxonomy.occupations)}
        unit_occupation = np.array([self._number[unit.occupation] for unit in units])
        likeness = np.zeros((len(self._number), len(self._number)))  # of trade to trade
        for code, near in taxonomy.closeness.items():
            for other, closeness in near.items():
                likeness[self._number[code], self._number[other]] = NEAR_TRADE * closeness
        np.fill_diagonal(likeness, IN_TRADE)
        self._bonus = likeness[:, unit_occupation]

    def of(self, ties: Mapping[str, float]) -> np.ndarray:
        """float[units]. ties: occupation -> how closely a skill belongs to it, in (0, 1]."""
        if not ties:
            return np.full(self._count, OUT_OF_TRADE)
        rows = [self._number[code] for code in ties]
        strength = np.array(list(ties.values()))[:, None]
        best = (self._bonus[rows] * strength).max(axis=0)
        return np.where(best > 0, best, OUT_OF_TRADE)


def _is_trade(source: ExternalSource, concept: Concept) -> bool:
    if concept.kind is ExternalKind.OCCUPATION:
        return True
    is_unit_group = concept.kind is ExternalKind.GROUP and concept.isco is not None
    return source is ExternalSource.KBJI and is_unit_group and len(concept.code) == 4


def _by_target(
    titles: Sequence[str], likely: Mapping[str, Mapping[str, float]]
) -> dict[str, list[float]]:
    """occupation of ours -> logit of each title in order; far below zero where it is unlikely."""
    targets = {target for title in titles for target in likely[title]}
    return {target: [likely[title].get(target, -9.0) for title in titles] for target in targets}


def _alike(scores: Sequence[float]) -> float:
    """One logit of an occupation's titles: that of the preferred one, or of the best together."""
    best = sorted(scores, reverse=True)[:BEST_TITLES]
    return min(max(scores[0], sum(best) / len(best)), SUREST_LOGIT)


def _best(found: Mapping[str, float], most: int) -> list[Proposal]:
    likely = [
        Proposal(target, confidence)
        for target, confidence in found.items()
        if confidence >= LINK_FROM
    ]
    likely.sort(key=lambda entry: (-entry.confidence, entry.target))
    return likely[: most + SPARE]


def _logit(probability: np.ndarray | float) -> np.ndarray | float:
    held = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.log(held / (1 - held))


def _confidence(logit: float) -> float:
    return round(float(1 / (1 + np.exp(-logit))), 4)
