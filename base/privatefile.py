"""Files that only their owner may read: passwords, saved sessions, evidence."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from glob import escape
from pathlib import Path

# What is so old is no draft of anybody who still writes.
_LEFT_SECONDS = 3600.0


def write_private(path: Path, content: str | bytes) -> None:
    """Write all of `content` or nothing; not readable by others, not even for a moment. Raises `OSError`.

    Of several that write at once each writes a draft of its own: the last one to be done stays, and is whole.
    What somebody who was killed over it has left goes with a later one.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    for left in path.parent.glob(f".{escape(path.name)}.*.new"):
        with suppress(OSError):  # gone by now
            if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                left.unlink()
