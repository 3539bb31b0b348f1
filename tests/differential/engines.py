"""Foreign engines as long-lived processes: a job a line in, an outcome a line out; restarted when one breaks down."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.differential.oracles import Command

#: what one node of a form holds and shows: relevant, value, required, label …
Facts = Mapping[str, Any]
#: of every node, by reference
State = Mapping[str, Facts]
#: ["set", ref, value] ["add", ref] ["remove", ref, place] ["language", name] ["reopen"]
Step = Sequence[Any]


@dataclass(frozen=True)
class Job:
    """A form, the files it reads, and what a person does with it."""

    id: str
    xml: str
    script: Sequence[Step] = ()
    attachments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How one engine fared: the state after opening and after each step, and the instance as it would be sent."""

    states: Sequence[State] = ()
    refused: Sequence[str | None] = ()
    xml: str = ""
    ms: Sequence[float] = ()
    error: str | None = None


class Oracle:
    """One engine in one time zone. Give it back with `close`."""

    #: seconds for one form; more means it hangs
    PATIENCE = 120
    #: forms after which a fresh process takes over, for the memory's sake
    STAMINA = 150

    def __init__(self, command: Command, zone: str) -> None:
        self._command = command
        self._zone = zone
        self._process: subprocess.Popen[str] | None = None
        self._served = 0
        self._turn = threading.Lock()

    def run(self, job: Job) -> Outcome:
        """The outcome of one job; `error` says so if the engine refuses the form, breaks down or hangs."""
        with self._turn:
            return self._run(job)

    def _run(self, job: Job) -> Outcome:
        if self._process is None or self._served >= self.STAMINA:
            self._restart()
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        self._served += 1
        watch = threading.Timer(self.PATIENCE, process.kill)
        watch.start()
        try:
            process.stdin.write(json.dumps(asdict(job)) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            watch.cancel()
        try:
            return _outcome(json.loads(line))
        except json.JSONDecodeError:
            self.close()
            return Outcome(error="broke down or hung")

    def _restart(self) -> None:
        self.close()
        environment = {**os.environ, "TZ": self._zone}
        self._process = subprocess.Popen(
            self._command.arguments, cwd=self._command.folder, env=environment, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._served = 0

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _outcome(reply: Mapping[str, Any]) -> Outcome:
    if "xml" not in reply:
        return Outcome(error=reply.get("error") or "gave up without a word")
    states: list[State] = []
    state: dict[str, Facts] = {}
    for changes in reply["states"]:
        state = {ref: facts for ref, facts in (state | changes).items() if facts is not None}
        states.append(state)
    return Outcome(states, reply["refused"], reply["xml"], reply["ms"])
