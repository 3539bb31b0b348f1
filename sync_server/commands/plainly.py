"""A disk, folder, database or setting that refuses is told to the operator in a sentence, not in a stack trace."""

from __future__ import annotations

import errno
import os
from typing import Any

import typer
from typer.core import TyperGroup

from assets import SOURCE_LOCALE, load_wording
from casebook.wording import Wording
from sync_server.commands.saying import show
from sync_server.settings import SettingUnreadable

RIGHTS, FULL, DAMAGED, BUSY, PLACE = "rights", "full", "damaged", "busy", "place"
OF_DISK = {errno.EACCES: RIGHTS, errno.EPERM: RIGHTS, errno.EROFS: RIGHTS, errno.ENOSPC: FULL, errno.EDQUOT: FULL}
OF_SQLITE = {
    "SQLITE_READONLY": RIGHTS, "SQLITE_CANTOPEN": RIGHTS, "SQLITE_PERM": RIGHTS, "SQLITE_FULL": FULL,
    "SQLITE_NOTADB": DAMAGED, "SQLITE_CORRUPT": DAMAGED, "SQLITE_BUSY": BUSY, "SQLITE_LOCKED": BUSY,
}  # fmt: skip


class Plainly(TyperGroup):
    """The commands; what an operator can mend is said, everything else stays an error for programmers."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; ends with status 1 after a sentence where something refused."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if (said := sentence(error, os.environ.get("JIAFANG_LOCALE", SOURCE_LOCALE))) is None:
                raise
            show(said)
            raise typer.Exit(1) from error


def sentence(error: Exception, locale: str) -> str | None:
    """What to tell of an error that an operator can mend; None for every other."""
    words = _words(locale)
    if isinstance(error, SettingUnreadable):
        return words("plainly.setting", name=error.name)
    refused = getattr(getattr(error, "orig", error), "sqlite_errorname", "")  # SQLAlchemy wraps what the database said
    if (known := OF_SQLITE.get("_".join(refused.split("_")[:2]))) is not None:
        return words(f"plainly.database.{known}")
    if isinstance(error, OSError) and error.filename is not None:
        return words(f"plainly.disk.{OF_DISK.get(error.errno or 0, PLACE)}", place=os.fsdecode(error.filename))
    if isinstance(error, OSError) and error.errno in OF_DISK:
        return words(f"plainly.disk.{OF_DISK[error.errno]}", place="")
    return None


def _words(locale: str) -> Wording:
    try:
        return load_wording(locale)
    except OSError:  # the language itself is what cannot be read
        return load_wording(SOURCE_LOCALE)
