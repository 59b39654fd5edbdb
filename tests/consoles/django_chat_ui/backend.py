"""What the site decides about its chat: as the package brings it, and buyers may take a message back."""

from typing import Any

from django_chat_ui.backend import ChatBackend


class Backend(ChatBackend):  # type: ignore[misc]  # the console is not installed beside the type checker
    """A conversation without invitees goes to all staff; whoever writes must have logged in."""

    def new_capabilities(self, channel: str) -> dict[str, Any]:
        """What a new conversation allows."""
        return {**super().new_capabilities(channel), "delete": True}
