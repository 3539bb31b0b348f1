"""What flows down to the phones: rows per feed, the latest value per key, a missing value means gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

STUDENTS = "students"
CLASSES = "classes"
STAFF = "staff"
VILLAGES = "villages"
CALENDAR = "calendar"
FORMS = "forms"
ME = "me"
SCHOOL = "school"  # the school itself: id, county (six digits of GB/T 2260)
RULES = "rules"  # rows of the rulebook, key <scope>|<key>|<effective_from>
CASES = "cases"  # the number of a child's newest episode: id, case_no, episode
TOLD = "told"  # the duties of one person that the phone cannot work out itself: duties
PAIRS = "pairs"  # who helps a child as its pair (R54): id, teachers (names)

SCHOOL_SCOPE = "school"


def class_scope(class_id: str) -> str:
    """Rows for those who teach this class."""
    return f"class:{class_id}"


def case_scope(case: str) -> str:
    """Rows for those who are assigned to this child."""
    return f"case:{case}"


def village_scope(code: str) -> str:
    """Rows for who leads this village (R03)."""
    return f"village:{code}"


def account_scope(account: str) -> str:
    """Rows for one person."""
    return f"account:{account}"


def hukou_village(student: Mapping[str, Any], village: Callable[[str], Mapping[str, Any] | None]) -> str:
    """The village of the household register, to whose committee letters go (R33); empty when it is not known.

    The row of a child names it, by its code, only where it is not the village the child lives in.
    """
    if "hukou_village" not in student:
        return str(student.get("village_name") or "")
    return str((village(str(student["hukou_village"])) or {}).get("name") or "")
