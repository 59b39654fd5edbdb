"""`make lock`: every dependency of a dependency pinned with its hashes, for Python 3.11 to 3.14 at once."""

from __future__ import annotations

import subprocess
import sys

from scripts.consoles import CONSOLES
from scripts.running import ROOT

_UV = "uv==0.13.9"
_VENV = ROOT / ".cache/lock"


def main() -> int:
    """Exit code of `make lock`."""
    subprocess.run([sys.executable, "-m", "venv", _VENV], check=True)
    subprocess.run([_VENV / "bin/python", "-m", "pip", "--quiet", "install", _UV], check=True)
    compile_ = [str(_VENV / "bin/uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    compile_ += ["--generate-hashes", "--no-header"]
    jobs = [
        ("requirements.lock", ["pyproject.toml"]),
        ("requirements-dev.lock", ["pyproject.toml", "--group", "dev", "--all-extras"]),
    ]
    for source in CONSOLES.glob("*/requirements.in"):
        jobs.append((str(source.with_suffix(".lock").relative_to(ROOT)), [str(source.relative_to(ROOT))]))
    for target, sources in jobs:
        subprocess.run([*compile_, *sources, "--output-file", target], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
