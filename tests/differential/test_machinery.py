"""The comparison itself: it writes the same forms again, finds a planted fault, and makes it small."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from casebook.forms.expressions import compiler
from casebook.forms.expressions.registry import FUNCTIONS
from tests.differential import oracles
from tests.differential.compare import Comparison, Split, compare
from tests.differential.engines import Job, Oracle, Outcome
from tests.differential.facts import plain, sent, whole
from tests.differential.oracles import Command, OracleMissing
from tests.differential.panel import Panel
from tests.differential.script import random_script
from tests.differential.sheets import Sheets
from tests.differential.shrink import Shrinker
from tests.differential.trial import random_job
from tests.differential.verdict import Verdict, judge
from tests.differential.writing.form import random_form
from tests.differential.writing.questions import QUESTIONS

SEED = """
import hashlib
from tests.differential.own import own_jobs
from tests.differential.trial import random_job
for job in (random_job(7), random_job(9), next(own_jobs(0, 1))):
    print(hashlib.sha256(job.xml.encode()).hexdigest(), list(job.script))
"""


def test_a_seed_gives_the_same_forms_and_scripts_in_every_process_and_zone() -> None:
    printed = {subprocess.run([sys.executable, "-c", SEED], env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True).stdout
               for zone in ("Asia/Shanghai", "America/Phoenix")}  # fmt: skip
    assert len(printed) == 1 and len(printed.pop()) > 200


def test_a_seed_gives_the_same_verdict_again(panel: Panel) -> None:
    once, again = (panel.verdict(random_job(9)) for _ in range(2))
    assert list(map(str, once.comparison.splits)) == list(map(str, again.comparison.splits)) != []
    assert (once.policies, once.following) == (again.policies, again.following)


def test_a_refused_step_follows_from_a_locked_question() -> None:
    question = {"relevant": True, "label": "", "required": False, "readonly": False, "value": ""}
    locked, answered = question | {"readonly": True}, question | {"value": "x"}
    calm = [{"/data/a": facts} for facts in (question, answered)]
    said = {"ours": Outcome(calm, [None], "<data><a>x</a></data>"), "java": Outcome(calm, [None], "<data><a>x</a></data>"),
            "node": Outcome([{"/data/a": locked}] * 2, ["closed"], "<data><a/></data>")}  # fmt: skip
    xml = Sheets(({"type": "text", "name": "a", "label": "a"},), settings={"form_id": "f"}).compiled()
    verdict = judge(compare(Job("f", xml, [["set", "/data/a", "x"]]), said))
    assert [split.aspect for split in verdict.unnamed] == ["readonly"] and verdict.following == 3


def test_random_forms_use_everything() -> None:
    forms = [random_form(seed) for seed in range(120)]
    types = Counter(row["type"].split()[0] for form in forms for row in form.survey)
    asked = {"select_one", "select_multiple", "select_one_from_file", "rank", "range", "integer", "decimal", "text", "date", "time", "dateTime",
             "acknowledge", "note", "geopoint", "barcode", "image", "audio", "file", "calculate", "begin_group", "begin_repeat"}  # fmt: skip
    assert asked <= set(types) and len(QUESTIONS) <= len(types)
    columns = Counter(column.partition("::")[0] for form in forms for row in form.survey for column in row)
    assert {"relevant", "required", "required_message", "constraint", "constraint_message", "choice_filter", "calculation", "default", "trigger",
            "read_only", "repeat_count", "hint", "guidance_hint", "save_to", "appearance", "parameters"} <= set(columns)  # fmt: skip
    assert all(form.compiled() for form in forms[:20])
    assert sum(bool(form.entities) for form in forms) > 10


def test_scripts_do_everything() -> None:
    steps = [step for seed in range(40) for step in random_job(seed).script]
    assert {step[0] for step in steps} == {"set", "add", "remove", "language", "reopen"}
    assert sum(step[0] == "set" and step[2] == "" for step in steps) > 10


def test_a_planted_fault_is_found_and_made_small(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    right = FUNCTIONS["string-length"]
    monkeypatch.setattr(compiler, "_compiled", compiler._compiled.__wrapped__)  # nothing is remembered
    monkeypatch.setitem(FUNCTIONS, "string-length", right._replace(call=lambda context, *values: right.call(context, *values) + 1.0))
    seed = next(seed for seed in range(1, 200) if "string-length(${" in str(random_form(seed).survey) and panel.verdict(random_job(seed)).unexplained)
    sheets, job = Shrinker(random_form(seed), random_job(seed), panel).shrunk()
    assert sheets is not None and len(sheets.survey) <= 4 and len(job.script) <= 2
    assert "string-length" in str(sheets)
    assert panel.verdict(job).unexplained


def judged(ours: str, node: str | None, java: str | None) -> Verdict:
    """The verdict on a form with one text that engines tell differently."""
    xml = Sheets(({"type": "text", "name": "a", "label": "a"},), settings={"form_id": "f"}).compiled()
    outcomes = {name: _said(text) for name, text in (("ours", ours), ("node", node), ("java", java))}
    return judge(compare(Job("f", xml), outcomes))


def _said(text: str | None) -> Outcome:
    if text is None:
        return Outcome(error="refused")
    return Outcome([{"/data": {"relevant": True}, "/data/a": {"relevant": True, "value": text}}], [], f"<data><a>{text}</a></data>")


@pytest.mark.parametrize(("ours", "node", "java", "unexplained", "unnamed"), [
    ("x", "x", "x", 0, 0), ("y", "x", "x", 2, 0), ("x", "y", "x", 0, 1), ("x", "x", "y", 0, 1), ("z", "x", "y", 1, 0), ("y", None, "x", 2, 0),
    ("y", "x", None, 2, 0), ("x", None, None, 0, 0),
])  # fmt: skip
def test_where_others_agree_we_must_agree_and_else_with_one(ours: str, node: str | None, java: str | None, unexplained: int, unnamed: int) -> None:
    verdict = judged(ours, node, java)
    assert (bool(verdict.unexplained), bool(verdict.unnamed)) == (bool(unexplained), bool(unnamed))


def test_a_form_that_only_we_refuse_is_a_fault() -> None:
    verdict = judge(Comparison(None, Job("f", ""), {"ours": Outcome(error="no"), "node": Outcome([{}]), "java": Outcome([{}])}, [], 0))  # type: ignore[arg-type]
    assert [type(split) for split in verdict.unexplained] == [Split]


@pytest.mark.parametrize(("one", "other"), [
    ("0.30000000000000004", "0.3"), ("08:30:00.000+08:00", "00:30:00.000Z"), ("2026-11-20T08:00:00.000+08:00", "2026-11-20T00:00:00.000Z"),
    ("uuid:6f1f1c8e-3a53-4b8c-9d55-0a4f9f3c1e11", "uuid:00000000-3a53-4b8c-9d55-0a4f9f3c1e22"), (" x", "x"),
])  # fmt: skip
def test_what_only_looks_different_is_the_same(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(("one", "other"), [("2.0", "2"), ("1", "true"), ("a b", "b a"), ("2026-11-20", "2026-11-21"), ("08:30:00.000Z", "08:30:00.000+08:00")])
def test_what_is_different_stays_different(one: str, other: str) -> None:
    assert plain(one) != plain(other)
    assert whole("38.5 115.0 10.0") == "38.5 115 10" and whole("2.05") == "2.05"


def test_what_is_sent_is_told_leaf_by_leaf() -> None:
    found = sent('<?xml version="1.0"?><d id="f"><r><a>1</a></r><r><a/></r><g><b>x</b></g></d>', {"/d/r"})
    assert found == {"/d/@id": "f", "/d/r[1]/a": "1", "/d/r[2]/a": "", "/d/g/b": "x"}


def test_an_engine_that_breaks_down_is_started_anew(panel: Panel) -> None:
    dead = Oracle(Command((sys.executable, "-c", "print()"), oracles.HERE), "UTC")
    assert dead.run(Job("f", "")).error is not None
    oracle = Oracle(oracles.commands()["java"], "UTC")
    try:
        assert oracle.run(Job("f", "no form")).error
        assert oracle.run(random_job(1)).error is None
    finally:
        oracle.close()
        dead.close()


def test_a_missing_engine_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(oracles, "_node_of_npm", lambda: None)
    with pytest.raises(OracleMissing, match="apt-get install nodejs npm default-jdk-headless"):
        oracles.commands.__wrapped__()


def test_a_form_that_our_engine_refuses_gets_no_script() -> None:
    assert random_script("<no/>", {}, "1") == []
