"""What the transparency log proves to a phone: that a record is in it, and that it was never rewritten."""

from __future__ import annotations

from casebook.errors import DeviceRevoked, LookupFailed, StorageFull
from casebook.protocol import LogProof, b64
from casebook.translog.checkpoints import glance
from sync_server.store import accounts, archive, reach
from sync_server.store.accounts import Account
from sync_server.store.devices import Device
from sync_server.store.engine import Connection
from sync_server.wiring import Wiring


def prove(wiring: Wiring, device: Device, rid: str, old: int | None) -> LogProof:
    """The newest checkpoint, the proof for the record `rid` (if named) and from the size `old` (if given) to it.

    Raises DeviceRevoked, LookupFailed for a record that this person may not see, RequestMalformed for a size the log
    never had, StorageFull.
    """
    note = wiring.tree.given(wiring.store, device.school)
    if note is None:
        raise StorageFull()
    size = glance(note).size
    with wiring.store.read() as conn:
        account = accounts.by_id(conn, device.school, device.account)
        if account is None or not (device.active and account.active):
            raise DeviceRevoked()
        index, proof = _inclusion(wiring, conn, account, rid, size) if rid else (None, None)
        continued = None if old is None else wiring.tree.consistency(conn, device.school, old, size)
    return LogProof(note, index, proof, None if continued is None else [b64(one) for one in continued])


def _inclusion(wiring: Wiring, conn: Connection, account: Account, rid: str, size: int) -> tuple[int, list[str]]:
    if archive.visible(conn, account.school, rid, reach.records_for(account)) is None:
        raise LookupFailed()
    found = wiring.tree.inclusion(conn, account.school, rid, size)
    return found.index, [b64(one) for one in found.proof]
