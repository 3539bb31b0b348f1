"""A county's server: two processes over one PostgreSQL, phones that send through both, and kills of all three."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from casebook.sealing import Sealed
from sync_server.store import archive, files, schools
from sync_server.wiring import Wiring, build
from tests.faults.came import Came
from tests.postgres import Cluster, cluster
from tests.sync_server.schoolhouse import SCHOOL, TEACHER, Phone, announce, jpeg, make_school, patch, push_body, sha256
from tests.whole.processes import Service

SECONDS, PATIENCE_S = 10, 60
PAUSE_S = 0.03


class Server(Service):
    """One process of several over the same database and data folder."""

    first_page = "/healthz"

    def __init__(self, folder: Path, number: int, database_url: str) -> None:
        super().__init__(f"server{number}", [], folder, JIAFANG_DATABASE_URL=database_url)
        self.command = ["-m", "sync_server", "serve", "--data", str(folder / "data"), "--port", str(self.port)]


@dataclass
class County:
    """The database's server, the processes, and the school as one more process would see it."""

    database: Cluster
    servers: list[Server]
    wiring: Wiring

    def strike(self, what: int) -> None:
        """Kills a process by its number, or (-1) the database, and starts it again."""
        if what < 0:
            self.database.crash()
            self.database.start()
        else:
            self.servers[what].kill()
            self.servers[what].start()


@contextmanager
def county(folder: Path, processes: int = 2) -> Iterator[County]:
    """Everything runs; it is gone afterwards."""
    with cluster() as database:
        wiring = make_school(folder, database.postgres)
        url = str(wiring.settings.database_url)
        servers = [Server(folder, number, url) for number in range(processes)]
        try:
            for server in servers:
                server.start()
            yield County(database, servers, wiring)
        finally:
            for server in servers:
                server.kill()
            wiring.close()


@dataclass
class Sender:
    """A phone that sends visits with a photo, through whichever process answers; what it was told is noted."""

    servers: list[Server]
    phone: Phone
    first: int
    visits: dict[str, tuple[Sealed, bytes]] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @cached_property
    def clients(self) -> list[httpx.Client]:
        """Its lines, one to each process."""
        told = {"headers": self.phone.headers, "timeout": SECONDS, "verify": False}
        return [httpx.Client(base_url=server.url, **told) for server in self.servers]

    def send(self, photo: bytes, done: threading.Event) -> None:
        """Sends visits, one after the other, each until it is acknowledged with its photo; none begins when `done`."""
        while not done.wait(PAUSE_S):
            number = len(self.visits)
            content = photo[:-2] + bytes([self.first, *number.to_bytes(2, "big")]) + photo[-2:]
            sealed = self.phone.visit(f"{self.phone.dev[:8]}-{number}", {"a.jpg": content})
            self.visits[sealed.rid] = sealed, content
            if not self._until_told(sealed, content):
                self.wrong.append(f"{sealed.rid[:8]} never complete")

    def _until_told(self, sealed: Sealed, content: bytes) -> bool:
        end, turn = time.monotonic() + PATIENCE_S, self.first
        while time.monotonic() < end:
            with suppress(httpx.HTTPError):
                if self._told(self.clients[turn % len(self.clients)], sealed, content):
                    return True
            turn += 1
            time.sleep(PAUSE_S)
        return False

    def _told(self, client: httpx.Client, sealed: Sealed, content: bytes) -> bool:
        """One try: the text, then the photo from the byte that is wanted. Whether both are acknowledged."""
        answer = client.post("/v1/push", json=push_body(sealed))
        if answer.status_code != 200:
            return False
        (outcome,) = answer.json()["outcomes"]
        if outcome["verdict"] not in ("stored", "duplicate"):
            self.wrong.append(f"{sealed.rid[:8]} {outcome['verdict']}")
        if self.receipts.setdefault(sealed.rid, outcome["receipt"]) != outcome["receipt"]:
            self.wrong.append(f"{sealed.rid[:8]} another receipt")
        announced = client.post("/files", headers=announce(sha256(content), len(content)))
        if announced.status_code != 201:
            return False
        offset = int(announced.headers["Upload-Offset"])
        if offset == len(content):
            return True
        sent = client.patch(f"/files/{sha256(content)}", headers=patch(offset), content=content[offset:])
        return sent.status_code == 204 and int(sent.headers["Upload-Offset"]) == len(content)


def county_killed(folder: Path, strikes: int, seed: int) -> Came:
    """Phones send through both processes while these and the database are killed in turns."""
    folder.mkdir(parents=True, exist_ok=True)
    with county(folder) as here:
        return strike_while_sending(here, strikes, seed, 4)


def strike_while_sending(here: County, strikes: int, seed: int, phones: int) -> Came:
    """The same in a county that runs already."""
    dice, photo, came, done = random.Random(seed), jpeg(1, 120), Came(phones=phones), threading.Event()
    senders = [Sender(here.servers, Phone(TEACHER, 40 + n).enrol(here.wiring), n) for n in range(phones)]
    threads = [threading.Thread(target=sender.send, args=(photo, done)) for sender in senders]
    for thread in threads:
        thread.start()
    try:
        for _ in range(strikes):
            time.sleep(dice.random() * 0.3)
            here.strike(came.struck % (len(here.servers) + 1) - 1)
            came.struck += 1
    finally:
        done.set()
        for thread in threads:
            thread.join()
    came.visits = sum(len(sender.visits) for sender in senders)
    came.wrong += [*(line for sender in senders for line in sender.wrong), *wrong_in(here, senders)]
    return came


def wrong_in(here: County, senders: list[Sender]) -> Iterator[str]:
    """What was acknowledged and is not there as it was, is there twice, or leaves a gap for those who read."""
    school = build(here.wiring.settings)
    expected = {rid: content for sender in senders for rid, (_, content) in sender.visits.items()}
    with school.store.read() as conn:
        entries = {entry.rid: entry for entry in archive.of_case(conn, SCHOOL, "1" * 32)}
        numbers = sorted(entry.sseq or 0 for entry in entries.values())
        whole = files.all_of(conn, SCHOOL)
        if len(set(numbers)) != len(numbers) or (numbers and numbers[-1] > schools.size(conn, SCHOOL)):
            yield "sequence numbers"
    yield from (f"{rid[:8]} is missing" for rid in expected.keys() - entries.keys())
    for rid, content in expected.items():
        if sha256(content) not in whole or school.blobs.path(sha256(content)).read_bytes() != content:
            yield f"file of {rid[:8]} is missing"
    yield from _unread(school, senders[0].phone, numbers)
    for number, sender in enumerate(senders):
        yield from _other_receipts(sender.clients[number % len(sender.clients)], sender)
    school.close()


def _unread(school: Wiring, phone: Phone, numbers: list[int]) -> Iterator[str]:
    seen, cursor, more = list[int](), 0, True
    while more:
        page = school.handout.pull(school.enrolment.device_of(phone.token), cursor, 7)
        seen += [record.sseq for record in page.records]
        cursor, more = page.next, page.more
    if seen != numbers:
        yield f"never got {len(numbers) - len(seen)} records"


def _other_receipts(client: httpx.Client, sender: Sender) -> Iterator[str]:
    """Everything offered once more gives the very same receipts, whichever process is asked."""
    for rid, (sealed, _) in sender.visits.items():
        (outcome,) = client.post("/v1/push", json=push_body(sealed)).json()["outcomes"]
        if (outcome["verdict"], outcome["receipt"]) != ("duplicate", sender.receipts.get(rid)):
            yield f"{rid[:8]} another receipt"
