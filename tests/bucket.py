"""An S3 server for tests: moto's, in this process, spoken to over real HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

REGION = "us-east-1"


@dataclass(frozen=True)
class S3:
    """A running server."""

    endpoint: str

    def settings(self) -> dict[str, Any]:
        """What a school's settings say of a new bucket here, with a prefix as a county would have one."""
        name = f"t{uuid.uuid4().hex}"
        httpx.put(f"{self.endpoint}/{name}", timeout=60).raise_for_status()
        return {
            "files_url": f"s3://{name}/jiafang", "files_endpoint": self.endpoint, "files_region": REGION,
            "files_key": "test", "files_secret": "test",
        }  # fmt: skip


@contextmanager
def s3_server() -> Iterator[S3]:
    """Starts it on a free port, and stops it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()
