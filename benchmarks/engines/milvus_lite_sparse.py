"""Milvus Lite: people as sparse vectors over units, the conditions as a filter expression."""

import logging
import tempfile
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.engines.engine import Needs, Problem, Setting, best_rows, wanted
from benchmarks.engines.mask import km_to, province_of
from benchmarks.engines.vectors import concept_weights
from benchmarks.memory import resident_bytes
from benchmarks.population import Population
from matcher.eligibility import MOBILITY_NUMBER, CircumstancesColumns, Conditions, Stay
from matcher.evidence import STRENGTH_SCALE
from matcher.geography import Geography
from matcher.ranking import Query
from models.enums import Mobility

COLLECTION = "people"
BATCH = 5_000
BYTES = 2_500  # of a person: its posting lists are Python lists of pairs
FLAGS = ("hours", "licences", "restricted_traits", "excluded_traits")
NUMBERS = ("region", "available_day", "education", "mobility", "commute_km", "stay", *FLAGS)


class MilvusLiteSparse:
    """SPARSE_INVERTED_INDEX, inner product: a sum where the score has a maximum."""

    name = "milvus-lite"
    package = "milvus_lite"
    needs_vectors = False
    build_words = "SPARSE_INVERTED_INDEX, IP; scalar columns without an index"
    settings = (
        Setting("sum", "filter expression, flags as lists of values, km as lists of regions"),
        Setting("re-ranked", "the best 500 in exact order", 500),
    )

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        return Needs(
            bytes=150e6 + BYTES * people,
            build_seconds=3 + 0.6e-3 * people,
            search_seconds=2e-6 * people,
        )

    def build(self, problem: Problem) -> None:
        from pymilvus import DataType, MilvusClient

        logging.getLogger("milvus_lite").setLevel(logging.ERROR)
        self._problem = problem
        before = resident_bytes()
        self._flags = _values_of_flags(problem.people.circumstances)
        self._folder = tempfile.TemporaryDirectory(prefix="titian-bench-")
        self._client = MilvusClient(str(Path(self._folder.name) / "people.db"))
        schema = self._client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("units", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("listed", DataType.BOOL)
        schema.add_field("province", DataType.INT64)
        for name in NUMBERS:
            schema.add_field(name, DataType.INT64)
        wanted_index = self._client.prepare_index_params()
        wanted_index.add_index("units", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        self._client.create_collection(COLLECTION, schema=schema, index_params=wanted_index)
        for start in tqdm(
            range(0, len(problem.people), BATCH),
            desc=self.name,
            unit=f" x {BATCH}",
            disable=not problem.show_progress,
        ):
            part = slice(start, min(start + BATCH, len(problem.people)))
            self._client.insert(COLLECTION, _entities(problem.people, problem.places, part))
        self._client.flush(COLLECTION)
        self._client.load_collection(COLLECTION)
        self._grown = resident_bytes() - before

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        problem = self._problem
        weights = concept_weights(query, problem.people.concept_count)
        asked = {int(concept): float(weights[concept]) for concept in np.flatnonzero(weights)}
        found = self._client.search(
            COLLECTION,
            data=[asked],
            anns_field="units",
            filter=filter_expression(query.conditions, problem.places, self._flags),
            limit=wanted(k, setting),
            search_params={"metric_type": "IP"},
        )
        ids = np.array([hit["id"] for hit in found[0]], dtype=np.int64)
        rows = np.searchsorted(problem.people.ids, ids)
        return best_rows(problem, query, rows, k, setting)

    def bytes_held(self) -> int:
        """By how much this process grew while people went in, as it runs inside of it."""
        return max(0, self._grown)

    def close(self) -> None:
        self._client.close()
        self._folder.cleanup()


def filter_expression(
    conditions: Conditions, places: Geography, flags: dict[str, list[int]]
) -> str:
    """The conditions in Milvus's language. flags: every value that stands in a column of flags."""
    parts = ["listed == true"]
    if conditions.start_day is not None:
        parts.append(f"available_day <= {conditions.start_day}")
    if conditions.education:
        parts.append(f"education >= {conditions.education}")
    for name, bits in (("hours", conditions.hours), ("licences", conditions.licences)):
        if bits:
            parts.append(f"{name} in {[value for value in flags[name] if value & bits == bits]}")
    if conditions.traits:
        for name in ("restricted_traits", "excluded_traits"):
            clear = [value for value in flags[name] if not value & conditions.traits]
            parts.append(f"{name} in {clear}")
    if conditions.region >= 0 or conditions.province >= 0:
        parts += _place(conditions, places, flags["commute_km"])
    return " and ".join(parts)


def _place(conditions: Conditions, places: Geography, commutes: list[int]) -> list[str]:
    km = km_to(conditions, places)
    same_region = f"region == {conditions.region}"
    same_province = f"province == {province_of(conditions, places)}"
    ways = [
        same_region,
        f"mobility == {MOBILITY_NUMBER[Mobility.ANYWHERE]}",
        f"(mobility == {MOBILITY_NUMBER[Mobility.PROVINCE]} and {same_province})",
    ]
    for commute in commutes:
        near = np.flatnonzero(km <= commute).tolist()
        if near:
            ways.append(f"(commute_km == {commute} and region in {near})")
    stays = [
        f"stay == {int(Stay.FREE)}",
        same_region,
        f"(stay == {int(Stay.PROVINCE)} and {same_province})",
    ]
    return [f"({' or '.join(ways)})", f"({' or '.join(stays)})"]


def _values_of_flags(columns: CircumstancesColumns) -> dict[str, list[int]]:
    return {name: np.unique(getattr(columns, name)).tolist() for name in (*FLAGS, "commute_km")}


def _entities(people: Population, places: Geography, part: slice) -> list[dict]:
    columns = {name: getattr(people.circumstances, name)[part].tolist() for name in NUMBERS}
    columns["listed"] = people.circumstances.listed[part].tolist()
    columns["province"] = places.province_of[people.circumstances.region[part]].tolist()
    columns["id"] = people.ids[part].tolist()
    columns["units"] = [
        dict(
            zip(
                people.concepts[start:end].tolist(),
                (people.strengths[start:end] / STRENGTH_SCALE).tolist(),
                strict=True,
            )
        )
        for start, end in zip(
            people.starts[part], people.starts[part.start + 1 : part.stop + 1], strict=True
        )
    ]
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
