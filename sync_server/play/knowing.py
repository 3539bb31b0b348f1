"""What a phone knows of a child when a form asks: the columns of the list `cases`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from casebook import feeds
from casebook.casefile import CaseFile
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.standing import standing
from sync_server.contactcard import on_card

Row = Mapping[str, Any]


def cases_row(child: Row, villages: Mapping[str, Row], file: CaseFile, life: Lifecycle) -> dict[str, str]:
    """The child's row, all columns as text: the register, then what records say, then what follows."""
    today = life.world.today
    adults = child.get("guardians") or [{}]
    guardian = next((one for one in adults if one.get("legal")), adults[0])
    row = {
        "name": child["id"], "label": child["name"], "class_name": child["class_name"], "gender": child["gender"],
        "age": str(_age(dt.date.fromisoformat(child["birth"]), today)), "village_name": child["village_name"],
        "hukou_village": feeds.hukou_village(child, villages.get),
        "guardian_name": guardian.get("name", ""), "guardian_relation": guardian.get("relation", ""),
        "can_read": guardian.get("can_read", ""), **on_card(child),
        "key_flags": " ".join(child.get("key_flags", ())), "family_flags": " ".join(child.get("family_flags", ())),
    }  # fmt: skip
    row |= {prop: file.text(prop) for prop in file.properties() if file.text(prop)}
    last = max((contact.stamp.day.isoformat() for contact in life.facts.contacts), default="")
    return row | standing(life) | {"last_visit_on": last}


def _age(birth: dt.date, today: dt.date) -> int:
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
