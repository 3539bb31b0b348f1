"""What the device itself offers: position, camera permission, staying awake. Nothing here ever raises or waits long.

A missing plugin, a denied permission or a device without the sensor is an ordinary answer, not an error.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fieldapp.capture.place import Fix, NoFix
from fieldapp.platform.clock import Clock, instant

if TYPE_CHECKING:
    from fieldapp.ui.recording import Microphone

log = logging.getLogger(__name__)

POSITION_TIMEOUT_S = 20.0
SERVICE_TIMEOUT_S = 5.0
PERMISSION_TIMEOUT_S = 60.0  # a person reads and taps

T = TypeVar("T")


class DeviceServices:
    """The services of one running app. Make it inside `main(page)`: Flet binds services to the page."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, Any] = {}

    async def position(self, timeout_s: float = POSITION_TIMEOUT_S) -> tuple[Fix | None, NoFix | None]:
        """A fix, or the reason why there is none."""
        locator = self._service("flet_geolocator", "Geolocator")
        if locator is None:
            return None, NoFix.UNSUPPORTED
        permission = await within(PERMISSION_TIMEOUT_S, locator.request_permission())
        if permission is None:
            return None, NoFix.UNSUPPORTED
        if "denied" in str(getattr(permission, "value", permission)).lower():
            return None, NoFix.DENIED
        if await within(SERVICE_TIMEOUT_S, locator.is_location_service_enabled()) is False:
            return None, NoFix.SWITCHED_OFF
        found = await within(timeout_s, locator.get_current_position())
        fix = None if found is None else self._fix(found)
        return (fix, None) if fix else (None, NoFix.TIMED_OUT)

    async def camera_allowed(self) -> bool:
        """Asks for the camera where a permission is needed; True where the platform has no such question."""
        asker = self._service("flet_permission_handler", "PermissionHandler")
        if asker is None:
            return True
        from flet_permission_handler import Permission

        status = await within(PERMISSION_TIMEOUT_S, asker.request(Permission.CAMERA))
        return status is None or "denied" not in str(getattr(status, "value", status)).lower()

    async def keep_awake(self, awake: bool) -> None:
        """Keeps the screen on, for the signature and the sync."""
        lock = self._service("flet", "Wakelock")
        if lock is not None:
            await within(SERVICE_TIMEOUT_S, lock.enable() if awake else lock.disable())

    def microphone(self, folder: Path, *, streams: bool) -> Microphone | None:
        """The microphone, one for the whole app; None where this shell has none."""
        from fieldapp.ui.recording import Microphone

        if "microphone" not in self._kept:
            try:
                self._kept["microphone"] = Microphone(folder, streams=streams)
            except Exception:
                log.info("no microphone here")
                return None
        found: Microphone = self._kept["microphone"]
        return found

    def _service(self, module: str, name: str) -> Any:
        """The service, kept alive between calls; None where the platform lacks it."""
        if name not in self._kept:
            try:
                self._kept[name] = getattr(__import__(module), name)()
            except Exception:
                log.info("service %s is not available here", name)
                return None
        return self._kept[name]

    def _fix(self, found: Any) -> Fix | None:
        if found.latitude is None or found.longitude is None:
            return None
        taken = found.timestamp if isinstance(found.timestamp, dt.datetime) else None
        moment = taken.astimezone(self._clock.tz) if taken and taken.tzinfo else self._clock.now()
        return Fix(found.latitude, found.longitude, float(found.accuracy or 0), instant(moment))


async def within(seconds: float, call: Awaitable[T]) -> T | None:
    """What the device answers, None when it refuses or stays silent."""
    try:
        return await asyncio.wait_for(call, seconds)
    except Exception as error:
        log.info("device service: %s", type(error).__name__)
        return None
