"""The phones (and the office's own key) that may seal records for the school."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, select, update

from casebook.merging import Standing
from sync_server.store import schema as t
from sync_server.store.direct import Among, Direct

d, r, n, f, g = t.device.c, t.record.c, t.record_file.c, t.file.c, t.record_flag.c
s = t.device_seen
MINE = d.school == bindparam("of_school")
COLUMNS = select(
    d.dev, d.school, d.account, d.public_key, d.name, d.platform, d.app_version, d.enrolled_at, d.office, d.active,
    d.revoked_at,
)  # fmt: skip
BY_ID = Direct(COLUMNS.where(MINE, d.dev == bindparam("of_dev")))
BY_TOKEN = Direct(COLUMNS.where(MINE, d.token == bindparam("of_token")))
BY_IDS = Among(lambda ids: COLUMNS.where(MINE, d.dev.in_(ids)))


@dataclass(frozen=True)
class Device:
    """A key that was enrolled: `dev` is the SHA-256 of `public_key`, `account` the person who carries it.

    The office's own key (`office`) belongs to nobody: its account is empty.
    """

    dev: str
    school: str
    account: str
    public_key: bytes
    name: str
    platform: str
    app_version: str
    enrolled_at: str
    office: bool = False
    active: bool = True
    revoked_at: str | None = None

    @property
    def standing(self) -> Standing:
        """What the judge over arriving records needs to know."""
        return Standing(self.account, self.school, self.active, self.office)


@dataclass(frozen=True)
class Owed:
    """A phone, when the school last heard of it, and what it is known to have unsent: `files`, and holes in its
    numbering (`gaps`: at least one record each)."""

    device: Device
    seen_at: str
    files: int
    gaps: int


def put(conn: Connection, device: Device, token: str | None) -> None:
    """Enrols a device, or enrols it anew; `token` is the hash of its bearer token."""
    values = {
        "account": device.account or None, "public_key": device.public_key, "name": device.name,
        "platform": device.platform, "app_version": device.app_version, "token": token,
        "office": int(device.office), "active": int(device.active), "enrolled_at": device.enrolled_at,
        "revoked_at": device.revoked_at,
    }  # fmt: skip
    if by_id(conn, device.school, device.dev) is None:
        conn.execute(insert(t.device).values(school=device.school, dev=device.dev, **values))
    else:
        _change(conn, device.school, device.dev, **values)


def by_id(conn: Connection, school: str, dev: str) -> Device | None:
    """The device with this id."""
    row = BY_ID.first(conn, of_school=school, of_dev=dev)
    return _device(row) if row else None


def by_token(conn: Connection, school: str, token: str) -> Device | None:
    """The device whose bearer token has this hash, revoked or not."""
    row = BY_TOKEN.first(conn, of_school=school, of_token=token)
    return _device(row) if row else None


def by_ids(conn: Connection, school: str, devs: Iterable[str]) -> dict[str, Device]:
    """The devices among these ids that are known."""
    found = map(_device, BY_IDS.all(conn, sorted(set(devs)), of_school=school))
    return {device.dev: device for device in found}


def all_of(conn: Connection, school: str) -> list[Device]:
    """Every phone, the newest enrolment first; the office's own key is left out."""
    phones = COLUMNS.where(d.school == school, d.office == 0)
    return [_device(row) for row in conn.execute(phones.order_by(t.device.c.enrolled_at.desc()))]


def note_seen(conn: Connection, school: str, seen: Mapping[str, str]) -> None:
    """Notes when these devices last spoke with the school; device -> instant."""
    for dev, at in seen.items():
        mine = update(s).where(s.c.school == school, s.c.dev == dev).values(seen_at=at)
        if not conn.execute(mine).rowcount:
            conn.execute(insert(s).values(school=school, dev=dev, seen_at=at))


def owed(conn: Connection, school: str) -> list[Owed]:
    """Every phone in use with what the school knows that it still has, the one that was silent longest first."""
    seen = {row.dev: row.seen_at for row in conn.execute(select(s).where(s.c.school == school))}
    last = _by_device(conn, select(r.dev, func.max(r.received_at)).where(r.school == school))
    gaps = _by_device(
        conn, select(r.dev, func.count()).where(r.school == school, g.school == school, g.rid == r.rid, g.flag == "gap")
    )
    named = t.record.join(t.record_file, and_(n.school == r.school, n.rid == r.rid))
    joined = named.outerjoin(t.file, and_(f.school == n.school, f.sha256 == n.sha256))
    waited = select(r.dev, func.count(n.sha256.distinct())).select_from(joined)
    files = _by_device(conn, waited.where(r.school == school, f.sha256.is_(None)))
    phones = [
        Owed(one, max(seen.get(one.dev, ""), last.get(one.dev, ""), one.enrolled_at), files.get(one.dev, 0),
             gaps.get(one.dev, 0))
        for one in all_of(conn, school) if one.active
    ]  # fmt: skip
    return sorted(phones, key=lambda phone: phone.seen_at)


def revoke(conn: Connection, school: str, dev: str, at: str) -> None:
    """From now on what this device signs waits in quarantine, and it is told to lock."""
    _change(conn, school, dev, active=0, revoked_at=at)


def _change(conn: Connection, school: str, dev: str, **values: Any) -> None:
    conn.execute(update(t.device).where(t.device.c.school == school, t.device.c.dev == dev).values(**values))


def _by_device(conn: Connection, asked: Select[Any]) -> dict[str, Any]:
    return {row[0]: row[1] for row in conn.execute(asked.group_by(r.dev))}


def _device(row: Any) -> Device:
    dev, school, account, public_key, name, platform, app_version, enrolled_at, office, active, revoked_at = row
    return Device(
        dev, school, account or "", public_key, name, platform, app_version, enrolled_at, bool(office), bool(active),
        revoked_at,
    )  # fmt: skip
