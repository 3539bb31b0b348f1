"""The commands of the school's computer: python -m sync_server init | serve | enrol | import-roster | …"""

from __future__ import annotations

import gc
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assets import load_wording
from sync_server.commands import elsewhere, evidence, operations, people
from sync_server.commands.plainly import Command, Plainly
from sync_server.commands.saying import Data, asked_for, say, say_twice, served, settings_of, show, stop, wired, wording

if TYPE_CHECKING:
    from sync_server.demo import FieldApp, Login
    from sync_server.deployment import Deployment
    from sync_server.wiring import Wiring

app = typer.Typer(
    cls=Plainly, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
)

#: A request leaves next to nothing in circles: that is looked for after so many new things, not after every 700.
COLLECT_AFTER = (20_000, 20, 20)

Host = Annotated[str | None, typer.Option("--host")]
Port = Annotated[int | None, typer.Option("--port")]


@app.command()
def init(
    school_id: Annotated[str | None, typer.Option()] = None,
    school_name: Annotated[str | None, typer.Option()] = None,
    principal: Annotated[str | None, typer.Option()] = None,
    login: Annotated[str, typer.Option()] = "principal",
    add: Annotated[bool, typer.Option("--add")] = False,
    data: Data = None,
) -> None:
    """Make a new school in an empty folder, or one beside others; prints the principal's password once."""
    from sync_server import founding
    from sync_server.wiring import NotInitialised

    settings = settings_of(data)
    make = founding.join if add else founding.found
    school_id = asked_for("command.init.school_id", school_id)
    school_name = asked_for("command.init.school_name", school_name)
    principal = asked_for("command.init.principal", principal)
    try:
        wiring = make(settings, school_id, school_name)
    except founding.AlreadyFounded:
        stop("deployment.already_here" if add else "server.already_founded", data=settings.data)
    except founding.NoSuchCode:
        stop("deployment.no_such_code")
    except NotInitialised as missing:
        stop(missing.reason, data=settings.data)
    founding.furnish(wiring)
    login = login.strip().lower() or founding.PRINCIPAL
    password = founding.add_principal(wiring, founding.Person(login, principal))
    say("server.founded", data=settings.data, login=login, password=password)
    wiring.close()


@app.command()
def serve(data: Data = None, host: Host = None, port: Port = None) -> None:
    """Serve the school until Ctrl-C."""
    gc.disable()  # there is nothing to collect while modules load; it would cost a sixth of the start
    from sync_server import logs, serving

    settings = settings_of(data, host, port)
    deployment = served(settings)
    listener = _listen(settings.host, settings.port)
    logs.configure()
    say("server.serving", school=deployment.first.school.name, url=serving.address_of(listener))
    if serving.only_here(listener):
        say("server.serving.only_here")
    _run(deployment, listener)


@app.command()
def enrol(login: Annotated[str, typer.Argument()], data: Data = None) -> None:
    """Print a one-use code that makes a phone the login's own."""
    from sync_server.store import accounts

    wiring = wired(settings_of(data))
    with wiring.store.read() as conn:
        account = accounts.by_login(conn, wiring.school.id, login)
    if account is None or not account.active:
        stop("server.no_such_login", login=login)
    code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, account))
    say("server.enrol_code", code=code.text, login=account.login, until=code.expires_at[11:16])
    wiring.close()


@app.command()
def import_roster(
    file: Annotated[Path, typer.Argument()],
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    data: Data = None,
) -> None:
    """Import a roster: all of it, or nothing."""
    from sync_server.roster import command

    wiring = wired(settings_of(data))
    try:
        well, lines = command.import_roster(wiring, file.read_bytes(), dry_run, wording())
    finally:
        wiring.close()
    for line in lines:
        show(line)
    if not well:
        raise typer.Exit(1)


@app.command()
def county(code: Annotated[str, typer.Argument()], data: Data = None) -> None:
    """Note which county the school belongs to: only its rules may be imported."""
    from sync_server import countyrules

    wiring = wired(settings_of(data))
    _finish(wiring, *countyrules.note_county(wiring, code, wording()))


