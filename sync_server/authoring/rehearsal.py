"""Opens a form as a phone would, for an invented child, so that what cannot run is found before it is published."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from assets import SOURCE_LOCALE, load_wording
from casebook.forms import Env, FormDef, Session, TableSource
from casebook.forms.environment import CHINA
from casebook.wording import Wording

CHILD = "9" * 32
CASES = "cases"
_COLUMNS = (
    "label", "class_name", "grade", "gender", "age", "village_name", "hukou_village", "home_address", "home_landmark",
    "guardian_name", "guardian_relation", "guardian_phone", "can_read", "guardians", "caretaker_name",
    "caretaker_relation", "absent_days", "attempts_phone", "attempts_door", "attempts_text", "promises_text",
    "day_since_return",
)  # fmt: skip
_DAYS_AGO = {"absent_since": 3, "last_present": 4, "last_visit_on": 10}


def rehearse(form: FormDef) -> None:
    """Opens the form and looks at every page and problem. Raises FormBroken for what would stop a phone."""
    session = opened(form, lambda: dt.datetime.now(CHINA))
    for page in session.pages():
        session.questions(page.ref)
    session.problems()
    for language in form.languages:
        session.set_language(language)


def opened(
    form: FormDef,
    now: Callable[[], dt.datetime],
    draft: Mapping[str, Any] | None = None,
    language: str | None = None,
    visitor: str = "",
    wording: Wording | None = None,
) -> Session:
    """The form about the invented child, new or as `draft` left it. Raises FormBroken, FormUnknown."""
    wording = wording or load_wording(SOURCE_LOCALE)
    env = Env(
        now=now, uuid=lambda: str(uuid.uuid4()), random=random.random, tz=now().tzinfo or dt.UTC, username=visitor,
        deviceid="",
    )  # fmt: skip
    wanted = {"case": CHILD, "visitor": visitor, "role": ""}
    known = {name: value for name, value in wanted.items() if f"/{form.root.name}/{name}" in form.paths}
    lists = {CASES: TableSource([sample_child(now().date(), wording)])}
    return Session(form, lists, env, draft, language, known, wording=wording)


def sample_child(today: dt.date, wording: Wording) -> dict[str, str]:
    """The invented child of every trial; its name says that it is one."""
    words = {column: wording(f"authoring.child.{column}") for column in _COLUMNS}
    days = {column: (today - dt.timedelta(days=ago)).isoformat() for column, ago in _DAYS_AGO.items()}
    return {"name": CHILD, **words, **days, "state": "C1"}
