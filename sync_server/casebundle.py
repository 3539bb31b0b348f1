"""Makes a case bundle: everything the school has of one child under seal, with what proves it offline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook.errors import NoSuchCase
from casebook.protocol import SchoolCard, SealedWire, b64
from casebook.records import Record
from casebook.sealing import Sealed, Signer
from casebook.translog.checkpoints import Checkpoint, glance, origin_of
from casebook.translog.notes import Voucher
from casebook.verify.bundle import (
    CONTENTS_TYPE,
    DEVICE_TYPE,
    FORMAT,
    VERSION,
    Bundle,
    BundledCheckpoint,
    BundledRecord,
    Certificate,
    Contents,
    Statement,
    state,
)
from casebook.verify.seals import named_by
from sync_server.store import accounts, archive, devices, files, tree
from sync_server.store.archive import Kept
from sync_server.store.engine import Connection
from sync_server.wiring import Wiring


@dataclass(frozen=True)
class Export:
    """What one bundle is made of: the child's records and the state of the log that the proofs lead to."""

    case: str
    kept: Sequence[Kept]
    newest: Checkpoint
    note: str

    @property
    def records(self) -> list[Record]:
        """Those that can be read; the others are exported as they are, and the check names them."""
        return [record for one in self.kept if (record := one.record) is not None]


def make_bundle(wiring: Wiring, case: str, outside: Iterable[str] = ()) -> Bundle:
    """The bundle of a child's case file, proving also that the log continues the checkpoints `outside`.

    Raises NoSuchCase when there is no record of this child, RequestMalformed for an outside note that is none.
    """
    found = list(outside)
    return wiring.store.run_tx(lambda conn: _at_one_moment(wiring, conn, case, found))


def _at_one_moment(wiring: Wiring, conn: Connection, case: str, outside: list[str]) -> Bundle:
    kept = archive.as_kept(conn, wiring.school.id, case)
    if not kept:
        raise NoSuchCase()
    note = wiring.tree.checkpoint(conn, wiring.school.id)
    return _bundle(wiring, conn, Export(case, kept, glance(note), note), outside)


def _bundle(wiring: Wiring, conn: Connection, export: Export, outside: list[str]) -> Bundle:
    school, signer = wiring.school, wiring.keys.receipt
    return Bundle(
        format=FORMAT, v=VERSION, school=SchoolCard(school.id, school.name), case=export.case,
        key=str(Voucher(origin_of(school.id), signer.public_key)),
        records=_records(wiring, conn, export), checkpoints=_checkpoints(wiring, conn, export, outside),
        devices=_certificates(conn, school.id, export, signer),
        contents=_contents(wiring, conn, export),
    )  # fmt: skip


def _records(wiring: Wiring, conn: Connection, export: Export) -> list[BundledRecord]:
    rids = [one.rid for one in export.kept]
    proofs = wiring.tree.inclusions(conn, wiring.school.id, rids, export.newest.size)
    found = []
    for one in export.kept:
        proof = proofs.get(one.rid)
        index, hashes = (proof.index, [b64(each) for each in proof.proof]) if proof else (None, [])
        found.append(BundledRecord(_wire(one.sealed), one.receipt, index, hashes))
    return found


def _wire(sealed: Sealed) -> SealedWire:
    return SealedWire(sealed.payload.decode(errors="replace"), b64(sealed.signature), sealed.keyid)


def _checkpoints(wiring: Wiring, conn: Connection, export: Export, outside: list[str]) -> list[BundledCheckpoint]:
    """Those around each record, those the records quote, those that were kept outside; the newest last."""
    notes = dict.fromkeys([*_witnesses(conn, wiring.school.id, export), *outside])
    notes.pop(export.note, None)
    known = {note: glance(note) for note in notes}
    size = export.newest.size
    provable = {one.size for one in known.values() if one.size <= size}
    proofs = wiring.tree.consistencies(conn, wiring.school.id, provable, size)
    ordered = sorted(known, key=lambda note: (known[note].size, known[note].time))
    older = [BundledCheckpoint(note, [b64(one) for one in proofs.get(known[note].size, [])]) for note in ordered]
    return [*older, BundledCheckpoint(export.note)]


def _witnesses(conn: Connection, school: str, export: Export) -> list[str]:
    """The checkpoints that say when each record came into the log, and those that the records quote."""
    leaves = tree.leaves_of(conn, school, [one.rid for one in export.kept])
    found = [note for n in leaves.values() for note in tree.around(conn, school, export.newest.gen, n)]
    for record in export.records:
        seen = record.seen
        if isinstance(seen, dict) and isinstance(seen.get("gen"), str) and isinstance(seen.get("size"), int):
            quoted = tree.at_size(conn, school, seen["gen"], seen["size"])
            found += [quoted] if quoted is not None else []
    return [note for note in found if glance(note).size <= export.newest.size]


def _certificates(conn: Connection, school: str, export: Export, signer: Signer) -> list[Statement]:
    known = devices.by_ids(conn, school, {one.sealed.keyid for one in export.kept})
    found = []
    for device in sorted(known.values(), key=lambda device: (device.enrolled_at, device.dev)):
        holder = accounts.by_id(conn, school, device.account) if device.account else None
        said = Certificate(
            school, device.dev, b64(device.public_key), device.account, holder.name if holder else "", device.office,
            device.enrolled_at, device.revoked_at,
        )  # fmt: skip
        found.append(state(DEVICE_TYPE, said, signer))
    return found


def _contents(wiring: Wiring, conn: Connection, export: Export) -> Statement:
    school, newest, rids = wiring.school, export.newest, {one.rid for one in export.kept}
    named = sorted({rid for record in export.records for rid in named_by(record)} - rids)
    lacking = set(archive.not_held(conn, school.id, named))
    wanted = {att.sha256 for record in export.records for att in record.att}
    said = Contents(
        school=school.id, name=school.name, case=export.case, gen=newest.gen, size=newest.size,
        root=newest.root.hex(), made_at=wiring.now(), rids=sorted(rids),
        elsewhere=[rid for rid in named if rid not in lacking],
        arrived=sorted(files.among(conn, school.id, wanted)),
        flags={one.rid: list(one.flags) for one in export.kept if one.flags},
    )  # fmt: skip
    return state(CONTENTS_TYPE, said, wiring.keys.receipt)
