"""`make setup`: the environment, then the browser; does nothing where both are as they should be."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

from base.errors import ConfigError
from scripts.browser import ensure_browser
from scripts.environment import build
from scripts.running import LOG, ROOT, SetupFailed, fail

VENV = ROOT / ".venv"


def main() -> int:
    """Exit code of `make setup`."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `make demo` and `make test` may be started together
        try:
            build(VENV, ROOT / "requirements-dev.lock", project=ROOT)
            if Path(sys.prefix).resolve() == VENV.resolve():
                ensure_browser()
                return 0
        except (SetupFailed, ConfigError) as error:
            return fail(error)
        except KeyboardInterrupt:
            return 130
    # The rest needs Playwright, which only the environment has.
    python = VENV / "bin/python"
    return subprocess.run([python, "-m", "scripts.setup"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
