"""The store: one history of tables, the school first everywhere, writers that wait, a full disk that loses nothing.

What holds of both databases is tried on both.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, ForeignKeyConstraint, UniqueConstraint, event, func, insert, select, text, update

from casebook.errors import StorageFull
from casebook.protocol import PushRequest, sealed_to_wire
from sync_server.store import archive, codes, index, schema, schools, visits
from sync_server.store.engine import Store
from sync_server.wiring import NotInitialised, Wiring, build
from tests.postgres import Postgres
from tests.sync_server.schoolhouse import CHILD, SCHOOL, TEACHER, Phone, make_school


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path, request.getfixturevalue("postgres") if request.param == "postgresql" else None)
    assert wiring.store.engine.dialect.name == request.param
    yield wiring
    wiring.close()


def test_the_migrations_end_at_the_tables_the_code_uses(either: Wiring) -> None:
    with either.store.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    assert either.store.version() == schema.HEAD


def test_the_school_comes_first_in_every_key() -> None:
    for table in schema.metadata.tables.values():
        assert next(iter(table.primary_key.columns)).name == "school", table.name
        for index_ in table.indexes:
            assert next(iter(index_.columns)).name == "school", index_.name
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint | UniqueConstraint):
                assert next(iter(constraint.columns)).name == "school", constraint.name


def test_sqlite_keeps_what_it_says_it_keeps(school: Wiring) -> None:
    with school.store.read() as conn:
        found = {name: conn.execute(text(f"PRAGMA {name}")).scalar() for name in
                 ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}  # fmt: skip
        tables = conn.execute(text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'"))
        assert all("STRICT" in sql for sql in tables.scalars())
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_one_childs_records_are_found_without_looking_at_all_others(school: Wiring) -> None:
    """The records that count are nearly all: an index over that must not be chosen."""
    asked = {
        "case": archive.ENTRY.where(archive.r.school == "s", archive.r.case == "c", archive.COUNTS).order_by(archive.r.sseq),
        "visit": archive.ENTRY.where(archive.r.school == "s", archive.r.visit == "v", archive.COUNTS),
    }
    with school.store.read() as conn:
        for column, statement in asked.items():
            compiled = statement.compile(conn, compile_kwargs={"literal_binds": True})
            (plan,) = conn.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
            assert f"{column}=?" in plan.detail


def test_a_failed_transaction_leaves_nothing(either: Wiring) -> None:
    def half(conn) -> None:
        schools.take(conn, SCHOOL, 5)
        raise RuntimeError("planted")

    before = size(either)
    with pytest.raises(RuntimeError):
        either.store.run_tx(half)
    assert size(either) == before


def size(school: Wiring) -> int:
    with school.store.read() as conn:
        return schools.size(conn, SCHOOL)


def test_writers_of_several_processes_wait_for_each_other(either: Wiring) -> None:
    """Several engines on one database stand for several processes."""
    stores = [Store(either.settings.store_url) for _ in range(3)]
    before = size(either)

    def write(store: Store) -> None:
        for _ in range(20):
            store.run_tx(lambda conn: schools.take(conn, SCHOOL))

    threads = [threading.Thread(target=write, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert size(either) == before + 60


def test_what_is_read_and_then_written_is_not_written_twice_by_two_processes(either: Wiring) -> None:
    """The number after the last one, as a use case would look for it, is free for whoever's turn it is."""
    stores = [Store(either.settings.store_url) for _ in range(3)]
    code = codes.WaitingCode(SCHOOL, "AAA", "x", TEACHER, "t", "t")
    either.store.run_tx(lambda conn: codes.add(conn, code))

    def count(store: Store) -> None:
        for _ in range(20):
            store.of(SCHOOL).run_tx(one_more)

    def one_more(conn: Connection) -> None:
        known = codes.by_handle(conn, SCHOOL, "AAA")
        assert known is not None
        conn.execute(update(schema.enrol_code).where(schema.enrol_code.c.school == SCHOOL).values(tries=known.tries + 1))

    threads = [threading.Thread(target=count, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    with either.store.read() as conn:
        counted = codes.by_handle(conn, SCHOOL, "AAA")
    assert counted is not None and counted.tries == 60


def test_a_reader_of_postgresql_cannot_write(postgres: Postgres, tmp_path: Path) -> None:
    wiring = make_school(tmp_path, postgres)
    with pytest.raises(Exception, match="read-only"), wiring.store.read() as conn:
        schools.take(conn, SCHOOL)
    wiring.close()


def test_what_postgresql_asks_to_be_repeated_is_and_its_full_disk_is_told(postgres: Postgres, tmp_path: Path) -> None:
    wiring, tries = make_school(tmp_path, postgres), []

    def fails(state: str) -> str:
        return f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{state}'; END $$"

    def work(conn: Connection) -> int:
        tries.append(1)
        if len(tries) < 3:
            conn.execute(text(fails("40001")))
        return schools.take(conn, SCHOOL)

    before = size(wiring)
    assert wiring.store.run_tx(work) == before + 1
    assert len(tries) == 3
    with pytest.raises(StorageFull):
        wiring.store.run_tx(lambda conn: conn.execute(text(fails("53100"))))
    assert size(wiring) == before + 1
    wiring.close()


def test_a_commit_waits_for_the_disk_even_if_the_database_says_otherwise(postgres: Postgres, tmp_path: Path) -> None:
    wiring = make_school(tmp_path, postgres)
    name = wiring.store.engine.url.database
    for said, kept in (("off", "on"), ("remote_apply", "remote_apply")):
        with postgres.speak() as conn:
            conn.execute(f"ALTER DATABASE {name} SET synchronous_commit = {said}")
        wiring.store.close()
        with wiring.store.read() as conn:
            assert conn.execute(text("SHOW synchronous_commit")).scalar() == kept
    wiring.close()


def test_a_reader_sees_one_moment(either: Wiring) -> None:
    with either.store.read() as conn:
        before = schools.size(conn, SCHOOL)
        either.store.run_tx(lambda other: schools.take(other, SCHOOL))
        assert schools.size(conn, SCHOOL) == before
    assert size(either) == before + 1


def test_a_full_disk_refuses_the_batch_and_leaves_nothing_half_written(school: Wiring) -> None:
    phone = Phone().enrol(school)
    device = school.enrolment.device_of(phone.token)
    batch = [phone.visit(f"v{n}", body=body(n)) for n in range(10)]
    push = PushRequest([sealed_to_wire(record) for record in batch])
    with full_disk(school), pytest.raises(StorageFull):
        school.intake.push(device, push)
    with school.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(schema.record)).scalar() == 0
        assert index.values(conn, SCHOOL, CHILD) == {}
        assert visits.listed(conn, SCHOOL) == []
        assert conn.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    assert {outcome.verdict for outcome in school.intake.push(device, push).outcomes} == {"stored"}
    with school.store.read() as conn:
        assert len(archive.of_case(conn, SCHOOL, CHILD)) == 10


def body(n: int) -> dict[str, object]:
    return {"visit": f"v{n}", "purposes": ["absence"], "instance": "x" * 50_000, "signatures": []}


class full_disk:
    """Lets the database file grow no further."""

    def __init__(self, school: Wiring) -> None:
        self._engine = school.store.engine

    def __enter__(self) -> None:
        self._engine.dispose()
        event.listen(self._engine, "connect", self._limit)

    def __exit__(self, *_error: object) -> None:
        event.remove(self._engine, "connect", self._limit)
        self._engine.dispose()

    @staticmethod
    def _limit(connection, _record) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")


def test_an_older_store_is_not_served(either: Wiring) -> None:
    def age(conn) -> None:
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    either.store.run_tx(age)
    with pytest.raises(NotInitialised) as told:
        build(either.settings)
    assert told.value.reason == "server.needs_upgrade"


def test_a_record_names_files_and_files_name_records(either: Wiring) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        either.store.run_tx(
            lambda conn: conn.execute(insert(schema.record_flag).values(school=SCHOOL, rid="0" * 64, flag="gap"))
        )
