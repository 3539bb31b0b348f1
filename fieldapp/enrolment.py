"""Whose phone this is: the introduction with a one-use code, and what it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casebook import protocol
from casebook.protocol import EnrolReply, EnrolRequest
from casebook.sealing import device_id
from fieldapp.cards import Standing
from fieldapp.platform.device import APP_VERSION, device_name, platform_name
from fieldapp.platform.folders import LITTLE_ROOM, room_left
from fieldapp.store import forms, roster
from fieldapp.store.records import ChainState
from fieldapp.store.store import next_revision
from fieldapp.sync.conversation import Conversation
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from fieldapp.store.store import Database


def standing(work: Workspace) -> Standing:
    """Whose phone this is and when it last spoke with the school."""
    settings, db = work.books.settings, work.db
    account = settings.get(db, "account")
    if account is None:
        return Standing(enrolled=False)
    return Standing(
        enrolled=True,
        school_name=settings.get(db, "school")["name"],
        teacher_name=account["name"],
        teacher_id=account["id"],
        server_url=settings.get(db, "server_url", ""),
        last_sync_at=settings.get(db, "last_sync_at"),
        revoked=settings.get(db, "revoked", False),
        clock_ahead=_minutes_wrong(work, settings.get(db, "clock_ahead", 0)),
        room=_little_room(work),
    )


def _little_room(work: Workspace) -> int | None:
    left = room_left(work.books.store.folder)
    return left if left is not None and left < LITTLE_ROOM else None


def _minutes_wrong(work: Workspace, seconds: int) -> int:
    """The minutes by which the clock was ahead (behind: below zero); 0 for what the school's rule lets pass."""
    if not seconds:
        return 0
    minutes = round(seconds / 60)
    world = work.world()
    return minutes if abs(minutes) > world.book.on(world.today).number("clock_offset_flag") else 0


def enrol(work: Workspace, conversation: Conversation, server_url: str, code: str) -> None:
    """Introduces this phone and keeps what the school answers. Raises what the conversation raises."""
    signer = work.signer()
    key = protocol.b64(signer.public_key)
    reply = conversation.enrol(EnrolRequest(code.strip(), key, device_name(), platform_name(), APP_VERSION))
    with work.books.store.write() as db:
        _keep(work, db, server_url, reply, device_id(signer.public_key))


def _keep(work: Workspace, db: Database, server_url: str, reply: EnrolReply, device: str) -> None:
    """Remembers school, teacher and key; the feeds of this account are read from the start."""
    books = work.books
    account = protocol.to_json(reply.account) | {"device": device}
    books.settings.put(
        db, token=reply.token, server_url=server_url.strip(), server_key=reply.server_key, gen=reply.gen,
        school=protocol.to_json(reply.school), account=account, cursor=0, revoked=False, offer_again=False,
        compared=None, beyond=[], anew_since=None,
    )  # fmt: skip
    revision = next_revision(db)
    roster.forget_rows(db, revision)
    forms.withdraw_all(db, revision)
    if books.records.chain(db, device) is None:
        books.records.put_chain(db, device, ChainState.new_epoch())
