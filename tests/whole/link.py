"""A loopback link to the school that can be counted, cut after any byte, or taken over by a stranger's portal."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

PORTAL_PAGE = b"<html><body>Welcome to Free WiFi. Please log in.</body></html>"
PIECE = 2048  # small, so that a cut falls near the byte that was asked for


class Link:
    """Forwards connections to `port`. All counts are bytes since the last `reset`."""

    def __init__(self, port: int) -> None:
        self.target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._budget: int | None = None
        self._answers: int | None = None
        self._once = False
        self.portal = False
        self.sent = self.received = self.connections = self.cuts = self.refused = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the phone finds the school through this link."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut_after(self, sent: int | None, received: int | None = None, *, once: bool = False) -> None:
        """Break every connection once the phone has sent, or received, so many more bytes; None: never.

        Afterwards nothing passes until this is called again; with `once` new connections pass at once.
        """
        with self._lock:
            self._budget, self._answers, self._once = sent, received, once

    def reset(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self.sent = self.received = self.connections = self.cuts = self.refused = 0

    def close(self) -> None:
        """No more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._break()

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                alive = self._budget != 0 and self._answers != 0
                if not alive:
                    self.refused += 1
                    self._forgive()
            serve = self._serve_portal if self.portal else self._serve
            if alive:
                threading.Thread(target=serve, args=(phone,), daemon=True).start()
            else:
                phone.close()

    def _serve_portal(self, phone: socket.socket) -> None:
        """Answers 200 with a page of its own to whatever was asked."""
        with phone, suppress(OSError):
            phone.settimeout(2)
            phone.recv(65536)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            phone.sendall(head % len(PORTAL_PAGE) + PORTAL_PAGE)

    def _serve(self, phone: socket.socket) -> None:
        try:
            school = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            phone.close()
            return
        with self._lock:
            self._open |= {phone, school}
        back = threading.Thread(target=self._pump, args=(school, phone, False), daemon=True)
        back.start()
        self._pump(phone, school, True)
        back.join()
        for end in (phone, school):
            end.close()
        with self._lock:
            self._open -= {phone, school}

    def _pump(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE if up else 65536):
                allowed = self._count(len(piece), up)
                target.sendall(piece[:allowed])
                if allowed < len(piece):
                    self._break()
                    return
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _count(self, size: int, up: bool) -> int:
        """How many of these bytes may pass."""
        with self._lock:
            left = self._budget if up else self._answers
            allowed = size if left is None else min(size, left)
            if up:
                self._budget, self.sent = None if left is None else left - allowed, self.sent + allowed
            else:
                self._answers, self.received = None if left is None else left - allowed, self.received + allowed
            if allowed < size:
                self.cuts += 1
                self._forgive()
            return allowed

    def _forgive(self) -> None:
        """What was to happen once has happened."""
        if self._once:
            self._budget = self._answers = None

    def _break(self) -> None:
        with self._lock:
            doomed = list(self._open)
        for end in doomed:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
