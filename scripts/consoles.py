"""`make setup-consoles`: one environment for each real console that the tests serve."""

from __future__ import annotations

import sys

from scripts.environment import build
from scripts.running import ROOT, SetupFailed, fail

CONSOLES = ROOT / "tests/consoles"


def main() -> int:
    """Exit code of `make setup-consoles`."""
    for lock in sorted(CONSOLES.glob("*/requirements.lock")):
        venv = ROOT / ".cache/consoles" / lock.parent.name
        venv.parent.mkdir(parents=True, exist_ok=True)
        try:
            build(venv, lock)
        except SetupFailed as error:
            return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
