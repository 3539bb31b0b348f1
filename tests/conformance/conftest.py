"""The four stands that a school's server may have: rows in SQLite or PostgreSQL, whole files on disk or in a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sync_server.wiring import Wiring
from tests.bucket import S3, moto_server
from tests.swift import swift_server
from tests.sync_server.schoolhouse import make_school

if TYPE_CHECKING:
    from tests.postgres import Postgres

S3_SERVERS = {"moto": moto_server, "swift": swift_server}
STANDS = ("sqlite+disk", "sqlite+bucket", "postgresql+disk", "postgresql+bucket")


@dataclass(frozen=True)
class Stand:
    """Where rows and files of a school lie; None: in its folder."""

    postgres: Postgres | None
    s3: S3 | None

    def found(self, folder: Path) -> Wiring:
        """The school of every test."""
        return make_school(folder, self.postgres, **self._bucket())

    def empty(self) -> dict[str, Any]:
        """Settings of a place where nothing is yet, but for the folder."""
        database = {"database_url": self.postgres.url(self.postgres.create())} if self.postgres else {}
        return database | self._bucket()

    def _bucket(self) -> dict[str, Any]:
        return self.s3.settings() if self.s3 else {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make swift` runs the same tests with another bucket."""
    parser.addoption("--s3", choices=sorted(S3_SERVERS), default="moto", help="whose S3 the bucket is")


@pytest.fixture(scope="session")
def s3(request: pytest.FixtureRequest) -> Iterator[S3]:
    with S3_SERVERS[request.config.getoption("s3", "moto")]() as running:
        yield running


def stand_of(request: pytest.FixtureRequest, name: str) -> Stand:
    """A stand by its name; starts no server that it does not need."""
    rows, _, where = name.partition("+")
    return Stand(
        request.getfixturevalue("postgres") if rows == "postgresql" else None,
        request.getfixturevalue("s3") if where == "bucket" else None,
    )


@pytest.fixture(params=STANDS)
def on_each_stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wiring]:
    """The school of every test, on one stand after the other."""
    wiring = stand_of(request, request.param).found(tmp_path)
    assert wiring.store.engine.dialect.name == request.param.partition("+")[0]
    yield wiring
    wiring.close()
