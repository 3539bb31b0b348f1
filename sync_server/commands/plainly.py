"""A disk, folder, database or setting that refuses is told to the operator in a sentence, not in a stack trace."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from assets import SOURCE_LOCALE, load_wording
from casebook.wording import Wording
from sync_server.commands import helping
from sync_server.commands.saying import show
from sync_server.settings import SettingUnreadable

#: What typer raises when something was typed wrongly; where it lies differs from version to version.
WRONG: Any = typer.BadParameter.__bases__[0]
RIGHTS, FULL, DAMAGED, BUSY, PLACE = "rights", "full", "damaged", "busy", "place"
OF_DISK = {errno.EACCES: RIGHTS, errno.EPERM: RIGHTS, errno.EROFS: RIGHTS, errno.ENOSPC: FULL, errno.EDQUOT: FULL}
OF_SQLITE = {
    "SQLITE_READONLY": RIGHTS, "SQLITE_CANTOPEN": RIGHTS, "SQLITE_PERM": RIGHTS, "SQLITE_FULL": FULL,
    "SQLITE_NOTADB": DAMAGED, "SQLITE_CORRUPT": DAMAGED, "SQLITE_BUSY": BUSY, "SQLITE_LOCKED": BUSY,
}  # fmt: skip


class Command(TyperCommand):
    """One command; its help stands in the catalogues."""

    def get_help(self, ctx: Any) -> str:
        """What it is for and what it takes."""
        return helping.help_of(ctx, spoken())


class Plainly(TyperGroup):
    """The commands; what an operator can mend is said, everything else stays an error for programmers."""

    def get_help(self, ctx: Any) -> str:
        """All commands, each in a sentence."""
        return helping.help_of(ctx, spoken())

    def main(self, *given: Any, **more: Any) -> Any:
        """Runs what was typed; what was typed wrongly is told in the language that is set."""
        try:
            sys.exit(super().main(*given, **more | {"standalone_mode": False}) or 0)
        except typer.Abort:
            _end(spoken()("usage.stopped"), 1)
        except WRONG as error:
            asked_for_nothing = type(error).__name__ == "NoArgsIsHelpError"
            _end(error.ctx.get_help() if asked_for_nothing else helping.wrong(error, spoken()), 2)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that was typed; ends with status 2 after a sentence where there is none."""
        if args[0] not in self.commands:
            _end(helping.no_command(args[0], ctx, spoken()), 2)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; ends with status 1 after a sentence where something refused."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if (said := sentence(error, language())) is None:
                raise
            show(said)
            raise typer.Exit(1) from error


def language() -> str:
    """The language that is set, read before any setting is checked."""
    return os.environ.get("JIAFANG_LOCALE", SOURCE_LOCALE)


def spoken() -> Wording:
    """The catalogue of that language."""
    return _words(language())


def _end(said: str, status: int) -> NoReturn:
    show(said)
    raise SystemExit(status)


def sentence(error: Exception, locale: str) -> str | None:
    """What to tell of an error that an operator can mend; None for every other."""
    words = _words(locale)
    if isinstance(error, SettingUnreadable):
        own = f"plainly.setting.{error.name}"
        return words(own if words.has(own) else "plainly.setting", name=error.name)
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
