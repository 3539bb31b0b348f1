"""The seam for encryption at rest: everything personal passes through a vault on its way to disk and back."""

from __future__ import annotations

import json
from typing import Any, Protocol


class Vault(Protocol):
    """Locks bytes away. `label` names what they are and where they belong, so a swapped value does not open."""

    def seal(self, label: str, plain: bytes) -> bytes:
        """What goes to disk."""

    def open(self, label: str, sealed: bytes) -> bytes:
        """What was sealed under `label`. Raises FileDamaged when it is not that."""


class PlainVault:
    """Keeps bytes as they are; the phone's own file encryption is the only lock."""

    def seal(self, label: str, plain: bytes) -> bytes:
        """`plain` itself."""
        return plain

    def open(self, label: str, sealed: bytes) -> bytes:
        """`sealed` itself."""
        return sealed


def seal_json(vault: Vault, label: str, value: Any) -> bytes:
    """A JSON value, sealed."""
    return vault.seal(label, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def open_json(vault: Vault, label: str, sealed: bytes) -> Any:
    """The JSON value that was sealed under `label`."""
    return json.loads(vault.open(label, sealed))
