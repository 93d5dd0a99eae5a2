"""Provinces, kabupaten and kota, places, Bapas and facilities."""

import re
from collections import Counter, defaultdict
from math import asin, cos, hypot, radians, sin, sqrt
from pathlib import Path

import pytest

from matcher.vacancy_text import place as place_in
from models.enums import FacilityKind, RegionKind
from seed_data import region_files
from seed_data.files import SeedDataError
from seed_data.region_files import FILES, read_regions

# Kemendagri: how many kabupaten and kota a province has.
COUNTS = """
11:23 12:33 13:19 14:12 15:11 16:17 17:10 18:15 19:7 21:7 31:6 32:27 33:35 34:5 35:38 36:8
51:9 52:10 53:22 61:14 62:14 63:13 64:10 65:5 71:15 72:13 73:24 74:17 75:6 76:6
81:11 82:10 91:9 92:7 93:4 94:8 95:8 96:6
"""
REGENCIES = {pair.split(":")[0]: int(pair.split(":")[1]) for pair in COUNTS.split()}
# Well-known towns as any atlas has them.
ATLAS = {
    "11.71": (5.55, 95.32),  # Banda Aceh
    "12.71": (3.59, 98.67),  # Medan
    "13.71": (-0.95, 100.35),  # Padang
    "16.71": (-2.98, 104.76),  # Palembang
    "21.71": (1.13, 104.03),  # Batam
    "31.74": (-6.26, 106.81),  # Jakarta Selatan
    "32.73": (-6.91, 107.61),  # Bandung
    "32.75": (-6.24, 106.99),  # Bekasi
    "33.74": (-6.99, 110.42),  # Semarang
    "34.71": (-7.80, 110.37),  # Yogyakarta
    "35.78": (-7.25, 112.75),  # Surabaya
    "51.71": (-8.65, 115.22),  # Denpasar
    "53.71": (-10.17, 123.60),  # Kupang
    "61.71": (-0.02, 109.34),  # Pontianak
    "64.71": (-1.26, 116.83),  # Balikpapan
    "71.71": (1.48, 124.85),  # Manado
    "73.71": (-5.14, 119.42),  # Makassar
    "81.71": (-3.70, 128.18),  # Ambon
    "91.71": (-2.54, 140.70),  # Jayapura
    "93.01": (-8.49, 140.40),  # Merauke
    "96.71": (-0.87, 131.25),  # Sorong
}
WITA = {"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"}
WIT = {"81", "82", "91", "92", "93", "94", "95", "96"}


