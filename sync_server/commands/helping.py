"""What a command is for, what it takes, what was typed wrongly: from the catalogues, as typer knows only English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebook.wording import Wording

#: What was typed wrongly, by the name of typer's error; every other kind is told in general.
TOLD = ("NoSuchOption", "MissingParameter", "BadParameter", "BadOptionUsage")
GAP = 2


def help_of(context: Any, words: Wording) -> str:
    """The help of one command, or of all of them."""
    command = context.command
    lines = [words("usage.line", line=_usage(context)), "", about(command.name if context.parent else "", words)]
    given = [(_spelt(one), _meaning(command.name, one.name, words)) for one in command.get_params(context)]
    lines += _table(words("usage.parts"), given)
    names = command.list_commands(context) if hasattr(command, "list_commands") else []
    lines += _table(words("usage.commands"), [(name, about(name, words)) for name in names])
    if names:
        lines += ["", words("usage.more", line=f"{context.command_path} {names[0]} --help")]
    return "\n".join(lines)


def about(name: str, words: Wording) -> str:
    """What a command is for; of no name, what all are for."""
    return words(f"command.{_key(name)}") if name else words("usage.about")


def wrong(error: Any, words: Wording) -> str:
    """What was typed wrongly, and how it is typed."""
    context, kind = error.ctx, type(error).__name__
    facts = {"option": getattr(error, "option_name", ""), "part": _part(getattr(error, "param", None), context, words)}
    said = words(f"usage.wrong.{kind if kind in TOLD else 'other'}", **facts)
    return "\n".join([said, *([] if context is None else _how(context, words))])


def no_command(name: str, context: Any, words: Wording) -> str:
    """That there is none of this name."""
    return "\n".join([words("usage.wrong.command", name=name), *_how(context, words)])


def _how(context: Any, words: Wording) -> list[str]:
    see = words("usage.see", line=f"{context.command_path} --help")
    return [words("usage.line", line=_usage(context)), see]


def _part(part: Any, context: Any, words: Wording) -> str:
    if part is None:
        return ""
    command = context.command.name if context else ""
    return words("usage.part", name=_spelt(part), meaning=_meaning(command, part.name, words))


def _usage(context: Any) -> str:
    command, parts = context.command, [context.command_path]
    parts += [_spelt(one) for one in command.params if one.param_type_name == "argument"]
    if hasattr(command, "list_commands"):
        parts.append("…")
    return " ".join(parts)


def _spelt(part: Any) -> str:
    if part.param_type_name == "argument":
        return str(part.name).upper()
    return part.opts[0] if part.is_flag else f"{part.opts[0]} …"


def _meaning(command: str, part: str, words: Wording) -> str:
    own = f"command.{_key(command)}.{part}"
    return words(own) if words.has(own) else words(f"command.any.{part}")


def _table(title: str, rows: list[tuple[str, str]]) -> list[str]:
    wide = max((len(first) for first, _ in rows), default=0) + GAP
    return ["", title, *(f"  {first.ljust(wide)}{second}" for first, second in rows)] if rows else []


def _key(name: str) -> str:
    return name.replace("-", "_")
