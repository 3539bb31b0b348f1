"""Help, and what is said of a command typed wrongly: in the catalogue's language, Chinese where none is set."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from assets import load_wording, locales
from casebook.verify.command import main as verify
from sync_server import serving
from sync_server.__main__ import app

HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH_OF_TYPER = re.compile(r"Usage|Options|Commands|Show this|Error|Missing|No such|Aborted|required|<\w+>")


def run(*arguments: object, locale: str | None = None, typed: str = "") -> Result:
    given = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, given, env={"JIAFANG_LOCALE": locale}, input=typed, prog_name="python -m sync_server")


def commands() -> dict[str, list[str]]:
    group = get_command(app)
    return {name: [one.name for one in command.params] for name, command in group.commands.items()}  # type: ignore[attr-defined]


@pytest.mark.parametrize("locale", sorted(locales()))
def test_every_command_and_all_it_takes_is_told(locale: str) -> None:
    words = load_wording(locale)
    named = {name.replace("-", "_"): parts for name, parts in commands().items()}
    wanted = [{f"command.{name}"} for name in named]
    wanted += [{f"command.{name}.{part}", f"command.any.{part}"} for name, parts in named.items() for part in parts]
    assert [keys for keys in wanted if not any(words.has(key) for key in keys)] == []


@pytest.mark.parametrize("command", ["", *commands()])
def test_help_is_chinese_where_no_language_is_set(command: str) -> None:
    said = run(*command.split(), "--help").output
    lines = [line for line in said.splitlines() if line.strip() and "python -m" not in line]
    assert [line for line in lines if not HAN.search(line)] == []
    assert not ENGLISH_OF_TYPER.search(said)


def test_help_is_english_where_that_is_set() -> None:
    said = run("serve", "--help", locale="en").output
    assert "serve the school until Ctrl-C" in said and not HAN.search(said)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["foo"], "没有“foo”这个命令"), (["serve", "--prot", "3"], "没有“--prot”这个选项"),
        (["serve", "--port", "x"], "写得不对：--port"), (["enrol"], "还要写上 LOGIN"),
        (["enrol", "a", "b"], "不是这样写的"), (["serve", "--port"], "“--port”后面"), (["init"], "已停下"),
    ],
)  # fmt: skip
def test_what_was_typed_wrongly_is_told_in_chinese(typed: list[str], told: str, tmp_path: Path) -> None:
    said = run(*typed, *(["--data", tmp_path / "s"] if typed == ["init"] else []))
    assert told in said.output and said.exit_code in (1, 2)
    assert not ENGLISH_OF_TYPER.search(said.output)


def test_a_language_there_is_not_is_told_as_such() -> None:
    for locale in ("fr", ""):
        said = run("doctor", locale=locale)
        assert said.exit_code == 1 and "JIAFANG_LOCALE" in said.output and "en" in said.output
    assert "JIAFANG_LOCALE" not in run("doctor", "--data", "/nowhere", locale="zh-CN").output


def test_init_asks_until_something_is_typed(tmp_path: Path) -> None:
    said = run("init", "--data", tmp_path / "s", "--login", " ", typed="\n9900000001\n \n校\n\n王\n")
    assert said.exit_code == 0 and said.output.count("校长姓名：") == 2
    assert "校长登录名：principal\n" in said.output
    assert f"serve --data {tmp_path / 's'} --host 0.0.0.0" in said.output


def test_the_checker_speaks_the_same_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIAFANG_LOCALE", "fr")
    with pytest.raises(SystemExit) as ended:
        verify([])
    said = capsys.readouterr()
    assert (ended.value.code, said.err) == (2, "")
    assert "没有核对" in said.out and not ENGLISH_OF_TYPER.search(said.out)


def test_a_server_for_this_computer_alone_can_be_told_from_one_for_phones() -> None:
    for host, alone in (("127.0.0.1", True), ("0.0.0.0", False)):
        listener = serving.listen(host, 0)
        assert serving.only_here(listener) is alone
        listener.close()


def test_the_taken_port_of_the_app_names_its_own_option(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = run("demo", "--data", tmp_path / "d", "--port", 0, "--app-port", other.getsockname()[1])
    assert said.exit_code == 1 and "--app-port" in said.output
