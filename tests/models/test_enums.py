"""Labels, values and ranks of what is stored."""

import re
from collections.abc import Iterator

import pytest

from models import metadata  # noqa: F401  (every enum exists once its module is imported)
from models.enums import (
    HOURS_LABELS,
    VACANCY_TRAIT_LABELS,
    Education,
    Hours,
    IntroductionState,
    LabelledEnum,
    OffenceFamily,
    VacancyTrait,
)

ENUMS = [enum for enum in LabelledEnum.__subclasses__() if enum.__module__.startswith("models.")]
MEMBERS = [
    pytest.param(member, id=f"{type(member).__name__}.{member.name}")
    for enum in ENUMS
    for member in enum
]

# Words by which Indonesian names an offence, a record or a prisoner.
NAMES_AN_OFFENCE = re.compile(
    r"pidana|jahat|kriminal|narapidana|\bnapi\b|tahanan|penjara|residiv|vonis|hukum|perkara|"
    r"pelanggar|pelaku|tersangka|terdakwa|korup|narko|psikotropika|keras|aniaya|bunuh|curi|rampok|"
    r"begal|[tn]ipu|gelap|cabul|perkosa|susila|teror|judi|harta benda|terhadap anak|lalu lintas",
    re.IGNORECASE,
)
# Words that give away a label nobody translated.
ENGLISH = re.compile(
    r"\b(the|of|and|or|not|no|yes|by|with|work|working|person|employer|officer|trainer|male|female|"
    r"school|hours|night|weekend|children|cash|driving|abroad|homes|finished|running|draft|"
    r"published|closed|proposed|consented|withdrawn|placed|offered|declined|other|unknown)\b",
    re.IGNORECASE,
)


def _labels() -> Iterator[tuple[str, str]]:
    for enum in ENUMS:
        for member in enum:
            yield f"{enum.__name__}.{member.name}", member.label
    for flag, label in {**HOURS_LABELS, **VACANCY_TRAIT_LABELS}.items():
        yield f"{type(flag).__name__}.{flag.name}", label


def test_the_enums_of_every_table_are_looked_at() -> None:
    names = {enum.__name__ for enum in ENUMS}
    assert {"RoleName", "PersonStatus", "OffenceFamily", "IntroductionState", "ChangeKind"} <= names
    assert len(ENUMS) >= 15


@pytest.mark.parametrize("member", MEMBERS)
def test_member_has_an_indonesian_label(member: LabelledEnum) -> None:
    assert member.label == member.label.strip()
    assert member.label[:1].isupper()
    assert not ENGLISH.search(member.label)


@pytest.mark.parametrize("member", MEMBERS)
def test_value_is_the_name_in_lower_case_and_fits_its_column(member: LabelledEnum) -> None:
    assert member.value == member.name.lower()
    assert len(member.value) <= 30


@pytest.mark.parametrize("member", MEMBERS)
def test_member_reads_as_its_value_and_comes_back_from_it(member: LabelledEnum) -> None:
    assert str(member) == f"{member}" == "%s" % member == member.name.lower()  # noqa: UP031
    assert type(member)(member.name.lower()) is member


@pytest.mark.parametrize("enum", ENUMS)
def test_labels_of_an_enum_tell_its_members_apart(enum: type[LabelledEnum]) -> None:
    labels = [member.label.casefold() for member in enum]
    assert len(set(labels)) == len(labels)


def test_no_label_names_an_offence_but_those_of_offence_families() -> None:
    naming = {where for where, label in _labels() if NAMES_AN_OFFENCE.search(label)}
    assert naming == {
        f"OffenceFamily.{family.name}" for family in OffenceFamily if family != OffenceFamily.OTHER
    }


def test_every_hour_and_trait_has_an_indonesian_label() -> None:
    assert set(HOURS_LABELS) == set(Hours)
    assert set(VACANCY_TRAIT_LABELS) == set(VacancyTrait)
    for labels in (HOURS_LABELS, VACANCY_TRAIT_LABELS):
        assert len(set(labels.values())) == len(labels)
        assert not [label for label in labels.values() if ENGLISH.search(label)]


@pytest.mark.parametrize("flags", [Hours, VacancyTrait])
def test_flags_are_bits_of_their_own(flags: type[Hours] | type[VacancyTrait]) -> None:
    assert [int(flag) for flag in flags] == [2**place for place in range(len(flags))]


def test_ranks_of_education_rise_from_none_to_doctorate() -> None:
    rising = [
        Education.NONE,
        Education.PRIMARY,
        Education.LOWER_SECONDARY,
        Education.UPPER_SECONDARY,
        Education.DIPLOMA,
        Education.BACHELOR,
        Education.MASTER,
        Education.DOCTOR,
    ]
    assert [education.rank for education in rising] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert set(rising) == set(Education)


def test_months_of_retention_stand_in_their_labels() -> None:
    for state in IntroductionState:
        months = re.fullmatch(r"retained_(\d+)", state.value)
        if months:
            assert f"setelah {months[1]} bulan" in state.label
