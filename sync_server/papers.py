"""Photographed papers of the office: a receipt, a stamp, a letter; kept like any photo, named by their hash."""

from __future__ import annotations

import hashlib

from sync_server.store.blobs import Announcement
from sync_server.uploads import Uploads

_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


def picture_type(content: bytes) -> str | None:
    """The media type of a photographed paper; None when it is no picture."""
    return next((kind for magic, kind in _PICTURES.items() if content.startswith(magic)), None)


def keep(uploads: Uploads, school: str, content: bytes) -> str:
    """Files the paper: checked, synced; returns its hash. Raises what uploads raise."""
    sha256 = hashlib.sha256(content).hexdigest()
    announcement = Announcement(len(content), picture_type(content) or "")
    if uploads.announce(school, sha256, announcement).offset < len(content):
        writing = uploads.open(school, sha256, 0)
        writing.write(content)
        writing.close()
    return sha256
