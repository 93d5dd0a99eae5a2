"""What the engine may not load, and what it may not see of a person."""

import ast
import inspect
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import matcher
from matcher.eligibility import COLUMN_TYPES, Circumstances, CircumstancesColumns
from matcher.people_index import PeopleIndex
from tests.matcher.small_world import people_index, person

ENGINE = Path(matcher.__file__).parent
MODULES = sorted(path.stem for path in ENGINE.glob("[!_]*.py"))
SERVICE = ("flask", "sqlalchemy", "sqlmodel")
HEAVY = ("torch", "transformers", "sentence_transformers", "sklearn")
TRAINING = "training"  # runs by command alone, and needs what is heavy

# one list, seen by nobody else: what eligibility and ranking know of a person, all of it
SEEN = {
    "region",
    "available_day",
    "education",
    "mobility",
    "commute_km",
    "hours",
    "stay",
    "restricted_traits",
    "excluded_traits",
    "licences",
    "listed",
}
INDEXED = {
    "ids",
    "circumstances",
    "concept_count",
    "lists",
    "held_by_row",
    "rows_by_id",
    "regions",
    "cell_starts",
    "cell_commute",
    "sections",
}
NEVER = (
    *("offence", "offense", "crime", "conviction", "sentence", "record", "pidana", "kejahatan"),
    *("age", "birth", "born", "umur", "gender", "sex", "religion", "agama", "ethnic", "marital"),
    *("name", "nama", "nik", "phone", "photo", "facility", "prison", "lapas", "officer", "bapas"),
)


def test_every_module_of_the_engine_is_looked_at():
    assert {"ranking", "eligibility", "linking", "encoder", "taxonomy"} <= set(MODULES)


def test_importing_the_engine_loads_neither_service_nor_database_nor_torch():
    """One process for all: a line for each module that first brings in what is refused."""
    program = f"""
import importlib, sys
seen = set()
for module in {[module for module in MODULES if module != TRAINING]!r}:
    importlib.import_module("matcher." + module)
    loaded = [name for name in {SERVICE + HEAVY!r} if name in sys.modules and name not in seen]
    if loaded:
        print(module, loaded)
    seen.update(loaded)
print("all imported")
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.stdout.strip() == "all imported", result.stderr


@pytest.mark.parametrize("module", MODULES)
def test_no_module_of_the_engine_names_service_or_database_anywhere(module: str):
    """Late imports inside functions included, and training, which may load torch."""
    tree = ast.parse((ENGINE / f"{module}.py").read_text(encoding="utf-8"))
    named = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named.add((node.module or "").partition(".")[0])
    assert not named & set(SERVICE)


def words(names: set[str]) -> set[str]:
    return {word for name in names for word in name.lower().split("_")}


def test_eligibility_sees_these_fields_of_a_person_and_no_others():
    assert {field.name for field in fields(Circumstances)} == SEEN
    assert {field.name for field in fields(CircumstancesColumns)} == SEEN
    assert set(COLUMN_TYPES) == SEEN


def test_the_index_of_people_holds_these_columns_and_no_others():
    index = people_index({1: (person(), {0: (1000, 2)})}, 1)
    assert set(vars(index)) == INDEXED
    asked = set(inspect.signature(PeopleIndex.__init__).parameters) - {"self"}
    assert asked == {"ids", "circumstances", "concept_count", "rows", "concepts"} | {
        "strengths",
        "levels",
    }


@pytest.mark.parametrize("view", [Circumstances, CircumstancesColumns, PeopleIndex])
def test_no_field_tells_of_offence_sentence_age_gender_religion_name_place_or_officer(view: type):
    if view is PeopleIndex:
        names = set(vars(people_index({1: (person(), {0: (1000, 2)})}, 1)))
        names |= set(inspect.signature(view.__init__).parameters)
    else:
        names = {field.name for field in fields(view)}
    assert not words(names) & set(NEVER)
    assert not [name for name in names for word in NEVER if len(word) > 4 and word in name.lower()]


@pytest.mark.parametrize("view", [Circumstances, CircumstancesColumns])
def test_no_field_can_be_added_to_a_view_in_passing(view: type):
    somebody = person() if view is Circumstances else CircumstancesColumns.of([person()])
    with pytest.raises((AttributeError, TypeError)):
        somebody.offence = "x"
    assert not hasattr(somebody, "__dict__")
