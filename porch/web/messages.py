"""A message as the JSON and socket doors take it."""

from __future__ import annotations

from typing import Any

from porch.actions.messages.sending import Said
from porch.actions.uploads import Sent
from porch.web.json import Body


class SentFile(Body):
    """A file that goes with a message; an id alone will do."""

    id: int
    alt: str | None = None


class SentMessage(Body, kw_only=True):
    content: str
    client_id: str
    envelope: dict[str, Any] | None = None
    reply_to: int | None = None
    files: tuple[int | SentFile, ...] = ()

    def said(self) -> Said:
        files = [Sent(file) if isinstance(file, int) else Sent(file.id, file.alt) for file in self.files]
        return Said(self.content, self.client_id, self.reply_to, files, self.envelope)
