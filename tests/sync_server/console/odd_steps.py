"""Every step of a case with a plain answer to each question, and how a case comes to where the step can be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.sync_server.console.casework import Casework, issue, options
from tests.sync_server.console.test_aid import GAP

Offered = Mapping[str, str]  # answers that only the case at hand can give, such as the record that a step is about

def returned(work: Casework) -> Casework:
    """Back in class on 13 November, confirmed and reported: C6."""
    work.suspected().counted("13", absent=False)
    work.at("2025-11-13 08:10").done("teacher82", "returned", on="2025-11-13")
    work.done("office", "return_confirmed", returned=options(work.form("office", "return_confirmed"), "returned")[0])
    return work


def closed(work: Casework) -> Casework:
    """Learning elsewhere: C8."""
    work.suspected()
    work.done("registrar", "closing", variant="Z2", papers=["certificate", "school_called"])
    work.done("principal", "closed", closing=options(work.form("principal", "closed"), "closing")[0])
    return work


def escalated(work: Casework) -> Casework:
    """Persuasion failed: C5."""
    work.noticed().at("2025-11-15 09:00").done("registrar", "letter", village="新寨村", receiver="赵主任", on="2025-11-15")
    work.at("2025-11-24 09:00").done("principal", "ineffective", because="期限已过")
    return work


def with_return(work: Casework) -> Offered:
    """The return is noted by the class teacher."""
    work.suspected().counted("13", absent=False)
    work.at("2025-11-13 08:10").done("teacher82", "returned", on="2025-11-13")
    return {"returned": options(work.form("office", "return_confirmed"), "returned")[0]}


def with_closing(work: Casework) -> Offered:
    """A closing waits for the principal."""
    work.suspected().done("registrar", "closing", variant="Z3", papers=["application", "hospital_proof", "approval"],
                          until="2026-06-30")  # fmt: skip
    return {"closing": options(work.form("principal", "closed"), "closing")[0]}


def surveyed(work: Casework) -> Offered:
    """A survey found two kinds of aid missing."""
    campus = work.campus
    survey = campus.rewritten(campus.visit(), body={"purposes": ["aid"]}, set=GAP, base={})
    return {"survey": campus.receive(survey)}


def issued(work: Casework) -> Casework:
    """A notice was issued and not served."""
    work.confirmed().at("2025-11-13 10:00")
    work.done("registrar", "notice_issued", variant="N1", **issue(work.form("registrar", "notice_issued")))
    return work


STEPS: Mapping[str, tuple[Callable[[Casework], Casework | Offered], Mapping[str, str]]] = {
    "opened": (lambda work: work.at("2025-11-06 15:00"), {"because": "家长说不读了"}),
    "declared_leaving": (lambda work: work.at("2025-11-06 15:00"), {"by": "guardian", "note": ""}),
    "marked": (Casework.suspected, {"mark": "suspected", "on": "2025-11-12", "note": ""}),
    "proposed": (Casework.suspected, {"what": "confirmed", "because": "劝返没有结果"}),
    "confirmed": (Casework.suspected, {"basis": "visit-2025-11-06-1620", "note": ""}),
    "letter": (Casework.suspected, {"village": "新寨村", "receiver": "赵主任", "on": "2025-11-12", "note": ""}),
    "police_report": (Casework.suspected, {"no": "P1", "on": "2025-11-12", "note": ""}),
    "reported": (Casework.suspected, {"variant": "RB", "no": "1", "addressees": "县", "on": "2025-11-12", "way": "post", "proof": "章", "text": "x"}),
    "closing": (Casework.suspected, {"variant": "Z3", "papers": "approval", "until": "2026-06-30", "note": ""}),
    "returned": (lambda work: work.suspected(), {"on": "2025-11-12", "note": ""}),
    "return_confirmed": (with_return, {"returned": "a" * 64, "note": ""}),
    "closed": (with_closing, {"closing": "a" * 64, "note": ""}),
    "notice_issued": (Casework.confirmed, {"variant": "N1", "no": "7号", "addressee": "覃", "on": "2025-11-13", "text": "请返校"}),
    "served": (issued, {"no": "劝学〔2025〕1号", "way": "post", "on": "2025-11-13", "slip_on": "2025-11-13", "consent": "yes", "reading_confirmed": "yes"}),
    "ineffective": (Casework.noticed, {"because": "期限已过"}),
    "external": (escalated, {"document": "N4", "no": "3", "issuer": "镇政府", "on": "2025-11-24", "note": ""}),
    "struck_off": (returned, {"no": "销1", "on": "2025-11-13", "note": ""}),
    "roll_moved": (closed, {"on": "2025-11-12", "note": ""}),
    "refuted": (closed, {"because": "查无此校"}),
    "aid_granted": (surveyed, {"kinds": "living", "given": "每学期625元", "from_on": "2026-03-01", "note": ""}),
    "aid_refused": (surveyed, {"kinds": "orphan", "because": "有人抚养"}),
}  # fmt: skip
