"""What flows down to the phones: rows per feed, the latest value per key, a missing value means gone."""

from __future__ import annotations

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
