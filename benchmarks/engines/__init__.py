"""Search engines over the same people, one module each, for `titian bench rank`."""

from benchmarks.engines.engine import Engine
from benchmarks.engines.faiss_flat import FaissFlat
from benchmarks.engines.faiss_hnsw import FaissHnsw
from benchmarks.engines.milvus_lite_sparse import MilvusLiteSparse
from benchmarks.engines.numpy_dense import NumpyDense
from benchmarks.engines.numpy_postings import NumpyPostings
from benchmarks.engines.pgvector_hnsw import PgvectorHnsw
from benchmarks.engines.scipy_sparse import ScipySparse
from benchmarks.engines.titian import Titian
from benchmarks.engines.usearch_hnsw import UsearchHnsw

ENGINES: dict[str, type[Engine]] = {
    engine.name: engine
    for engine in (
        Titian,
        NumpyPostings,
        ScipySparse,
        NumpyDense,
        FaissFlat,
        FaissHnsw,
        UsearchHnsw,
        PgvectorHnsw,
        MilvusLiteSparse,
    )
}
