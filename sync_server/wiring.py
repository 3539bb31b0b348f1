"""Builds the server's parts once and connects them; the only place that creates clocks, keys and stores."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING

from casebook.ed25519 import Ed25519Verifier
from sync_server import keys as school_keys
from sync_server.case_numbers import CaseNumbers
from sync_server.enrolment import Enrolment
from sync_server.intake import Intake
from sync_server.keys import Keys
from sync_server.lives import Lives
from sync_server.office import Office
from sync_server.operations.metrics import Meter
from sync_server.quotas import Quotas
from sync_server.seen import Seen
from sync_server.settings import Settings
from sync_server.store import schema, schools
from sync_server.store.blobs import Blobs
from sync_server.store.engine import Store
from sync_server.store.filestore import Bucket, FileStore, LocalFiles, in_bucket
from sync_server.store.schools import School
from sync_server.treelog import TreeLog
from sync_server.uploads import Uploads

if TYPE_CHECKING:
    from sync_server.handout import Handout

Clock = Callable[[], datetime]


class NotInitialised(Exception):
    """The data folder holds no school, or one of another version; `reason` is a wording key."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Wiring:
    """Everything the use cases and the web need of one school. `clock` gives aware times in the school's zone."""

    settings: Settings
    school: School
    store: Store
    blobs: Blobs
    keys: Keys
    clock: Clock
    intake: Intake
    uploads: Uploads
    enrolment: Enrolment
    office: Office
    lives: Lives
    numbers: CaseNumbers
    tree: TreeLog
    seen: Seen
    meter: Meter
    free_bytes: Callable[[], int]

    @cached_property
    def handout(self) -> Handout:
        """What answers hello and pull; much is loaded for it, which whoever starts the server need not wait for."""
        from sync_server.handout import Handout

        return Handout(
            self.store, self.school.id, self.clock, self.lives, self.tree, self.settings.push_batch,
            self.settings.chunk_bytes,
        )  # fmt: skip

    def now(self) -> str:
        """The instant as records and rows write it, to the second, with offset."""
        return self.clock().isoformat(timespec="seconds")

    def close(self) -> None:
        """Gives connections back."""
        self.store.close()


@dataclass(frozen=True)
class Shared:
    """What the schools of a deployment share: one database, one file store, one pair of keys, one set of figures."""

    settings: Settings
    store: Store
    blobs: Blobs
    keys: Keys
    clock: Clock
    free_bytes: Callable[[], int]
    meter: Meter


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    free_bytes: Callable[[], int] | None = None,
) -> Wiring:
    """The one school of an initialised data folder; of several, the one that the settings name.

    Raises NotInitialised.
    """
    shared = share(settings, clock=clock, free_bytes=free_bytes)
    with shared.store.read() as conn:
        found = schools.all_of(conn)
    chosen = [school for school in found if settings.school in ("", school.id)]
    if len(chosen) != 1:
        shared.store.close()
        raise NotInitialised("deployment.which_school" if chosen else "deployment.no_such_school")
    return wire(shared, chosen[0])


def share(
    settings: Settings, *, clock: Clock | None = None, free_bytes: Callable[[], int] | None = None
) -> Shared:
    """Opens what all schools share. Raises NotInitialised."""
    store = Store(settings.store_url)
    try:
        _require_schools(store, settings)
    except NotInitialised:
        store.close()
        raise
    return Shared(
        settings=settings, store=store, blobs=Blobs(settings.data, files_of(settings)),
        keys=school_keys.read(settings.data / "keys"), clock=clock or zone_clock(settings), meter=Meter(),
        free_bytes=free_bytes or (lambda: shutil.disk_usage(settings.data).free),
    )  # fmt: skip


def wire(shared: Shared, school: School) -> Wiring:
    """One school, connected."""
    settings, clock, keys, free = shared.settings, shared.clock, shared.keys, shared.free_bytes
    store = shared.store.of(school.id)
    lives = Lives(school.id, clock)
    tree = TreeLog(keys.receipt, clock)
    intake = Intake(store, keys.receipt, Ed25519Verifier(), clock, lives, tree)
    return Wiring(
        settings=settings, school=school, store=store, blobs=shared.blobs, keys=keys, clock=clock, intake=intake,
        uploads=Uploads(
            store, shared.blobs, clock, free, settings.reserve_bytes, settings.max_file_bytes,
            Quotas(store, clock, settings.device_day_bytes, settings.school_bytes),
        ),
        enrolment=Enrolment(shared.store, school, keys.receipt.public_key, clock),
        office=Office(school, intake, keys.office, clock),
        lives=lives,
        numbers=CaseNumbers(store, school.id, lives, lambda: clock().isoformat(timespec="seconds")),
        tree=tree,
        seen=Seen(store, school.id), meter=shared.meter, free_bytes=free,
    )  # fmt: skip


def files_of(settings: Settings) -> FileStore:
    """Where whole files lie: in the bucket that the settings name, or in the data folder."""
    if not settings.files_url:
        return LocalFiles(settings.data)
    secret = settings.files_secret.get_secret_value()
    return in_bucket(
        Bucket(settings.files_url, settings.files_endpoint, settings.files_region, settings.files_key, secret)
    )


def zone_clock(settings: Settings) -> Clock:
    """The computer's clock in the school's zone."""
    zone = timezone(timedelta(minutes=settings.utc_offset_minutes))
    return lambda: datetime.now(zone)


def _require_schools(store: Store, settings: Settings) -> None:
    if settings.database_url is None and not (settings.data / "jiafang.db").exists():
        raise NotInitialised("server.not_initialised")
    version = store.version()
    if version is None:
        raise NotInitialised("server.not_initialised")
    if version != schema.HEAD:
        raise NotInitialised("server.needs_upgrade")
    with store.read() as conn:
        found = schools.all_of(conn)
    if not found or not (settings.data / "keys" / "receipt.key").exists():
        raise NotInitialised("server.not_initialised")
