"""What can be set from outside, by environment variables that begin with JIAFANG_."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from casebook.protocol import DEFAULT_CHUNK_BYTES, DEFAULT_PUSH_BATCH
from casebook.records import MAX_ATTACHMENT_BYTES

MIB = 1024 * 1024


class Settings(BaseSettings):
    """Where the school's data lies, where the server listens, and its limits (bytes, seconds, days)."""

    model_config = SettingsConfigDict(env_prefix="JIAFANG_")

    data: Path = Path("data")
    database_url: str | None = None
    school: str = ""
    files_url: str = ""
    files_endpoint: str = ""
    files_region: str = "us-east-1"
    files_key: str = ""
    files_secret: SecretStr = SecretStr("")
    host: str = "127.0.0.1"
    port: int = 8000
    locale: str = "zh_CN"
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
    backup_passphrase: SecretStr = SecretStr("")
    nightly_at: dt.time = dt.time(2, 0)
    metrics_token: SecretStr = SecretStr("")

    @property
    def store_url(self) -> str:
        """The database to open: the given one, or the file in the data folder."""
        return self.database_url or f"sqlite:///{self.data.absolute() / 'jiafang.db'}"
