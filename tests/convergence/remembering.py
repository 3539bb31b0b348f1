"""Functions that always give the same for the same bytes need not work it out for every phone again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any

from casebook import protocol, records, sealing
from casebook.translog import checkpoints as notes
from fieldapp import sealing as own
from fieldapp.store import records as kept
from fieldapp.store import settings, vault
from fieldapp.sync import checkpoints, pulling, texts

KEPT = 4096


@lru_cache(KEPT)
def _opened(sealed: bytes) -> Any:
    return vault.open_json(vault.PlainVault(), "", sealed)


#: Who uses the function, and under which name.
USED: tuple[tuple[ModuleType, str], ...] = (
    (records, "decode"), (sealing, "decode"), (pulling, "decode"), (kept, "recall"), (checkpoints, "glance"),
    (own, "glance"), (checkpoints, "open_checkpoint"), (texts, "read_receipt"), (texts, "sealed_to_wire"),
    (pulling, "sealed_from_wire"), (settings, "open_json"),
)  # fmt: skip
REMEMBERED: dict[str, Any] = {
    **{name: lru_cache(KEPT)(getattr(records, name)) for name in ("decode", "recall")},
    **{name: lru_cache(KEPT)(getattr(notes, name)) for name in ("glance", "open_checkpoint")},
    **{name: lru_cache(KEPT)(getattr(protocol, name)) for name in ("read_receipt", "sealed_to_wire", "sealed_from_wire")},
    "open_json": lambda vault, label, sealed: _opened(sealed),
}


@contextmanager
def remembering() -> Iterator[None]:
    """Inside, they remember."""
    real = [getattr(module, name) for module, name in USED]
    for module, name in USED:
        setattr(module, name, REMEMBERED[name])
    try:
        yield
    finally:
        for (module, name), function in zip(USED, real, strict=True):
            setattr(module, name, function)
