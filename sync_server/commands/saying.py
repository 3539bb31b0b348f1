"""What all commands share: the school's folder, the wired school, and sentences on the screen."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from assets import load_wording

if TYPE_CHECKING:
    from casebook.wording import Wording
    from sync_server.deployment import Deployment
    from sync_server.settings import Settings
    from sync_server.wiring import Wiring

Data = Annotated[Path | None, typer.Option("--data", readable=False)]


def settings_of(data: Path | None = None, host: str | None = None, port: int | None = None) -> Settings:
    """The settings of the environment, with what the command line says."""
    from sync_server.settings import Settings

    given = {"data": data, "host": host, "port": port}
    return Settings(**{name: value for name, value in given.items() if value is not None})


def wired(settings: Settings) -> Wiring:
    """The wired school, or a sentence why there is none, and the end."""
    from sync_server import logs
    from sync_server.wiring import NotInitialised, build

    logs.silence()  # a command speaks in sentences
    try:
        return build(settings)
    except NotInitialised as missing:
        stop(missing.reason, data=settings.data)


def served(settings: Settings) -> Deployment:
    """All schools of the folder, or a sentence why there is none, and the end."""
    from sync_server.deployment import open_deployment
    from sync_server.wiring import NotInitialised

    try:
        return open_deployment(settings)
    except NotInitialised as missing:
        stop(missing.reason, data=settings.data)


def wording() -> Wording:
    """The catalogue of the language that is set."""
    return load_wording(settings_of().locale)


def asked_for(key: str, given: str | None) -> str:
    """What was given on the command line, else what is typed now; asks again as long as that is nothing."""
    while not (given := (given or "").strip()):
        given = str(typer.prompt(wording()("usage.ask", what=wording()(key)), prompt_suffix=""))
    return given


def say(key: str, **facts: object) -> None:
    """Prints a sentence."""
    show(wording()(key, **facts))


def say_twice(key: str, **facts: object) -> None:
    """Prints a sentence in both languages."""
    for locale in ("zh_CN", "en"):
        show(load_wording(locale)(key, **facts))


def stop(key: str, **facts: object) -> NoReturn:
    """Prints why it does not go on, and ends with status 1."""
    say(key, **facts)
    raise typer.Exit(1)


def show(text: str) -> None:
    """Prints text that is ready."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a console without Chinese shows marks
    print(text, flush=True)
