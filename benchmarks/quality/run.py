"""One run of the evaluation: data sets in, a report out."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import population
from benchmarks.quality import aliases, gold, melo, phrases, vacancies
from benchmarks.quality.encodings import Encoders
from benchmarks.quality.figures import MELO_METRICS, METRICS, Reliability, SetFigures, measure
from benchmarks.quality.gold import Coverage
from benchmarks.quality.labels import DataMissing, without_held_out
from benchmarks.quality.methods import (
    Bm25,
    CharacterGrams,
    EncoderCosine,
    Method,
    RandomOrder,
    Titian,
    TitianToldTheTrade,
    WordTfIdf,
)
from benchmarks.quality.vacancies import VacancyFigures
from matcher.taxonomy import Taxonomy
from models.enums import ConceptKind
from seed_data.region_files import read_regions

DATASETS = ("gold", "phrases", "aliases", "vacancies")
DEV_THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Size:
    """How many vacancies and people the whole-vacancy sets have."""

    vacancies: int = 100
    people: int = 1000


@dataclass(slots=True)
class Report:
    """Everything one run found. skipped: what could not be measured, and why."""

    seed: int
    taxonomy: str
    encoder: str
    rankings: list[SetFigures] = field(default_factory=list)
    coverage: list[tuple[str, Coverage]] = field(default_factory=list)
    vacancies: list[VacancyFigures] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


class Run:
    """The methods of one run over one taxonomy. tell: called with what is being done."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        encoders: Encoders,
        seed: int = 0,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.taxonomy = taxonomy
        self.encoders = encoders
        self.seed = seed
        self.tell = tell
        self.report = Report(seed, taxonomy.digest, encoders.titian.name)
        places = {row["place"]: row["region"] for row in read_regions("places")}
        self.titian = Titian(encoders.titian, places)
        self.methods: list[Method] = [
            RandomOrder(seed),
            WordTfIdf(),
            CharacterGrams(),
            Bm25(),
            EncoderCosine(encoders.plain),
        ]
        if encoders.adapted is not None:
            self.methods.append(EncoderCosine(encoders.adapted, "encoder + adapter"))
        else:
            self.report.skipped.append("encoder + adapter: no adapter fits this encoder")
        self.methods.append(self.titian)

    def gold(self, part: str = "test", data: Path = gold.REFERENCE_DATA) -> None:
        """Real titles; with the dev part also the coverage at several thresholds."""
        try:
            titles = gold.read_gold(part, self.taxonomy, data=data)
        except DataMissing as missing:
            self.report.skipped.append(f"gold titles, {part}: {missing}")
            return
        given = gold.ranking_set(titles, self.taxonomy, part)
        figures = measure(given, self.methods, self.seed, METRICS, self.tell)
        answers = gold.first_answers(self.titian.linker(self.taxonomy), titles)
        covered = gold.coverage(answers, titles, self.seed)
        believed = Reliability(f"all {given.name}", len(titles), covered.ece, covered.bins)
        self.report.rankings.append(replace(figures, reliability=believed))
        self.report.coverage.append((part, covered))
        if part == "dev":
            self.report.coverage += [
                (f"dev, from {value:.1f}", gold.coverage(answers, titles, self.seed, value))
                for value in DEV_THRESHOLDS
            ]

    def phrases(self, part: str = "test") -> None:
        """Phrases of vacancies, each with the unit it asks for."""
        given = phrases.ranking_set(part, self.taxonomy)
        methods = [*self.methods, TitianToldTheTrade(self.titian, aliases.trades_of(given))]
        self.report.rankings.append(measure(given, methods, self.seed, METRICS, self.tell))

    def aliases(self) -> None:
        """Held-out aliases of occupations and of units."""
        reduced, held = without_held_out(self.taxonomy)
        for kind in (ConceptKind.OCCUPATION, ConceptKind.UNIT):
            given = aliases.ranking_set(reduced, held, kind)
            if not given.queries:
                continue
            methods = list(self.methods)
            if kind == ConceptKind.UNIT:
                methods.append(TitianToldTheTrade(self.titian, aliases.trades_of(given)))
            figures = measure(given, methods, self.seed, METRICS, self.tell)
            self.report.rankings.append(figures)

    def vacancies(self, size: Size | None = None) -> None:
        """Whole vacancies, in the taxonomy's words and in held-out words."""
        size = size or Size()
        people = population.people(
            self.taxonomy, population.geography(), size.people, self.seed + 1
        )
        reduced, _ = without_held_out(self.taxonomy)
        for given, known in (
            (vacancies.demo_set(self.taxonomy, size.vacancies, self.seed + 3), self.taxonomy),
            (vacancies.held_out_set(self.taxonomy, size.vacancies, self.seed + 3), reduced),
        ):
            self.tell(given.name)
            try:
                figures = vacancies.measure(
                    given,
                    self.titian.linker(known),
                    self.titian.embeddings(known),
                    self.encoders.plain,
                    people,
                    self.seed,
                )
            except DataMissing as missing:
                self.report.skipped.append(f"{given.name}: {missing}")
            else:
                self.report.vacancies.append(figures)

    def melo(self, folder: Path) -> None:
        """A data set of MELO; raises DataMissing or DataError where the folder holds none."""
        given = melo.ranking_set(folder)
        self.report.rankings.append(
            measure(given, self.methods, self.seed, MELO_METRICS, self.tell)
        )
