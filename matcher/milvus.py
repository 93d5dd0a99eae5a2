"""`Retrieval` on Milvus: a cluster by its address, or the embedded Milvus Lite by a file's name.

People are sparse vectors (`matcher.retrieval.Encoding`) searched by inner product; what bars a
person is a filter over scalar fields. The filter lets everybody through who is eligible and hardly
anybody else; the exact check comes after, with the same fields. Only this module imports
`pymilvus`, and only where it is opened.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
from pymilvus import DataType, MilvusClient
from pymilvus.exceptions import MilvusException

from matcher.eligibility import (
    COLUMN_TYPES,
    MOBILITY_NUMBER,
    CircumstancesColumns,
    Conditions,
    Stay,
)
from matcher.geography import Geography
from matcher.people_index import PeopleIndex
from matcher.ranking import Query
from matcher.retrieval import Candidates, Encoding, Mark, RetrievalError, fingerprints
from models.enums import Hours, Mobility, VacancyTrait

if TYPE_CHECKING:
    from matcher.retrieval import Retrieval

MOST = 16_384  # Milvus returns no more at once
BATCH = 1_000  # people in one call; a call carries at most 64 MB
FLUSH_FROM = 1_000  # people written after which segments are sealed, so that they are indexed
NATIONAL = -1  # the market of those who go further than FAR_KM
FAR_KM = 150
KM_STEP = 10  # commutes are compared in steps; the exact check comes after
PARTITIONS = 64  # Milvus spreads the 39 markets over them by hash
LAYOUT = 1  # counted up when fields change: another layout is another collection

FIELD_TYPES = {
    "region": DataType.INT16,
    "available_day": DataType.INT32,
    "education": DataType.INT8,
    "mobility": DataType.INT8,
    "commute_km": DataType.INT32,
    "hours": DataType.INT8,
    "stay": DataType.INT8,
    "restricted_traits": DataType.INT32,
    "excluded_traits": DataType.INT32,
    "licences": DataType.INT64,  # the same 64 bits, with a sign
    "listed": DataType.BOOL,
}
INDEXES = {
    "region": "INVERTED",
    "available_day": "STL_SORT",
    "education": "BITMAP",
    "mobility": "BITMAP",
    "commute_km": "STL_SORT",
    "hours": "BITMAP",
    "stay": "BITMAP",
    "restricted_traits": "BITMAP",
    "excluded_traits": "BITMAP",
    "listed": "BITMAP",
    "held_licences": "BITMAP",
}


class MilvusPeople:
    """People in one collection of Milvus.

    uri: http(s)://host:port of a cluster, or a file's name ending in .db; token: user:password or
    an API key; shards: of the collection, when it is made here; timeout: seconds a call may take.
    The collection is made where it is missing. Raises RetrievalError.
    """

    most = MOST

    def __init__(
        self,
        uri: str,
        encoding: Encoding,
        geography: Geography,
        token: str = "",
        collection: str = "titian_people",
        shards: int = 1,
        timeout: float = 5.0,
    ) -> None:
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # errors are raised below
        self._shown = uri.rpartition("@")[2].rpartition("://")[2]
        self._embedded = uri.endswith(".db")
        self._encoding = encoding
        self._geography = geography
        self._people = f"{collection}_{LAYOUT}"
        self._marks = f"{collection}_{LAYOUT}_mark"
        self._timeout = timeout
        self._written = 0
        with self._calling():
            self._client = MilvusClient(uri, token=token, timeout=timeout)
            self._make_collections(shards)

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def drop(self) -> None:
        """Delete both collections."""
        with self._calling():
            for name in (self._people, self._marks):
                self._client.drop_collection(name, timeout=self._timeout)

    @contextmanager
    def _calling(self) -> Iterator[None]:
        try:
            yield
        except (MilvusException, grpc.RpcError, OSError, ValueError) as error:
            said = str(getattr(error, "message", "") or error) or type(error).__name__
            raise RetrievalError(f"Milvus at {self._shown}: {said.splitlines()[0][:300]}") from None

    def _make_collections(self, shards: int) -> None:
        client = self._client
        if not client.has_collection(self._people):
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.INT64, is_primary=True)
            schema.add_field("market", DataType.INT64, is_partition_key=True)
            schema.add_field("vector", DataType.SPARSE_FLOAT_VECTOR)
            for name, data_type in FIELD_TYPES.items():
                schema.add_field(name, data_type)
            schema.add_field(
                "held_licences", DataType.ARRAY, element_type=DataType.INT8, max_capacity=64
            )
            schema.add_field("fingerprint", DataType.INT64)
            indexes = client.prepare_index_params()
            indexes.add_index(
                "vector",
                index_type="SPARSE_INVERTED_INDEX",
                metric_type="IP",
                index_name="vector",
                # exact: nothing is dropped, and strengths are whole even where kept as float16
                params={} if self._embedded else {"inverted_index_algo": "DAAT_MAXSCORE"},
            )
            if not self._embedded:  # Milvus Lite reads whole columns instead
                for name, kind in INDEXES.items():
                    indexes.add_index(name, index_type=kind, index_name=name)
            client.create_collection(
                self._people,
                schema=schema,
                index_params=indexes,
                num_shards=shards,
                num_partitions=PARTITIONS if not self._embedded else 1,
                consistency_level="Strong",
            )
        if not client.has_collection(self._marks):
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.INT64, is_primary=True)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)  # Milvus asks for one
            schema.add_field("change", DataType.INT64)
            schema.add_field("day", DataType.INT32)
            schema.add_field("digest", DataType.VARCHAR, max_length=128)
            indexes = client.prepare_index_params()
            indexes.add_index("vector", index_type="FLAT", metric_type="IP", index_name="vector")
            client.create_collection(
                self._marks, schema=schema, index_params=indexes, consistency_level="Strong"
            )

    # Writing

    def upsert(self, people: PeopleIndex) -> None:
        """Put people in; those who hold nothing are taken out, for they never rank."""
        rows = self._rows(people)
        with self._calling():
            for start in range(0, len(rows), BATCH):
                self._client.upsert(
                    self._people, rows[start : start + BATCH], timeout=12 * self._timeout
                )
        self._written += len(rows)
        kept = np.array([row["id"] for row in rows], dtype=np.int64)
        self.remove(people.ids[~np.isin(people.ids, kept)])

    def remove(self, ids: np.ndarray) -> None:
        """Take people out. ids: int64[n]."""
        numbers = np.asarray(ids, dtype=np.int64).tolist()
        with self._calling():
            for start in range(0, len(numbers), BATCH):
                self._client.delete(
                    self._people, ids=numbers[start : start + BATCH], timeout=12 * self._timeout
                )
        self._written += len(numbers)

    def _rows(self, people: PeopleIndex) -> list[dict[str, Any]]:
        vectors = self._encoding.of_people(people)
        columns = {
            name: getattr(people.circumstances, name).astype(
                np.int64 if name != "listed" else np.bool_
            )
            for name in COLUMN_TYPES
        }
        columns["market"] = self._markets(people.circumstances)
        columns["fingerprint"] = self.fingerprints(people)
        columns["id"] = people.ids
        listed = {name: column.tolist() for name, column in columns.items()}
        rows = []
        for place in range(len(people)):
            part = slice(vectors.indptr[place], vectors.indptr[place + 1])
            if part.start == part.stop:
                continue
            row = {name: values[place] for name, values in listed.items()}
            row["vector"] = dict(
                zip(vectors.indices[part].tolist(), vectors.data[part].tolist(), strict=True)
            )
            row["held_licences"] = _bits(int(people.circumstances.licences[place]))
            rows.append(row)
        return rows

    def _markets(self, circumstances: CircumstancesColumns) -> np.ndarray:
        """int64[n]: the partition key, the home province or NATIONAL."""
        province = self._geography.province_of[circumstances.region].astype(np.int64)
        goes_far = (circumstances.mobility == MOBILITY_NUMBER[Mobility.ANYWHERE]) | (
            circumstances.commute_km > FAR_KM
        )
        return np.where(goes_far, NATIONAL, province)

    # Reading

    def candidates(self, query: Query, geography: Geography, at_most: int) -> Candidates:
        """Up to `at_most` (and MOST) people, the greatest bounds first."""
        vector = self._encoding.of_query(query)
        limit = min(at_most, MOST)
        hits: list[dict[str, Any]] = []
        if vector and limit > 0:
            with self._calling():
                (hits,) = self._client.search(
                    self._people,
                    [vector],
                    anns_field="vector",
                    limit=limit,
                    filter=filter_of(query.conditions, geography),
                    output_fields=["vector", *COLUMN_TYPES],
                    search_params={"metric_type": "IP"},
                    consistency_level="Strong",
                    timeout=self._timeout,
                )
        beyond = float(hits[-1]["distance"]) if len(hits) == limit and hits else 0.0
        return Candidates(self._index_of(hits), beyond)

    def _index_of(self, hits: list[dict[str, Any]]) -> PeopleIndex:
        found = [hit["entity"] for hit in hits]
        vectors = [entity["vector"] for entity in found]
        counts = [len(vector) for vector in vectors]
        dimensions = np.array([key for vector in vectors for key in vector], dtype=np.int64)
        values = np.array([value for vector in vectors for value in vector.values()])
        own = self._encoding.is_of_concept(dimensions)
        concepts, strengths, levels = self._encoding.held_in(dimensions[own], values[own])
        return PeopleIndex(
            ids=np.array([hit["id"] for hit in hits], dtype=np.int64),
            circumstances=CircumstancesColumns(
                **{
                    name: np.array(
                        [entity[name] for entity in found],
                        dtype=np.bool_ if name == "listed" else np.int64,
                    ).astype(kind)
                    for name, kind in COLUMN_TYPES.items()
                }
            ),
            concept_count=self._encoding.concept_count,
            rows=np.repeat(np.arange(len(hits)), counts)[own],
            concepts=concepts,
            strengths=strengths,
            levels=levels,
        )

    def stored(self) -> tuple[np.ndarray, np.ndarray]:
        """int64[n] ids and int64[n] fingerprints."""
        with self._calling():
            pairs = [(row["id"], row["fingerprint"]) for page in self._pages() for row in page]
        found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        everybody: dict[str, Any] = {
            "filter": "id >= 0",
            "output_fields": ["id", "fingerprint"],
            "consistency_level": "Strong",
            "timeout": 12 * self._timeout,
        }
        if self._embedded:  # Milvus Lite has no iterator's clock, and no limit either
            yield self._client.query(self._people, **everybody)
            return
        pages = self._client.query_iterator(self._people, batch_size=10 * BATCH, **everybody)
        while page := pages.next():
            yield page
        pages.close()

    def fingerprints(self, people: PeopleIndex) -> np.ndarray:
        """int64[n], of a person and of how people are encoded."""
        key = blake2b(self._encoding.groups.tobytes(), digest_size=16)
        key.update(self._geography.province_of.tobytes())
        return fingerprints(people, key.digest())

    def mark(self) -> Mark | None:
        """What `set_mark` said last."""
        with self._calling():
            rows = self._client.query(
                self._marks,
                filter="id == 0",
                output_fields=["change", "day", "digest"],
                consistency_level="Strong",
                timeout=self._timeout,
            )
        if not rows:
            return None
        return Mark(int(rows[0]["change"]), int(rows[0]["day"]), str(rows[0]["digest"]))

    def set_mark(self, mark: Mark) -> None:
        """Say how far the collection has followed; after much was written, segments are sealed."""
        row = {"id": 0, "vector": [1.0, 0.0], "change": mark.change, "day": mark.day}
        with self._calling():
            if self._written >= FLUSH_FROM:
                # a cluster allows one each ten seconds; what is not sealed now is found all the same
                with suppress(MilvusException):
                    self._client.flush(self._people, timeout=60 * self._timeout)
                    self._written = 0
            self._client.upsert(
                self._marks, [{**row, "digest": mark.digest}], timeout=self._timeout
            )


def filter_of(conditions: Conditions, geography: Geography) -> str:
    """The filter that lets all through whom `matcher.eligibility.reasons` finds nothing against.

    It asks the same but for the distance, which it takes in steps of KM_STEP, rounded for the
    person; so a few more come through than are eligible.
    """
    parts = ["listed == true"]
    if conditions.start_day is not None:
        parts.append(f"available_day <= {conditions.start_day}")
    if conditions.education:
        parts.append(f"education >= {conditions.education}")
    if conditions.hours:
        parts.append(f"hours in {_containing(conditions.hours, sum(Hours))}")
    if conditions.traits:
        for field in ("restricted_traits", "excluded_traits"):
            parts.append(f"{field} in {_free_of(conditions.traits, sum(VacancyTrait))}")
    if conditions.licences:
        parts.append(f"array_contains_all(held_licences, {_bits(conditions.licences)})")
    if conditions.region >= 0 or conditions.province >= 0:
        parts += _place_filters(conditions, geography)
    return " and ".join(parts)


def _place_filters(conditions: Conditions, geography: Geography) -> list[str]:
    if conditions.region >= 0:
        province = int(geography.province_of[conditions.region])
        km = geography.km[conditions.region]
        at_home = f"region == {conditions.region}"
    else:
        province = conditions.province
        inside = geography.province_of == province
        km = geography.km[inside].min(axis=0)
        at_home = "region in []"  # nobody knows where in the province
    in_province = f"region in {np.flatnonzero(geography.province_of == province).tolist()}"
    steps = km // KM_STEP
    commutes = [
        f"(commute_km >= {step * KM_STEP} and region in {np.flatnonzero(steps == step).tolist()})"
        for step in range(FAR_KM // KM_STEP)
        if (steps == step).any()
    ]
    within = [
        at_home,
        f"mobility == {MOBILITY_NUMBER[Mobility.ANYWHERE]}",
        f"(mobility == {MOBILITY_NUMBER[Mobility.PROVINCE]} and {in_province})",
        f"commute_km >= {FAR_KM}",
        *commutes,
    ]
    near = np.unique(geography.province_of[km <= FAR_KM]).tolist()
    markets = sorted({NATIONAL, province, *near})
    return [
        f"market in {markets}",
        f"({' or '.join(part for part in within if part != 'region in []')})",
        f"(stay == {int(Stay.FREE)} or (stay == {int(Stay.PROVINCE)} and {in_province})"
        f" or (stay == {int(Stay.REGION)} and {at_home}))",
    ]


def _containing(bits: int, everything: int) -> list[int]:
    """The values up to `everything` that have all of the bits."""
    return [value for value in range(everything + 1) if value & bits == bits]


def _free_of(bits: int, everything: int) -> list[int]:
    """The values up to `everything` that have none of the bits."""
    return [value for value in range(everything + 1) if not value & bits]


def _bits(value: int) -> list[int]:
    return [place for place in range(64) if value >> place & 1]


if TYPE_CHECKING:

    def _is_retrieval(people: MilvusPeople) -> Retrieval:
        return people
