"""A weak mobile link in front of the school: a rate, a delay, and a signal that is lost again and again."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from contextlib import suppress

PIECE = 8192
QUEUED = 64  # pieces under way in one direction of a connection
AT_ONCE, LATE = 0.002, 0.25  # seconds: what was there before it was asked for; how late a busy machine may wake us
KBIT = 125.0  # bytes a second


class WeakLink:
    """Forwards connections to `port`; all of them share the rate (kbit/s), every byte takes half of `rtt` seconds.

    After every `cut_every` bytes that the phone has sent all connections are torn down. `up`, `down` count bytes.
    """

    def __init__(
        self, port: int, up_kbit: float = 2000, down_kbit: float = 8000, rtt: float = 0.2, cut_every: int | None = None
    ) -> None:
        self._target, self._delay, self._cut_every = port, rtt / 2, cut_every
        self._rate = {"up": up_kbit * KBIT, "down": down_kbit * KBIT}
        self._free_at = {"up": 0.0, "down": 0.0}
        self._since_cut = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self.bytes, self.cuts, self.connections, self.port = {"up": 0, "down": 0}, 0, 0, 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> WeakLink:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    @property
    def url(self) -> str:
        """Where the phone finds the school through this link."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=PIECE)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        self._cut()
        server.close()

    def _cut(self) -> None:
        for writer in list(self._writers):
            ended = writer.get_extra_info("socket")
            if ended is not None:
                with suppress(OSError):
                    ended.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._writers.clear()

    async def _connected(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.connections += 1
        await asyncio.sleep(self._delay * 2)  # the handshake
        try:
            school, forth = await asyncio.open_connection("127.0.0.1", self._target, limit=PIECE)
        except OSError:
            back.close()
            return
        self._writers |= {back, forth}
        with suppress(asyncio.CancelledError):  # the link is taken down
            await asyncio.gather(
                self._pipe(phone, forth, "up"), self._pipe(school, back, "down"), return_exceptions=True
            )

    async def _pipe(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, way: str) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUED)
        arrival = asyncio.create_task(_deliver(under_way, target))
        try:
            while True:
                asked = time.perf_counter()
                piece = await source.read(PIECE)
                await self._pass(len(piece), way, waited=time.perf_counter() - asked > AT_ONCE)
                if way == "up" and self._is_cut(len(piece)):
                    self._cut()
                    return
                await under_way.put((time.perf_counter() + self._delay, piece))
                if not piece:
                    break
            await arrival
        finally:
            arrival.cancel()
            self._writers.discard(target)

    async def _pass(self, size: int, way: str, waited: bool) -> None:
        """Waits until the link has had time for so many bytes.

        It stood idle only if it `waited` for them; else it is this very program that woke up late.
        """
        now = time.perf_counter()
        idle = waited or now - self._free_at[way] > LATE
        begun = max(self._free_at[way], now) if idle else self._free_at[way]
        self._free_at[way] = begun + size / self._rate[way]
        if self._free_at[way] - now > 0.001:
            await asyncio.sleep(self._free_at[way] - now)
        self.bytes[way] += size

    def _is_cut(self, size: int) -> bool:
        self._since_cut += size
        if self._cut_every is None or self._since_cut < self._cut_every:
            return False
        self._since_cut = 0
        self.cuts += 1
        return True


async def _deliver(under_way: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter) -> None:
    while True:
        at, piece = await under_way.get()
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        if not piece:
            target.close()
            return
        target.write(piece)
        await target.drain()
