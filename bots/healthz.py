"""Asks `/healthz` of this machine what it says, never through a proxy: that would be shown the token."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException

HOST = "127.0.0.1"


def ask(port: int, token: str, *, seconds: float) -> tuple[int, str]:
    """Status and text; raises `OSError` where nobody answers, or not in HTTP."""
    # As bytes, which a token in Chinese needs: urllib itself writes headers in latin-1.
    shown = f"Bearer {token}".encode().decode("latin-1")
    request = urllib.request.Request(f"http://{HOST}:{port}/healthz", headers={"Authorization": shown})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")
    except HTTPException as error:
        raise ConnectionError(f"那里不是 Nightdesk（{type(error).__name__}）") from None
