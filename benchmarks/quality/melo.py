"""The MELO benchmark (Retyk et al. 2024): job titles of national terminologies, to be linked to ESCO."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.quality.labels import DataError, DataMissing, LabelSet, RankingSet

DEPTH = 100  # MELO hands trec_eval the first 100 elements of each query
ANNOTATION_COLUMNS = {2: (0, 1, None), 3: (0, 1, 2), 4: (0, 2, 3)}  # query, element, relevance


def ranking_set(folder: Path) -> RankingSet:
    """One data set of MELO: its queries over its corpus, each corpus element a code of its own.

    queries.tsv and corpus_elements.tsv hold a key and a surface form; annotations.tsv holds TREC
    qrels (query, 0, element, relevance), or query and element alone. A first line of column names
    is passed over. Raises DataMissing for a folder without these files and DataError, naming file
    and row, for a row that does not fit or a key that stands twice or nowhere.
    """
    queries, elements = (_names(folder / f"{name}.tsv") for name in ("queries", "corpus_elements"))
    right: dict[str, set[str]] = {key: set() for key in queries}
    path = folder / "annotations.tsv"
    for number, cells in _rows(path):
        if len(cells) not in ANNOTATION_COLUMNS:
            raise DataError(f"{path}, row {number}: 2, 3 or 4 columns are needed, not {len(cells)}")
        of_query, of_element, of_relevance = ANNOTATION_COLUMNS[len(cells)]
        query, element = cells[of_query], cells[of_element]
        for key, known in ((query, queries), (element, elements)):
            if key not in known:
                raise DataError(f"{path}, row {number}: unknown key {key!r}")
        if of_relevance is None or cells[of_relevance] != "0":
            right[query].add(element)
    judged = [key for key in queries if right[key]]
    if not judged:
        raise DataError(f"{path}: no query has a right element")
    return RankingSet(
        name=f"MELO {folder.resolve().name}",
        source=f"queries over {len(elements):,} corpus elements (Retyk et al. 2024)",
        queries=tuple(queries[key] for key in judged),
        right=tuple(frozenset(right[key]) for key in judged),
        labels=LabelSet.of_elements(elements),
    )


def _names(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, cells in _rows(path):
        if len(cells) != 2 or not cells[1]:
            raise DataError(f"{path}, row {number}: a key and a name are needed")
        if cells[0] in found:
            raise DataError(f"{path}, row {number}: the key {cells[0]!r} stands twice")
        found[cells[0]] = cells[1]
    if not found:
        raise DataError(f"{path}: no rows")
    return found


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Row numbers from 1 and cells; column names, the only keys without a digit, are left out."""
    if not path.is_file():
        raise DataMissing(f"no file {path}")
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text ({error.reason})") from None
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        is_header = number == 1 and not any(character.isdigit() for character in cells[0])
        if any(cells) and not is_header:
            yield number, cells
