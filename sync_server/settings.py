"""What can be set from outside, by environment variables that begin with JIAFANG_."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets import locales
from casebook.protocol import DEFAULT_CHUNK_BYTES, DEFAULT_PUSH_BATCH
from casebook.records import MAX_ATTACHMENT_BYTES

MIB = 1024 * 1024
PREFIX = "JIAFANG_"
Locale = str  # one that there is a catalogue for


class SettingUnreadable(ValueError):
    """A setting of the environment that is not what it should be; `name` is the variable's."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(f"{name} cannot be read as {kind}")
        self.name = name


@dataclass(frozen=True)
class Secret:
    """A text that no log and no error shows."""

    _text: str = ""

    def get_secret_value(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)" if self._text else "Secret()"


def _truth(text: str) -> bool:
    known = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)
    return known[text.strip().lower()]


def _locale(text: str) -> Locale:
    known = text.strip().replace("-", "_")
    if known not in locales():
        raise ValueError("no such language")
    return known


#: How a text is read, by the annotation of the setting.
READERS: Mapping[str, Callable[[str], Any]] = {
    "Path": Path, "Path | None": Path, "str": str, "str | None": str, "int": int, "float": float, "bool": _truth,
    "Secret": Secret, "dt.time": dt.time.fromisoformat, "Locale": _locale,
}  # fmt: skip


class Settings:
    """Where the school's data lies, where the server listens, and its limits (bytes, seconds, days).

    What is not given is read from the environment; what is not there either is as it stands here. A setting that
    cannot be read raises ValueError with its name. (No library for this: it would take a third of the start.)
    """

    data: Path = Path("data")
    database_url: str | None = None
    school: str = ""
    files_url: str = ""
    files_endpoint: str = ""
    files_region: str = "us-east-1"
    files_key: str = ""
    files_secret: Secret = Secret()
    host: str = "127.0.0.1"
    port: int = 8000
    locale: Locale = "zh_CN"
    utc_offset_minutes: int = 480
    max_file_bytes: int = MAX_ATTACHMENT_BYTES
    reserve_bytes: int = 200 * MIB
    stall_seconds: float = 30.0
    part_days: int = 7
    device_day_bytes: int = 2048 * MIB
    school_bytes: int = 0
    push_batch: int = DEFAULT_PUSH_BATCH
    chunk_bytes: int = DEFAULT_CHUNK_BYTES
    backup_to: Path | None = None
    backup_elsewhere: bool = False
    backup_passphrase: Secret = Secret()
    nightly_at: dt.time = dt.time(2, 0)
    metrics_token: Secret = Secret()

    def __init__(self, **given: Any) -> None:
        unknown = given.keys() - self.__annotations__.keys()
        if unknown:
            raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
        environment = {name.upper(): value for name, value in os.environ.items()}
        for name, kind in self.__annotations__.items():
            said = given.get(name, getattr(type(self), name))
            if name not in given:
                said = environment.get(f"{PREFIX}{name.upper()}", said)
            self.__dict__[name] = _read(name, kind, said) if isinstance(said, str) else said

    def model_copy(self, update: Mapping[str, Any]) -> Settings:
        """The same settings but for some."""
        return Settings(**{**self.__dict__, **update})

    @property
    def store_url(self) -> str:
        """The database to open: the given one, or the file in the data folder."""
        return self.database_url or f"sqlite:///{self.data.absolute() / 'jiafang.db'}"


def _read(name: str, kind: str, text: str) -> Any:
    try:
        return READERS[kind](text)
    except (ValueError, KeyError) as error:
        raise SettingUnreadable(f"{PREFIX}{name.upper()}", kind) from error
