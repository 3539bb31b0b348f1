"""Which verb of the table of roles each step of a case asks for."""

from __future__ import annotations

from collections.abc import Mapping

from casebook.rules.aid import AID_ACTS
from sync_server.access import Verb

VERB_OF_ACT: Mapping[str, Verb] = {
    "opened": Verb.OPEN_CASE, "declared_leaving": Verb.NOTE_DECLARATION, "marked": Verb.MARK_CASE,
    "proposed": Verb.PROPOSE_STEP, "confirmed": Verb.CONFIRM_DROPOUT, "ineffective": Verb.CONFIRM_DROPOUT,
    "notice_issued": Verb.ISSUE_NOTICE, "served": Verb.ISSUE_NOTICE, "letter": Verb.SEND_LETTER,
    "reported": Verb.SEND_REPORT, "external": Verb.LOG_DOCUMENT, "returned": Verb.NOTE_RETURN,
    "return_confirmed": Verb.CONFIRM_RETURN, "struck_off": Verb.ENTER_CLOSING, "closing": Verb.ENTER_CLOSING,
    "closed": Verb.APPROVE_CLOSING, "roll_moved": Verb.ENTER_CLOSING, "refuted": Verb.REFUTE_CLOSING,
    "police_report": Verb.TELL_POLICE, **dict.fromkeys(AID_ACTS, Verb.SETTLE_AID),
}  # fmt: skip
