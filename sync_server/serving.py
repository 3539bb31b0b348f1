"""Runs the web server in this process: one listening socket, taken before anything else starts."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import Any

from sync_server.deployment import Deployment
from sync_server.lean import without
from sync_server.wiring import Wiring

BACKLOG = 512
CONNECTIONS = 400
KEEP_ALIVE_SECONDS = 75
GOODBYE_SECONDS = 5
#: On Windows SO_REUSEADDR would let a second server take a port that is in use; elsewhere it only skips the wait.
ALONE = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)


class PortTaken(Exception):
    """Something else listens there already."""


class AddressWrong(Exception):
    """No program can listen there: the address is not this computer's, or the port is none."""


def listen(host: str, port: int) -> socket.socket:
    """The listening socket. Raises PortTaken, AddressWrong."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, ALONE, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        if getattr(error, "errno", None) in (errno.EADDRINUSE, errno.EACCES):
            raise PortTaken() from error
        raise AddressWrong() from error
    return listener


def server_of(served: Wiring | Deployment, warm: Callable[[], object] = lambda: None) -> Any:
    """A uvicorn server, not yet running; `server.run([listener])` serves until it is told to stop.

    `warm` is called when more is remembered that stays: after the start, and of each school that wakes.
    """
    with without("watchfiles"):  # for programmers who have the server start anew at every change
        import uvicorn

    from sync_server.web.app import create_app
    from sync_server.web.lastbytes import LastBytesProtocol

    return uvicorn.Server(
        uvicorn.Config(
            create_app(served, warm), log_config=None, access_log=False, server_header=False, lifespan="on",
            limit_concurrency=CONNECTIONS, timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GOODBYE_SECONDS, ws="none", http=LastBytesProtocol,
        )
    )  # fmt: skip


def address_of(listener: socket.socket) -> str:
    """The address to type into a browser on this computer or, if it listens everywhere, on one beside it."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = _own_address()
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def only_here(listener: socket.socket) -> bool:
    """Whether nobody but this computer can reach it."""
    host = str(listener.getsockname()[0])
    return host == "::1" or host.startswith("127.")


def _own_address() -> str:
    """This computer's address in the school's network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
