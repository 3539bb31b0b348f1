"""Our own engine in the same test: takes the same steps and tells the same facts as the foreign ones."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import time
import uuid
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from assets import load_wording
from casebook.errors import CasebookError
from casebook.forms import Env, FormDef, ListSource, Problem, Session, TableSource
from casebook.forms.growth import may_grow
from casebook.forms.nodes import Node
from tests.differential.engines import Facts, Job, Outcome, State, Step
from tests.differential.facts import path_of

WORDING = load_wording("en")
_ASKED = ("select_one", "select_multiple", "rank")


class Closed(Exception):
    """A step that a person could not take."""


class Ours:
    """Our engine in one time zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def run(self, job: Job) -> Outcome:
        """The outcome of one job; `error` says so if the form is refused."""
        try:
            return self._fill(job)
        except CasebookError as refusal:
            return Outcome(error=f"{refusal.code} {refusal.facts}")

    def _fill(self, job: Job) -> Outcome:
        start = time.perf_counter()
        hand = Hand(FormDef.from_xml(job.xml.encode()), lists(job.attachments), self.environment())
        states, refused = [look(hand.session)], []
        times = [(time.perf_counter() - start) * 1000]
        for step in job.script:
            start = time.perf_counter()
            refused.append(hand.tried(step))
            states.append(look(hand.session))
            times.append((time.perf_counter() - start) * 1000)
        hand.session.finalize()
        return Outcome(states, refused, hand.session.to_xml(), times)

    def environment(self) -> Env:
        """The real clock, for the foreign engines know no other."""
        now = lambda: dt.datetime.now(dt.UTC)  # noqa: E731
        fresh = lambda: str(uuid.uuid4())  # noqa: E731
        return Env(now, fresh, random.random, self._zone, username="teacher", deviceid="device:1")


def lists(attachments: Mapping[str, str]) -> dict[str, ListSource]:
    """The case lists of a form: each CSV file as a table named like the file."""
    return {name.removesuffix(".csv"): TableSource(list(csv.DictReader(io.StringIO(text))))
            for name, text in attachments.items()}  # fmt: skip


class Hand:
    """Does with a session what a person does."""

    def __init__(self, form: FormDef, sources: Mapping[str, ListSource], env: Env) -> None:
        self._form, self._lists, self._env = form, sources, env
        self.session = Session(form, sources, env, wording=WORDING)

    def tried(self, step: Step) -> str | None:
        """Takes a step; None, or why it could not be taken."""
        action, *details = step
        try:
            getattr(self, f"_{action}")(*details)
        except (Closed, CasebookError) as refusal:
            return repr(refusal)
        return None

    def _set(self, ref: str, value: str) -> None:
        question = self.session.question(ref)
        if not question.relevant or question.readonly:
            raise Closed(ref)
        self.session.set(ref, value)

    def _add(self, ref: str) -> None:
        above, repeat = self.session._node(ref.rpartition("/")[0]), self._form.repeats[path_of(ref)]
        if not may_grow(above, repeat):
            raise Closed(ref)
        self.session.add_repeat(ref)

    def _remove(self, ref: str, place: int) -> None:
        self.session.remove_repeat(ref, place)

    def _language(self, name: str) -> None:
        if name not in self._form.languages:
            raise Closed(name)
        self.session.set_language(name)

    def _reopen(self) -> None:
        """The app was closed and opened again: a draft must come back exactly."""
        draft = self.session.draft()
        self.session = Session(self._form, self._lists, self._env, draft, wording=WORDING)


def look(session: Session) -> State:
    """Facts by reference, of all nodes."""
    nodes: list[Node] = []
    _gather(session._instance.root, nodes)
    return {node.ref: _facts(session, node) for node in nodes}


def _gather(node: Node, found: list[Node]) -> None:
    found.append(node)
    for child in node.all_children():
        _gather(child, found)


def _facts(session: Session, node: Node) -> Facts:
    facts: dict[str, object] = {"relevant": node.is_relevant()}
    if node.value is not None:
        facts["value"] = node.value.get()
    if node.control is None or not node.control.is_question:
        return facts
    question = session.question(node.ref)
    facts |= {"required": question.required, "readonly": question.readonly, "label": question.label,
              "hint": question.hint, "guidance": question.guidance}  # fmt: skip
    if question.kind in _ASKED:
        facts["choices"] = [[choice.value, choice.label] for choice in question.choices]
    if question.problem is not None:
        facts |= {"violation": question.problem.kind, "message": _written(node, question.problem)}
    return facts


def _written(node: Node, problem: Problem) -> str:
    """The message of the form's author; blank where each engine has to find words of its own."""
    messages = {"required": node.bind.required_message, "constraint": node.bind.constraint_message} if node.bind else {}
    return problem.message if messages.get(problem.kind) is not None else ""
