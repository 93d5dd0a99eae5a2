"""Public ids, UTC times, encrypted text, search digests and stored enums."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import StatementError

from models import columns
from models.columns import (
    DataKeyError,
    EncryptedText,
    UtcDateTime,
    new_public_id,
    search_digest,
    stored,
    use_data_key,
)
from models.database import open_engine
from models.enums import PersonStatus

KEY = bytes(range(100, 132))
JAKARTA = ZoneInfo("Asia/Jakarta")
JAYAPURA = ZoneInfo("Asia/Jayapura")

small = MetaData()  # apart from the tables of Titian
moment = Table(
    "moment", small, Column("id", Integer, primary_key=True), Column("at", UtcDateTime())
)
secret = Table(
    "secret",
    small,
    Column("id", Integer, primary_key=True),
    Column("nik", EncryptedText("secret.nik")),
    Column("phone", EncryptedText("secret.phone")),
    Column("status", stored(PersonStatus)),
)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
# A purpose is a constant of the code; it never holds the NUL that parts it from the value.
purposes = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@pytest.fixture(autouse=True)
def fresh_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of this file's own; the one of the other tests comes back afterwards."""
    monkeypatch.setattr(columns, "_data_key", columns._DataKey())
    use_data_key(KEY)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    small.create_all(opened)
    yield opened
    opened.dispose()


def write(engine: Engine, table: Table, *rows: dict) -> None:
    with engine.begin() as connection:
        connection.execute(insert(table), list(rows))


def read(engine: Engine, column: Column) -> list:
    with engine.connect() as connection:
        return list(connection.scalars(select(column).order_by(column.table.c.id)))


def raw(engine: Engine, statement: str) -> list:
    """What stands in the database, past every column type."""
    with engine.begin() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


# Public ids


def test_public_id_is_twelve_characters_that_read_like_nothing_else() -> None:
    ids = [new_public_id() for _ in range(500)]
    assert {len(public_id) for public_id in ids} == {12}
    assert not set("".join(ids)) & set("01ilo")
    assert all(public_id.isascii() and public_id == public_id.lower() for public_id in ids)


def test_public_ids_never_repeat_and_no_place_in_them_counts_up() -> None:
    ids = [new_public_id() for _ in range(3000)]
    assert len(set(ids)) == 3000
    for place in range(12):  # a letter missing here has a chance of (30/31)^3000 < 10^-42
        assert len({public_id[place] for public_id in ids}) == 31
    assert ids != sorted(ids)


# Times


@pytest.mark.parametrize(
    "zone", [UTC, JAKARTA, JAYAPURA, timezone(timedelta(hours=-9, minutes=-30))]
)
def test_time_of_any_zone_comes_back_as_the_same_instant_in_utc(engine: Engine, zone) -> None:
    at = datetime(2026, 3, 1, 6, 30, 15, 123456, tzinfo=zone)
    write(engine, moment, {"at": at})
    (found,) = read(engine, moment.c.at)
    assert found == at
    assert found.tzinfo is UTC


def test_every_instant_round_trips_to_the_microsecond(engine: Engine) -> None:
    offsets = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))

    @settings(deadline=None, max_examples=30)
    @given(
        st.datetimes(
            min_value=datetime(1900, 1, 2),  # noqa: DTZ001  (hypothesis adds the zone)
            max_value=datetime(2999, 1, 1),  # noqa: DTZ001
            timezones=offsets,
        )
    )
    def check(at: datetime) -> None:
        with engine.begin() as connection:
            key = connection.execute(insert(moment).values(at=at)).inserted_primary_key
            found = connection.scalar(select(moment.c.at).where(moment.c.id == key[0]))
        assert found == at
        assert found.utcoffset() == timedelta(0)

    check()


def test_times_of_different_zones_sort_and_compare_by_instant(engine: Engine) -> None:
    noon = datetime(2026, 8, 17, 12, tzinfo=UTC)
    later = datetime(2026, 8, 17, 20, tzinfo=JAKARTA)  # 13:00 UTC
    earlier = datetime(2026, 8, 17, 20, tzinfo=JAYAPURA)  # 11:00 UTC
    write(engine, moment, {"at": noon}, {"at": later}, {"at": earlier})
    with engine.connect() as connection:
        in_order = list(connection.scalars(select(moment.c.at).order_by(moment.c.at)))
        until_noon = list(
            connection.scalars(
                select(moment.c.id).where(moment.c.at <= noon.astimezone(JAYAPURA)).order_by("id")
            )
        )
    assert in_order == [earlier, noon, later]
    assert until_noon == [1, 3]


def test_time_without_a_zone_is_refused_and_nothing_is_stored(engine: Engine) -> None:
    with pytest.raises(StatementError, match="must carry its timezone") as refusal:
        write(engine, moment, {"at": datetime(2026, 3, 1, 6, 30)})  # noqa: DTZ001
    assert isinstance(refusal.value.orig, ValueError)
    assert read(engine, moment.c.id) == []


def test_absent_time_stays_absent(engine: Engine) -> None:
    write(engine, moment, {"at": None})
    assert read(engine, moment.c.at) == [None]


# Encrypted text


def test_every_text_round_trips_encrypted(engine: Engine) -> None:
    @settings(deadline=None, max_examples=40)
    @given(words)
    def check(plain: str) -> None:
        with engine.begin() as connection:
            key = connection.execute(insert(secret).values(nik=plain)).inserted_primary_key
            found = connection.scalar(select(secret.c.nik).where(secret.c.id == key[0]))
        assert found == plain

    check()


def test_absent_text_stays_absent(engine: Engine) -> None:
    write(engine, secret, {"nik": None})
    assert read(engine, secret.c.nik) == [None]
    assert raw(engine, "SELECT nik FROM secret") == [(None,)]


