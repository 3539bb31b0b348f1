"""Accepts a visit or returns it with a remark."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import AgreementError, RemarkMissing, SealBroken, TextTooLong
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.visit_show import drawn


def save(console: Console, ask: Ask) -> Response:
    """Writes the decision and shows the visit again; what stands in the way is said beside the form."""
    visit, form = ask.part("visit"), ask.form
    decision, remark = form.get("decision", ""), form.get("remark", "")
    try:
        console.reviews.decide(ask.actor, visit, form.get("version", ""), decision, remark)
    except (RemarkMissing, TextTooLong, SealBroken, AgreementError) as error:
        return drawn(console, ask, error=error, remark=remark)
    return go(f"/visits/{visit}?done={decision}")
