"""How safe the school's work is: last backup and its trial, room on the disk, phones that still have something."""

from __future__ import annotations

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.operations import keeping, schedule
from sync_server.store import accounts, devices
from sync_server.web.console.page import Ask, Console, go

GB = 1_000_000_000


def show(console: Console, ask: Ask) -> Response:
    """The page. Raises NotAllowed."""
    access.require(ask.actor, Verb.READ_DEVICES)
    with console.wiring.store.read() as conn:
        standing = keeping.standing(console.wiring, conn)
        names = accounts.names(conn, console.school)
        phones = {one.dev: one for one in devices.all_of(conn, console.school)}
    age = standing.backup_age
    return console.page(
        ask, "upkeep", standing=standing, names=names, days=age.days if age else 0,
        old=age is not None and age > keeping.OLD, free=f"{standing.free_bytes / GB:.1f}",
        full=standing.free_bytes < standing.reserve_bytes,
        may_begin=access.allows(ask.actor, Verb.KEEP_STAFF), fault=_fault(ask, standing),
        phones=phones, elsewhere=console.wiring.settings.backup_elsewhere,
    )  # fmt: skip


def begin(console: Console, ask: Ask) -> Response:
    """Begins a backup now; the page says when it is done. Raises NotAllowed."""
    access.require(ask.actor, Verb.KEEP_STAFF)
    schedule.begin(console.wiring, schedule.job_named(keeping.BACKUP))
    return go("/upkeep")


def worry(ask: Ask, safety: keeping.Safety) -> str:
    """What whoever may see this page should hear of on the first page; nothing, when all is well."""
    age = safety.backup_age
    return ask.wording(f"upkeep.worry.{safety.worry}", days=age.days if age else 0) if safety.worry else ""


def _fault(ask: Ask, standing: keeping.Standing) -> str:
    """Why the last backup failed, in words."""
    code = standing.backup.fault if standing.backup else None
    if not code:
        return ""
    key = f"upkeep.fault.{code}"
    return ask.wording(key if ask.wording.has(key) else "upkeep.fault.other")
