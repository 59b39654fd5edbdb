"""Started in the browser's place: gives the driver's pipes away, takes another line, becomes the browser.

Run by path, without anything of ours or of the environment's: where to, the browser, its arguments.
"""

import os
import socket
import sys

# Where a browser hears its driver, and where it answers.
_PIPES = (3, 4)


def main() -> None:
    """Become the browser; ends with one line that says why where that cannot be."""
    place, browser, *arguments = sys.argv[1:]
    try:
        with socket.socket(socket.AF_UNIX) as way:
            way.connect(place)
            socket.send_fds(way, [b"0"], _PIPES)
            _said, (line, *_none), *_rest = socket.recv_fds(way, 1, 1)
        for pipe in _PIPES:
            os.dup2(line, pipe)
        os.execv(browser, [browser, *arguments])  # noqa: S606 - the browser that the driver was told of
    except OSError as error:
        sys.exit(f"{browser}: {error.strerror or error}")


main()
