"""The schools that one server serves together; each is connected when somebody first asks for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sync_server.settings import Settings
from sync_server.store import schools
from sync_server.wiring import Clock, Shared, Wiring, share, wire

#: A school that was added a moment ago is found after at most so long; nonsense costs no more than one look in that.
LOOK_SECONDS = 5.0


class Deployment:
    """Finds the wiring of a school by its id. Safe to share between threads."""

    def __init__(self, shared: Shared, *wired: Wiring) -> None:
        self._shared = shared
        self._lock = threading.Lock()
        self._wirings = {wiring.school.id: wiring for wiring in wired}
        self._known: dict[str, schools.School] = {}
        self._look()
        self.first = self._wired(next(iter(self._known)))
        self._awake = {self.first.school.id}

    @property
    def settings(self) -> Settings:
        """The settings of all."""
        return self._shared.settings

    @property
    def clock(self) -> Clock:
        """The clock of all."""
        return self._shared.clock

    @property
    def several(self) -> bool:
        """Whether a person has to say which school is meant."""
        return len(self._known) > 1

    def of(self, school: str) -> Wiring | None:
        """The wiring of a school; None when there is no such school here. May ask the store: use a thread."""
        with self._lock:
            if school not in self._known and time.monotonic() - self._looked >= LOOK_SECONDS:
                self._look()
            if school not in self._known:
                return None
            self._awake.add(school)
            return self._wired(school)

    def awake(self) -> list[Wiring]:
        """The schools that somebody has asked for since the start, and the oldest one: what time does to their cases
        is worth looking at."""
        with self._lock:
            return [self._wired(school) for school in sorted(self._awake)]

    def all(self) -> list[Wiring]:
        """Every school; that does not wake them."""
        with self._lock:
            self._look()
            return [self._wired(school) for school in self._known]

    def close(self) -> None:
        """Gives connections back."""
        self._shared.store.close()

    def _look(self) -> None:
        with self._shared.store.read() as conn:
            self._known = {school.id: school for school in schools.all_of(conn)}
        self._looked = time.monotonic()

    def _wired(self, school: str) -> Wiring:
        if school not in self._wirings:
            self._wirings[school] = wire(self._shared, self._known[school])
        return self._wirings[school]


def open_deployment(
    settings: Settings, *, clock: Clock | None = None, free_bytes: Callable[[], int] | None = None
) -> Deployment:
    """All schools of an initialised data folder. Raises NotInitialised."""
    return Deployment(share(settings, clock=clock, free_bytes=free_bytes))


def alone(wiring: Wiring) -> Deployment:
    """The deployment around a school that is connected already."""
    shared = Shared(
        wiring.settings, wiring.store, wiring.blobs, wiring.keys, wiring.clock, wiring.free_bytes, wiring.meter
    )
    return Deployment(shared, wiring)
