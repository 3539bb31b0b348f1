"""S3 servers for tests, spoken to over real HTTP: moto's in this process, unless another one is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

REGION = "us-east-1"


@dataclass(frozen=True)
class S3:
    """A running server and what opens it."""

    endpoint: str
    key: str = "test"
    secret: str = "test"

    def settings(self) -> dict[str, Any]:
        """What a school's settings say of a new bucket here, with a prefix as a county would have one."""
        import boto3

        name, opened = f"t{uuid.uuid4().hex}", {"aws_access_key_id": self.key, "aws_secret_access_key": self.secret}
        boto3.client("s3", endpoint_url=self.endpoint, region_name=REGION, **opened).create_bucket(Bucket=name)
        return {
            "files_url": f"s3://{name}/jiafang", "files_endpoint": self.endpoint, "files_region": REGION,
            "files_key": self.key, "files_secret": self.secret,
        }  # fmt: skip


@contextmanager
def moto_server() -> Iterator[S3]:
    """Starts it on a free port, and stops it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()
