"""Our own visit forms as jobs: compiled as for phones, begun for a child of a small case list, answered at random."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from functools import cache

from sync_server.forms import bundled_forms
from tests.differential.engines import Job
from tests.differential.script import random_script

STEPS = 40
#: what the app fills in before the teacher begins
PREFILL = {"case": "c1", "visitor": "周老师", "role": "class_teacher"}
CASES: tuple[Mapping[str, str], ...] = (
    {"name": "c1", "label": "王小明", "class_name": "八年级(2)班", "gender": "1", "age": "14", "village_name": "石桥村",
     "home_address": "石桥村3组12号", "guardian_name": "王建国", "guardian_relation": "51", "can_read": "little",
     "guardian_phone": "12000001701", "absent_since": "2026-11-16", "absent_days": "4", "attempts_phone": "1",
     "attempts_door": "0", "attempts_text": "11月20日 电话 没人接", "outcome": "promised", "last_visit_on": "2026-11-18",
     "caretaker_name": "李桂花", "caretaker_relation": "62", "reasons_judged": "work study"},
    {"name": "c2", "label": "李小红", "class_name": "八年级(2)班", "gender": "2", "age": "13"},
    {"name": "c3", "label": "赵小刚", "class_name": "六年级(1)班", "gender": "1", "age": "11", "can_read": "no"},
)  # fmt: skip


@cache
def own_forms() -> dict[str, str]:
    """The XForms of all forms that ship with the program, by id."""
    return {form.form_id: form.xml.decode() for form in bundled_forms()}


def own_jobs(first: int, count: int) -> Iterator[Job]:
    """`count` scripts for each form, of the seeds from `first` on."""
    for form_id, xml in own_forms().items():
        started, attachments = begun(xml), case_list(xml)
        for seed in range(first, first + count):
            name = f"{form_id} {seed}"
            yield Job(name, started, random_script(started, attachments, name, STEPS), attachments)


def begun(xml: str) -> str:
    """The form with the app's first values in its blank instance, where every engine finds them."""
    for name, value in PREFILL.items():
        xml = xml.replace(f"<{name}/>", f"<{name}>{value}</{name}>", 1)
    return xml


def case_list(xml: str) -> dict[str, str]:
    """The file of the case list, with every column that the form looks up."""
    asked = re.findall(r"instance\('cases'\)/root/item\[[^\]]*\]\s*/\s*(\w+)", xml)
    columns = list(dict.fromkeys([*CASES[0], *asked]))
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, restval="")
    writer.writeheader()
    writer.writerows(CASES)
    return {"cases.csv": written.getvalue()}
