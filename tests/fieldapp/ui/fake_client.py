"""Runs the app in this process with no browser: takes its patches, answers its calls, fires events like a finger."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page, context
from flet.messaging.connection import Connection
from flet.messaging.protocol import (
    Message,
    MessageAction,
    RegisterClientResponseBody,
    configure_encode_object_for_msgpack,
)
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

Control = TypeVar("Control", bound=BaseControl)
PATIENCE_S = 5.0


class AppCrashed(AssertionError):
    """The app reported an unhandled error, or stopped drawing."""


class _Ear(logging.Handler):
    """Hears errors that the app has caught in its last net: a test must not overlook them."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())


class FakeClient(Connection):
    """One session. `answers` maps a method name to what the device replies, or to a function of the arguments."""

    def __init__(self, **page: Any) -> None:
        super().__init__()
        self.page_url = "http://fake"
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(1)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.answers: dict[str, Any] = {}
        self.crashes: list[str] = []
        self._ear = _Ear(self.crashes)
        logging.getLogger().addHandler(self._ear)
        self._running: set[asyncio.Task[None]] = set()
        self.calls: list[tuple[str, Any]] = []
        self.session = Session(self)
        self.page = self.session.page
        self.session.apply_page_patch(
            {"route": "/", "web": False, "platform": ft.PagePlatform.ANDROID, "pwa": False, **page})
        _context_page.set(self.page)
        self.send_message(Message(MessageAction.REGISTER_CLIENT, RegisterClientResponseBody(
            session_id=self.session.id, page_patch=self.session.get_page_patch(), error="")))

    def send_message(self, message: Message) -> None:
        """What the app sends to the client. Packing it is part of the app's own bookkeeping of changes."""
        msgpack.packb([message.action, message.body], default=configure_encode_object_for_msgpack(BaseControl))
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(message.body.message)
        elif message.action == MessageAction.INVOKE_METHOD:
            asyncio.get_running_loop().create_task(self._answer(message.body))

    async def _answer(self, call: Any) -> None:
        self.calls.append((call.name, call.args))
        value = self.answers.get(call.name)
        self.session.handle_invoke_method_results(
            call.control_id, call.call_id, value(call.args) if callable(value) else value, None)
        if call.name == "push_route":
            self.session.apply_page_patch({"route": call.args["route"]})
            await self.session.dispatch_event(1, "route_change", {"route": call.args["route"]})

    async def start(self, main: Callable[[ft.Page], Any]) -> FakeClient:
        """Runs the app's main on this session."""
        _context_page.set(self.page)
        context.reset_auto_update()
        outcome = main(self.page)
        if inspect.isawaitable(outcome):
            await outcome
        await self.session.after_event(self.page)
        await self.settle()
        return self

    async def settle(self, rounds: int = 30) -> None:
        """Lets the app draw. Raises AppCrashed when it reported an error or its drawing task has died."""
        for _ in range(rounds):
            await asyncio.sleep(0)
        if self.crashes:
            raise AppCrashed(self.crashes[0])
        drawing = self.session._Session__updates_task
        if drawing is not None and drawing.done():
            raise AppCrashed("the app has stopped drawing")

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Waits for work in another thread to show."""
        deadline = self.loop.time() + PATIENCE_S
        while not (found := condition()):
            if self.loop.time() > deadline:
                raise AssertionError("it never came; the screen says:\n" + self.text())
            await asyncio.sleep(0.01)
            await self.settle()
        return found

    def close(self) -> None:
        """Ends the session."""
        logging.getLogger().removeHandler(self._ear)
        if self.loop.is_running():
            self.session.close()
        self.executor.shutdown(wait=False)

    def controls(self, top: Any = None) -> Iterator[BaseControl]:
        """Every control below `top` (the uppermost view and the dialogs), in tree order; components are transparent."""
        seen: set[int] = set()

        def walk(value: Any) -> Iterator[BaseControl]:
            if isinstance(value, BaseControl):
                if id(value) in seen:
                    return
                seen.add(id(value))
                yield value
                for field in dataclasses.fields(value):
                    hidden = field.metadata.get("skip") and field.name != "_b"
                    if field.name not in ("_parent", "parent", "data") and not hidden:
                        yield from walk(getattr(value, field.name, None))
            elif isinstance(value, list | tuple):
                for item in value:
                    yield from walk(item)

        if top is not None:
            yield from walk(top)
            return
        yield from walk(self.view())
        yield from walk([dialog for dialog in self.page._dialogs.controls if dialog.open])

    def views(self) -> list[ft.View]:
        """The stack of screens, the open one last."""
        found: list[ft.View] = []

        def walk(value: Any) -> None:
            if isinstance(value, ft.View):
                found.append(value)
            elif isinstance(value, list | tuple):
                for item in value:
                    walk(item)
            elif isinstance(value, BaseControl):
                walk(getattr(value, "_b", None))

        walk(self.page.views)
        return found

    def view(self) -> ft.View:
        """The screen that is seen."""
        return self.views()[-1]

    def find(self, kind: type[Control], top: Any = None) -> list[Control]:
        """All controls of a kind on the screen."""
        return [control for control in self.controls(top) if isinstance(control, kind)]

    def marked(self, identifier: str) -> ft.Semantics:
        """The control that carries a stable identifier. Raises AssertionError with the identifiers there are."""
        found = [control for control in self.find(ft.Semantics) if control.identifier == identifier]
        assert len(found) == 1, f"{len(found)} x {identifier}; on the screen: {self.identifiers()}"
        return found[0]

    def has(self, identifier: str) -> bool:
        """Whether the control is on the screen."""
        return identifier in self.identifiers()

    def identifiers(self) -> list[str]:
        """The stable identifiers on the screen, in order."""
        return [control.identifier for control in self.find(ft.Semantics) if control.identifier]

    def text(self, identifier: str | None = None) -> str:
        """All words on the screen, or in one marked control."""
        words: list[str] = []
        for control in self.controls(self.marked(identifier) if identifier else None):
            if isinstance(control, ft.Text):
                words.append(control.value or "".join(span.text or "" for span in control.spans or []))
            else:
                words += [value for name in ("content", "label", "value", "hint_text", "title", "tooltip")
                          if isinstance(value := getattr(control, name, None), str)]
        return "\n".join(words)

    async def fire(self, control: BaseControl, event: str, data: Any = None) -> None:
        """Sends an event to a control; a handler that takes long goes on while the test looks at the screen."""
        running = asyncio.create_task(self.session.dispatch_event(control._i, event, data))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        await self.settle()

    async def tap(self, identifier: str) -> None:
        """Taps what the identifier marks."""
        target = next(control for control in self.controls(self.marked(identifier))
                      if getattr(control, "on_click", None))
        assert not getattr(target, "disabled", False), f"{identifier} is disabled"
        await self.fire(target, "click")

    async def type(self, identifier: str, text: str, *, leave: bool = True) -> None:
        """Types into the marked field, all at once as an input method does, and leaves it."""
        (field,) = self.find(ft.TextField, self.marked(identifier))
        self.session.apply_patch(field._i, {"value": text})
        await self.fire(field, "change", text)
        if leave:
            (field,) = self.find(ft.TextField, self.marked(identifier))
            await self.fire(field, "blur")

    async def back(self) -> None:
        """The arrow at the top left, or the phone's own back button."""
        await self.fire(self.page, "view_pop", {"route": self.view().route})

    def dialog(self, kind: type[Control]) -> Control:
        """The open dialog of a kind."""
        found = [dialog for dialog in self.page._dialogs.controls if isinstance(dialog, kind) and dialog.open]
        assert found, f"no {kind.__name__} is open"
        return found[-1]


def assert_named_and_roomy(client: FakeClient) -> None:
    """Everything that can be tapped has one name of its own, and no text in a row is cut off when it grows."""
    marked = {id(control) for one in client.find(ft.Semantics) if one.identifier for control in client.controls(one)}
    loose = [control for control in client.controls(client.view())
             if getattr(control, "on_click", None) and id(control) not in marked]  # fmt: skip
    names = client.identifiers()
    rows = [row for row in client.find(ft.Row, client.view()) if not row.wrap]
    stiff = [text.value for row in rows for text in row.controls if isinstance(text, ft.Text) and not text.expand]
    assert (loose, stiff) == ([], []) and len(names) == len(set(names))