@app.command()
def import_rules(
    file: Annotated[Path, typer.Argument()],
    data: Data = None,
) -> None:
    """Import the county's rows of the rulebook: all of them, or none."""
    from sync_server import countyrules

    wiring = wired(settings_of(data))
    _finish(wiring, *countyrules.import_rules(wiring, file.read_bytes(), wording()))


@app.command()
def upgrade(data: Data = None) -> None:
    """Bring the tables and forms of existing schools up to date; stop the server first."""
    from sync_server import founding

    settings = settings_of(data)
    if settings.database_url is None and not (settings.data / "jiafang.db").exists():
        stop("server.not_initialised", data=settings.data)
    found = founding.upgrade(settings)
    say("server.upgraded")
    language = settings.locale.partition("_")[0]
    for one in found:
        title = one.form.titles.get(language, one.form.form_id)
        key = "server.upgraded.own_form" if one.own else "server.upgraded.form"
        say(key, school=one.school, title=title, version=one.form.version)


@app.command()
def play(
    file: Annotated[Path, typer.Argument()],
    at: Annotated[str | None, typer.Option("--at")] = None,
) -> None:
    """Play a story of a school year against a fresh school; prints what comes of it as JSON."""
    from sync_server.play import command

    code, told, remarks = command.run(file, at, wording())
    if told:
        show(told)
    for remark in remarks:
        typer.echo(remark, err=True)
    raise typer.Exit(code)


@app.command()
def demo(
    data: Data = Path("demo-data"),
    port: Port = 8000,
    app_port: Annotated[int, typer.Option("--app-port")] = 8550,
) -> None:
    """Run a sample school with its server and the teacher's app, here in the browser."""
    from sync_server import demo as trial
    from sync_server import logs, serving
    from sync_server.deployment import alone

    settings = settings_of(data, "127.0.0.1", port)
    listener = _listen("127.0.0.1", settings.port)
    _listen("127.0.0.1", app_port, "--app-port").close()  # better to hear of it now than from a child that dies
    say_twice("server.demo.preparing", data=settings.data)
    try:
        wiring, logins = trial.sample_school(settings)
    except trial.NotTheSample:
        stop("server.demo.not_the_sample", data=settings.data)
    logs.configure((settings.data / "school.log").open("a", encoding="utf-8", buffering=1))
    field_app = trial.FieldApp(settings.data / "fieldapp", app_port, serving.address_of(listener))
    field_app.start(lambda code: say_twice("server.demo.app_crashed", code=code, log=field_app.log))
    try:
        _introduce(serving.address_of(listener), field_app, logins, trial.enrol_code(wiring, logins))
        _run(alone(wiring), listener)
    finally:
        field_app.stop()
        say_twice("server.demo.stopped", data=settings.data)


def _introduce(url: str, field_app: FieldApp, logins: list[Login], code: tuple[str, str]) -> None:
    """Everything a visitor needs, in both languages."""
    for locale in ("zh_CN", "en"):
        say = load_wording(locale)
        roles = [say("server.demo.login", **one.__dict__ | {"role": say(f"server.role.{one.role}")}) for one in logins]
        facts = {"console": url, "app": field_app.url, "code": code[0], "teacher": code[1]}
        show(say("server.demo.ready", logins="\n".join(roles), **facts))


def _finish(wiring: Wiring, well: bool, line: str) -> None:
    wiring.close()
    show(line)
    if not well:
        raise typer.Exit(1)


def _listen(host: str, port: int, option: str = "--port"):  # type: ignore[no-untyped-def]
    from sync_server import serving

    try:
        return serving.listen(host, port)
    except serving.PortTaken:
        stop("server.port_taken", host=host, port=port, option=option)
    except serving.AddressWrong:
        stop("server.address_wrong", host=host, port=port)


def _run(deployment: Deployment, listener) -> None:  # type: ignore[no-untyped-def]
    from sync_server import lean, serving

    lean.one_heap()
    server = serving.server_of(deployment, warm=gc.freeze)
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
    try:
        with suppress(KeyboardInterrupt):
            server.run([listener])
    finally:
        deployment.close()


operations.register(app)
elsewhere.register(app)
evidence.register(app)
people.register(app)
for one in app.registered_commands:
    one.cls = Command

if __name__ == "__main__":
    app()
