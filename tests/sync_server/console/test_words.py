"""Everything the rules can say about a visit has words in both languages."""

from __future__ import annotations

import ast
import inspect

import pytest

from assets import load_wording
from casebook.forms import FormDef
from casebook.policies import POLICY
from casebook.rules import evidence
from casebook.rules.evidence import DECLARED_MODES
from sync_server import seals
from sync_server.access import TABLE
from sync_server.web.console.visit_show import NO_PLACE
from tests.sync_server.form_walk import compiled

LOCALES = ("zh_CN", "en")


def literals(module: object) -> set[str]:
    """Every text constant of a module."""
    nodes = ast.walk(ast.parse(inspect.getsource(module)))  # type: ignore[arg-type]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def arguments(module: object, call: str, place: int) -> set[str]:
    """Every text constant handed to `call` at a place, also inside a choice of two."""
    nodes = ast.walk(ast.parse(inspect.getsource(module)))  # type: ignore[arg-type]
    calls = [n for n in nodes if isinstance(n, ast.Call) and getattr(n.func, "id", "") == call and len(n.args) > place]
    return {part.value for n in calls for part in ast.walk(n.args[place])
            if isinstance(part, ast.Constant) and isinstance(part.value, str)}  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
def test_every_part_of_the_evidence_and_every_reason(locale: str) -> None:
    say = load_wording(locale)
    names = arguments(evidence, "Part", 0)
    assert len(names) == 7
    for name in names:
        assert say.has(f"console.part.{name}")
        assert say.has(f"console.part.{name}.letter")
    reasons = arguments(evidence, "Part", 3) - {"declared_"}
    known = {key for name in names for key in reasons if say.has(f"console.part.{name}.{key}")}
    assert reasons - known == set()
    assert [mode for mode in DECLARED_MODES if not say.has(f"console.part.signature.declared_{mode}")] == []
    assert [mode for mode in DECLARED_MODES if not say.has(f"console.sign_mode.{mode}")] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_finding_about_a_seal(locale: str) -> None:
    codes = arguments(seals, "Finding", 0)
    assert len(codes) > 10
    assert [code for code in codes if not load_wording(locale).has(f"console.seal.{code}")] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_role_property_and_reason_for_no_position(locale: str) -> None:
    say = load_wording(locale)
    saved = {bind.save_to for form in compiled().values() for bind in FormDef.from_xml(form.xml).binds.values()}
    props = {prop for prop in saved | set(POLICY) if prop}
    wanted = [f"console.role.{role}" for role in TABLE] + [f"console.prop.{prop}" for prop in sorted(props)]
    wanted += [f"console.no_place.{reason}" for reason in NO_PLACE]
    assert [key for key in wanted if not say.has(key)] == []
