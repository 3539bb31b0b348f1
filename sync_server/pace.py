"""How much a phone should send at a time: what its link and this server have carried in a few seconds so far."""

from __future__ import annotations

from dataclasses import dataclass

from casebook.protocol import MAX_PUSH_RECORDS

TARGET_S = 3.0  # a piece that takes longer is too much to lose to a cut
TELLING_BYTES = 2048  # less says more about the round trip than about the link
LEAST_RECORDS, LEAST_CHUNK, MOST_CHUNK = 5, 32 * 1024, 1024 * 1024
WEIGHT = 0.5  # of the newest measurement


@dataclass(frozen=True)
class Wishes:
    """Records in a push, bytes in a piece of a file."""

    push_batch: int
    chunk_bytes: int


class Pace:
    """Remembers in memory, per device, records and bytes a second; a server that has just started begins anew."""

    def __init__(self, usual: Wishes) -> None:
        self._usual = usual
        self._measured: dict[str, tuple[float, float]] = {}

    def note(self, dev: str, records: int, sent: int, seconds: float) -> None:
        """A push of so many records and bytes took so long, from its first byte to its answer."""
        if sent < TELLING_BYTES or seconds <= 0:
            return
        new = (records / seconds, sent / seconds)
        old = self._measured.get(dev, new)
        self._measured[dev] = (_mix(old[0], new[0]), _mix(old[1], new[1]))

    def wishes(self, dev: str) -> Wishes:
        """What this device should send at a time; the usual until something was measured."""
        if dev not in self._measured:
            return self._usual
        records, sent = self._measured[dev]
        batch = min(max(int(records * TARGET_S), LEAST_RECORDS), MAX_PUSH_RECORDS)
        return Wishes(batch, min(max(int(sent * TARGET_S), LEAST_CHUNK), MOST_CHUNK))


def _mix(old: float, new: float) -> float:
    return old + (new - old) * WEIGHT
