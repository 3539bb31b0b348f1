"""What the phone says to the school beyond the sync conversation: the introduction, and asking for a file."""

from __future__ import annotations

from typing import Protocol

from casebook.protocol import EnrolReply, EnrolRequest, SyncConversation


class Conversation(SyncConversation, Protocol):
    """The whole link to the school, over HTTP in life."""

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Introduces this phone with a one-use code."""

    def fetch_file(self, sha256: str, size: int) -> bytes:
        """A file that the school keeps. Raises NoSuchFile when this phone may not see it."""
