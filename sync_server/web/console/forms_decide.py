"""Publishes or discards a draft; takes a form out of use or back into use."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.web.console.page import Ask, Console, go


def publish(console: Console, ask: Ask) -> Response:
    """Publishes the very draft that was shown; when it has changed meanwhile, shows the form as it stands now."""
    form = ask.part("form")
    if console.library.publish(ask.actor, form, ask.form.get("sha256", "")):
        return go(f"/forms/{form}?done=published")
    return go(f"/forms/{form}?done=stale" if _is_known(console, ask) else "/forms")


def discard(console: Console, ask: Ask) -> Response:
    """Throws the draft away."""
    console.library.discard(ask.actor, ask.part("form"))
    return go("/forms?done=discarded")


def withdraw(console: Console, ask: Ask) -> Response:
    """No phone starts this form any more; what is begun is finished."""
    console.library.offer(ask.actor, ask.part("form"), False)
    return go(f"/forms/{ask.part('form')}?done=withdrawn")


def offer(console: Console, ask: Ask) -> Response:
    """Phones may start this form again."""
    console.library.offer(ask.actor, ask.part("form"), True)
    return go(f"/forms/{ask.part('form')}?done=offered")


def _is_known(console: Console, ask: Ask) -> bool:
    return any(file.form_id == ask.part("form") for file in console.library.files(ask.actor))