def test_raw_column_holds_no_plaintext(engine: Engine) -> None:
    plain = "3275990000002345"
    write(engine, secret, {"nik": plain})
    ((held,),) = raw(engine, "SELECT nik FROM secret")
    held = bytes(held)
    for part in (plain[:4], plain[6:], plain):
        for form in (part.encode(), part.encode("utf-16-le"), part.encode().hex().encode()):
            assert form not in held


def test_raw_column_is_version_nonce_and_tagged_ciphertext(engine: Engine) -> None:
    write(engine, secret, {"nik": "3275990000002345"})
    ((held,),) = raw(engine, "SELECT nik FROM secret")
    assert bytes(held)[:1] == b"\x01"
    assert len(held) == 1 + 12 + 16 + 16


def test_equal_texts_are_stored_unequal(engine: Engine) -> None:
    write(engine, secret, *[{"nik": "sama", "phone": "sama"} for _ in range(20)])
    held = {bytes(value) for row in raw(engine, "SELECT nik, phone FROM secret") for value in row}
    assert len(held) == 40
    assert len({value[1:13] for value in held}) == 40


def test_another_key_reads_nothing_and_the_error_names_the_column(engine: Engine) -> None:
    write(engine, secret, {"nik": "3275990000002345"})
    use_data_key(KEY[::-1])
    with pytest.raises(DataKeyError, match=r"secret\.nik.*TITIAN_DATA_KEY"):
        read(engine, secret.c.nik)
    use_data_key(KEY)
    assert read(engine, secret.c.nik) == ["3275990000002345"]


def test_ciphertext_moved_to_another_column_is_refused(engine: Engine) -> None:
    write(engine, secret, {"nik": "3275990000002345", "phone": "+6289900002345"})
    raw_move = text("UPDATE secret SET phone = nik")
    with engine.begin() as connection:
        connection.execute(raw_move)
    assert read(engine, secret.c.nik) == ["3275990000002345"]
    with pytest.raises(DataKeyError, match=r"secret\.phone"):
        read(engine, secret.c.phone)


def test_a_single_changed_bit_anywhere_is_refused() -> None:
    kind = EncryptedText("secret.nik")
    held = kind.process_bind_param("3275990000002345", None)
    for place in range(len(held) * 8):
        changed = bytearray(held)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(DataKeyError):
            kind.process_result_value(bytes(changed), None)


def test_ciphertext_cut_off_at_any_length_is_refused() -> None:
    kind = EncryptedText("secret.nik")
    held = kind.process_bind_param("3275990000002345", None)
    for length in range(len(held)):
        with pytest.raises(DataKeyError):
            kind.process_result_value(held[:length], None)


def test_without_a_key_nothing_is_written(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_data_key", columns._DataKey())
    with pytest.raises((DataKeyError, StatementError), match="no data key is set"):
        write(engine, secret, {"nik": "3275990000002345"})
    assert raw(engine, "SELECT count(*) FROM secret") == [(0,)]


@pytest.mark.parametrize("length", [0, 1, 16, 31])
def test_short_key_is_refused_and_the_key_in_use_stays(length: int) -> None:
    before = search_digest("nik", "3275990000002345")
    with pytest.raises(DataKeyError, match="32 bytes"):
        use_data_key(bytes(length))
    assert search_digest("nik", "3275990000002345") == before


# Search digests


@settings(deadline=None)
@given(words, purposes, purposes)
def test_digests_of_one_value_differ_by_purpose(value: str, one: str, other: str) -> None:
    assert (search_digest(one, value) == search_digest(other, value)) == (one == other)


@settings(deadline=None)
@given(purposes, words, words)
def test_digests_are_equal_just_for_equal_values(purpose: str, one: str, other: str) -> None:
    assert (search_digest(purpose, one) == search_digest(purpose, other)) == (one == other)


@settings(deadline=None)
@given(purposes, words, st.integers(0, 8))
def test_digest_does_not_slide_between_purpose_and_value(
    purpose: str, value: str, cut: int
) -> None:
    joined = purpose + value
    other = (joined[:cut], joined[cut:])
    if other != (purpose, value) and "\0" not in other[0]:
        assert search_digest(purpose, value) != search_digest(*other)


def test_digest_is_64_hex_digits_that_nobody_can_compute_without_the_key() -> None:
    value = "3275990000002345"
    found = search_digest("nik", value)
    assert len(found) == 64
    assert set(found) <= set("0123456789abcdef")
    assert found not in {
        sha256(form.encode()).hexdigest() for form in (value, f"nik{value}", f"nik\0{value}")
    }
    use_data_key(KEY[::-1])
    assert search_digest("nik", value) != found


def test_no_digest_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_data_key", columns._DataKey())
    with pytest.raises(DataKeyError, match="no data key is set"):
        search_digest("nik", "3275990000002345")


# Enums


def test_enum_is_stored_by_its_value_and_comes_back_as_a_member(engine: Engine) -> None:
    write(engine, secret, *[{"status": status} for status in PersonStatus])
    assert raw(engine, "SELECT status FROM secret ORDER BY id") == [
        ("in_custody",),
        ("assimilation",),
        ("conditional_release",),
        ("conditional_leave",),
        ("leave_before_release",),
        ("free",),
    ]
    found = read(engine, secret.c.status)
    assert found == list(PersonStatus)
    assert all(type(status) is PersonStatus for status in found)


def test_value_outside_the_enum_is_refused_and_nothing_is_stored(engine: Engine) -> None:
    with pytest.raises(StatementError, match="escaped"):
        write(engine, secret, {"status": "escaped"})
    assert raw(engine, "SELECT count(*) FROM secret") == [(0,)]
