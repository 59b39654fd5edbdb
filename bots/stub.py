"""Started in the browser's place: gives the driver's pipes away, takes another line, becomes the browser.

Run by path, without anything of ours; its arguments are the browser's, and `bots/splice.py` gives the rest.
"""

import os
import socket
import sys

# Where a browser hears its driver, and where it answers.
_PIPES = (3, 4)


def main() -> None:
    """Become the browser; ends with one line that says why where that cannot be."""
    _python, place, browser = (os.environ.pop(f"NIGHTDESK_{name}") for name in ("PYTHON", "WAY", "BROWSER"))
    try:
        with socket.socket(socket.AF_UNIX) as way:
            way.connect(place)
            socket.send_fds(way, [b"0"], _PIPES)
            _said, (line, *_none), *_rest = socket.recv_fds(way, 1, 1)
        for pipe in _PIPES:
            os.dup2(line, pipe)
        os.execv(browser, [browser, *sys.argv[1:]])  # noqa: S606 - the browser that was looked for
    except OSError as error:
        sys.exit(f"{browser}: {error.strerror or error}")


if __name__ == "__main__":
    main()
