"""Whether the web mode can listen on a port of this machine: asked before the web server is started."""

from __future__ import annotations

import socket

#: On Windows SO_REUSEADDR would find a port free that is in use; elsewhere it only skips the wait.
ALONE = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)


def free(host: str, port: int) -> bool:
    """Whether nobody listens there and it is a port at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, ALONE, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except (OSError, OverflowError):
            return False
    return True
