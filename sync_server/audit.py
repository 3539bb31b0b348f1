"""Who read which evidence and who changed what: every such act leaves a line with ids, never with names."""

from __future__ import annotations

from enum import StrEnum

from sync_server.store import audit
from sync_server.store.accounts import Account
from sync_server.store.audit import Line
from sync_server.store.engine import Connection


class Act(StrEnum):
    """What people do that leaves a line."""

    LOGIN = "login"
    LOGOUT = "logout"
    READ_CASE = "read_case"
    EXPORT_CASE = "export_case"
    READ_VISIT = "read_visit"
    READ_FILE = "read_file"
    READ_RECORD = "read_record"
    REVIEW = "review"
    RESOLVE = "resolve"
    ASSIGN = "assign"
    RELEASE = "release"
    PAIR = "pair"
    MAKE_ENROL_CODE = "make_enrol_code"
    KEEP_STAFF = "keep_staff"
    SET_PASSWORD = "set_password"
    BLOCK_PHONE = "block_phone"
    UPLOAD_FORM = "upload_form"
    PUBLISH_FORM = "publish_form"
    DISCARD_FORM = "discard_form"
    WITHDRAW_FORM = "withdraw_form"
    OFFER_FORM = "offer_form"
    UPLOAD_ROSTER = "upload_roster"
    IMPORT_ROSTER = "import_roster"
    DISCARD_ROSTER = "discard_roster"
    EXPORT_ROSTER = "export_roster"
    READ_REGISTER = "read_register"
    CHANGE_REGISTER = "change_register"
    FREEZE_BASE = "freeze_base"
    ENTER_ROLL_EVENT = "enter_roll_event"
    DECIDE_ROLL_EVENT = "decide_roll_event"
    REKEY_ROLL_EVENT = "rekey_roll_event"
    CLOSE_YEAR = "close_year"
    ENTRY_NOTICE = "entry_notice"
    SET_FIND_ASIDE = "set_find_aside"
    CHANGE_CALENDAR = "change_calendar"
    ENTER_HEADCOUNT = "enter_headcount"
    SURVEY_CLASS = "survey_class"
    KEEP_LEAVE = "keep_leave"
    SIGN_WEEKLY = "sign_weekly"
    PROPOSE_RULE = "propose_rule"
    DECIDE_RULE = "decide_rule"
    CASE_STEP = "case_step"
    PRINT_PAPER = "print_paper"
    RESTORE = "restore"
    EXPORT_SCHOOL = "export_school"


def note(conn: Connection, account: Account, at: str, act: Act, subject: str, **facts: object) -> None:
    """Adds a line in the transaction of the act itself; `subject` is such as `visit:<id>`."""
    audit.note(conn, account.school, Line(at, account.id, act.value, subject, facts))