def point(row: dict[str, str]) -> tuple[float, float]:
    return float(row["lat"]), float(row["lon"])


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great circle, by the haversine formula."""
    (north, east), (north2, east2) = (map(radians, one), map(radians, other))
    half = sin((north2 - north) / 2) ** 2 + cos(north) * cos(north2) * sin((east2 - east) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


def by_code(name: str) -> dict[str, dict[str, str]]:
    rows = read_regions(name)
    found = {row["code"]: row for row in rows}
    assert len(found) == len(rows), [
        c for c, n in Counter(r["code"] for r in rows).items() if n > 1
    ]
    return found


# Provinces and regencies


def test_there_are_38_provinces_with_the_codes_of_kemendagri() -> None:
    assert set(by_code("provinces")) == set(REGENCIES)
    assert len(REGENCIES) == 38


def test_there_are_514_regencies_416_kabupaten_and_98_kota() -> None:
    kinds = Counter(row["kind"] for row in by_code("regencies").values())
    assert kinds == {RegionKind.KABUPATEN: 416, RegionKind.KOTA: 98}


def test_every_province_has_its_number_of_regencies() -> None:
    assert Counter(row["province"] for row in read_regions("regencies")) == REGENCIES


def test_code_of_a_regency_tells_its_province_and_whether_it_is_a_kota() -> None:
    for code, row in by_code("regencies").items():
        assert re.fullmatch(r"\d\d\.\d\d", code)
        assert code[:2] == row["province"]
        assert (int(code[3:]) > 70) == (row["kind"] == "kota"), code


def test_names_are_unique_within_kind_and_province_and_carry_no_kind() -> None:
    seen = Counter((row["province"], row["kind"], row["name"]) for row in read_regions("regencies"))
    assert max(seen.values()) == 1
    for row in read_regions("regencies"):
        assert not re.match(r"(kab|kabupaten|kota|administrasi)\b", row["name"].lower())
        assert row["name"][0].isupper()


def test_every_province_and_regency_keeps_the_time_of_its_zone() -> None:
    for row in read_regions("provinces"):
        zone = (
            "Makassar" if row["code"] in WITA else "Jayapura" if row["code"] in WIT else "Jakarta"
        )
        assert row["timezone"] == f"Asia/{zone}", row
    provinces = by_code("provinces")
    for row in read_regions("regencies"):
        assert row["timezone"] == provinces[row["province"]]["timezone"], row


# Coordinates


def test_every_regency_lies_inside_indonesia() -> None:
    outside = [
        row
        for row in read_regions("regencies")
        if not (-11.1 <= float(row["lat"]) <= 6.2 and 94.9 <= float(row["lon"]) <= 141.1)
    ]
    assert outside == []


def test_no_two_regencies_stand_on_one_point() -> None:
    points = Counter(point(row) for row in read_regions("regencies"))
    assert [where for where, count in points.items() if count > 1] == []


@pytest.mark.parametrize("code", sorted(ATLAS))
def test_well_known_town_lies_where_the_atlas_has_it(code: str) -> None:
    assert kilometres(point(by_code("regencies")[code]), ATLAS[code]) < 15


def test_regencies_of_a_province_lie_together() -> None:
    of_province = defaultdict(list)
    for row in read_regions("regencies"):
        of_province[row["province"]].append(row)
    for rows in of_province.values():
        for row in rows:
            nearest = min(
                kilometres(point(row), point(other)) for other in rows if other is not row
            )
            assert nearest < 450, row  # Natuna and the islands of Maluku lie farthest out


def test_kota_and_kabupaten_of_one_name_are_neighbours() -> None:
    of_name = defaultdict(list)
    for row in read_regions("regencies"):
        of_name[row["province"], row["name"]].append(row)
    pairs = [rows for rows in of_name.values() if len(rows) == 2]
    assert len(pairs) >= 25
    for one, other in pairs:
        assert kilometres(point(one), point(other)) < 80, (one, other)


def test_java_is_crowded_and_flat_on_the_map() -> None:
    """A latitude and a longitude swapped, or a sign lost, would show here."""
    for row in read_regions("regencies"):
        if row["province"] in {"31", "32", "33", "34", "35", "36"}:
            north, east = point(row)
            assert -8.8 < north < -5.4, row
            assert 105.0 < east < 115.9, row
            assert hypot(north + 7.2, east - 110) < 6, row


# Places


def test_places_are_many_lower_case_and_stand_once() -> None:
    places = [row["place"] for row in read_regions("places")]
    assert len(places) >= 900
    assert len(set(places)) == len(places)
    for place in places:
        assert place == place.lower().strip()
        assert 3 <= len(place) <= 80, place
        assert len(place.split()) <= 4, place


def test_every_place_means_a_regency_or_a_province_that_exists() -> None:
    known = set(by_code("regencies")) | set(by_code("provinces"))
    assert [row for row in read_regions("places") if row["region"] not in known] == []


def test_reader_of_vacancies_finds_every_place() -> None:
    """A name with a sign that splits words would never be found."""
    places = {row["place"]: row["region"] for row in read_regions("places")}
    for place, region in places.items():
        found = place_in(f"- ({place.upper()})", {place: region})
        assert found is not None, place
        assert found.value == region


def test_every_regency_is_found_by_its_full_name() -> None:
    places = {row["place"]: row["region"] for row in read_regions("places")}
    for row in read_regions("regencies"):
        full = f"{row['kind']} {row['name']}".lower().replace("-", " ")
        if len(full.split()) <= 4:
            assert places.get(full) == row["code"], full
            assert place_in(f"Penempatan di {full}.", places).value == row["code"]
        else:
            assert places.get(" ".join(full.split()[1:])) == row["code"], full


def test_every_province_is_found_by_its_name() -> None:
    places = {row["place"]: row["region"] for row in read_regions("places")}
    for row in read_regions("provinces"):
        name = row["name"].lower()
        assert row["code"] in (places.get(name), places.get(f"provinsi {name}")), name


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("bekasi", "32.75"),
        ("kabupaten bekasi", "32.16"),
        ("kab bekasi", "32.16"),
        ("cikarang", "32.16"),
        ("karawang", "32.15"),
        ("jakarta", "31"),
        ("jaksel", "31.74"),
        ("south jakarta", "31.74"),
        ("jabar", "32"),
        ("west java", "32"),
        ("tangsel", "36.74"),
        ("serpong", "36.74"),
        ("solo", "33.72"),
        ("surakarta", "33.72"),
        ("yogyakarta", "34.71"),
        ("diy", "34"),
        ("ujung pandang", "73.71"),
        ("bali", "51"),
        ("ubud", "51.04"),
        ("sidoarjo", "35.15"),
        ("timika", "94.04"),
        ("morowali", "72.06"),
    ],
)
def test_place_as_vacancies_write_it_resolves(place: str, code: str) -> None:
    places = {row["place"]: row["region"] for row in read_regions("places")}
    assert places.get(place) == code


def test_no_place_is_an_everyday_word_of_a_vacancy(taxonomy) -> None:
    places = {row["place"] for row in read_regions("places")}
    words = {"baru", "jaya", "sari", "timur", "barat", "utara", "selatan", "pusat", "pasar", "jasa"}
    words |= {"batu", "besi", "kayu", "kerja", "kantor", "pabrik", "toko", "kota", "palu", "batang"}
    words |= {"metro", "buru", "puncak", "raya", "indah", "makmur", "mandiri", "sejahtera", "dan"}
    words |= {alias.text.casefold() for alias in taxonomy.aliases}
    words |= {entry.title_id.casefold() for entry in taxonomy.occupations.values()}
    assert places & words == set()


# Bapas and facilities


def test_every_regency_is_served_by_one_bapas_that_exists() -> None:
    served = Counter(row["region"] for row in read_regions("bapas_regions"))
    assert set(served) == set(by_code("regencies"))
    assert set(served.values()) == {1}
    assert {row["bapas"] for row in read_regions("bapas_regions")} <= set(by_code("bapas"))


def test_every_bapas_serves_its_own_seat() -> None:
    serving = {row["region"]: row["bapas"] for row in read_regions("bapas_regions")}
    for code, row in by_code("bapas").items():
        assert serving[row["region"]] == code


def test_no_client_has_a_bapas_on_the_other_side_of_the_country() -> None:
    regencies, seats = by_code("regencies"), by_code("bapas")
    for row in read_regions("bapas_regions"):
        seat = regencies[seats[row["bapas"]]["region"]]
        assert kilometres(point(regencies[row["region"]]), point(seat)) < 650, row


def test_there_are_facilities_of_every_kind_all_over_the_country() -> None:
    facilities = by_code("facilities")
    assert len(facilities) >= 40
    assert {row["kind"] for row in facilities.values()} == {kind.value for kind in FacilityKind}
    assert len({row["region"][:2] for row in facilities.values()}) >= 30
    assert {row["region"] for row in facilities.values()} <= set(by_code("regencies"))
    assert {row["bapas"] for row in facilities.values()} <= set(by_code("bapas"))


@pytest.mark.parametrize("name", ["bapas", "facilities"])
def test_codes_are_plain_and_fit_their_column(name: str) -> None:
    for code, row in by_code(name).items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert len(code) <= 60
        assert row["name"].startswith(("Bapas", "Lapas", "Rutan", "LPKA", "Lembaga"))


# Wrong files


@pytest.mark.parametrize("name", sorted(FILES))
def test_region_file_with_a_short_line_is_refused_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(region_files, "REGION_FOLDER", tmp_path)
    path = tmp_path / f"{name}.csv"
    path.write_text(",".join(FILES[name]) + "\n32\n", encoding="utf-8")
    with pytest.raises(SeedDataError, match=re.escape(f"{path}:2: 1 columns")):
        read_regions(name)


@pytest.mark.parametrize("name", sorted(FILES))
def test_missing_region_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(region_files, "REGION_FOLDER", tmp_path)
    with pytest.raises(SeedDataError, match=f"{name}.csv: cannot be read"):
        read_regions(name)


GOOD = {
    "provinces": "32,Jawa Barat,West Java,Asia/Jakarta",
    "regencies": "32.75,32,kota,Bekasi,-6.24,106.99,Asia/Jakarta",
    "places": "bekasi,32.75",
    "bapas": "bapas-bekasi,Bapas Bekasi,32.75",
    "bapas_regions": "bapas-bekasi,32.75",
    "facilities": "lapas-bekasi,lapas,Lapas Bekasi,32.75,bapas-bekasi",
}


@pytest.mark.parametrize(
    ("name", "line", "column"),
    [
        ("provinces", "33,Jawa Tengah,Central Java,Asia/Tokyo", "timezone"),
        ("provinces", "33,,Central Java,Asia/Jakarta", "name"),
        ("provinces", GOOD["provinces"], "code"),
        ("regencies", "32.76,32,desa,Depok,-6.4,106.8,Asia/Jakarta", "kind"),
        ("regencies", "32.76,32,kota,Depok,selatan,106.8,Asia/Jakarta", "lat"),
        ("regencies", "32.76,32,kota,Depok,nan,106.8,Asia/Jakarta", "lat"),
        ("regencies", "32.76,32,kota,Depok,-6.4,1068,Asia/Jakarta", "lon"),
        ("regencies", "32.76,99,kota,Depok,-6.4,106.8,Asia/Jakarta", "province"),
        ("places", "depok,32.76", "region"),
        ("places", "bekasi,32", "place"),
        ("bapas", "bapas-depok,Bapas Depok,32.76", "region"),
        ("bapas_regions", "bapas-depok,32.75", "bapas"),
        ("bapas_regions", "bapas-bekasi,32.75", "region"),
        ("facilities", "x,penjara,Lapas X,32.75,bapas-bekasi", "kind"),
        ("facilities", "x,lapas,Lapas X,32.75,bapas-depok", "bapas"),
    ],
)
def test_wrong_cell_of_a_region_file_is_named_with_file_line_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, line: str, column: str
) -> None:
    monkeypatch.setattr(region_files, "REGION_FOLDER", tmp_path)
    for file, good in GOOD.items():
        text = "\n".join((",".join(FILES[file]), good, ""))
        (tmp_path / f"{file}.csv").write_text(text, encoding="utf-8")
    with (tmp_path / f"{name}.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(SeedDataError, match=re.escape(f"{name}.csv:3: column {column}: ")):
        read_regions(name)
