"""`python -m practice`."""

from __future__ import annotations

import sys

from practice.options import read_options
from practice.server import PortTaken, run


def main() -> int:
    """Run the practice console; exit code 2 if it cannot start."""
    try:
        run(read_options())
    except PortTaken as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
