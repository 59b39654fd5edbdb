"""Which Python `make setup` builds the environment with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/python.sh"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout on a machine that has no Python but those the test puts into `bin`."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts/python.sh")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "id"):
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def program(path: Path, *, fits: bool = True, whole: bool = True) -> None:
    """A Python of a version that fits or not, with or without the means to make environments."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cases = f"*-venv*) echo python3.12-venv;; *version_info*) exit {int(not fits)};;"
    path.write_text(f'#!/bin/sh\ncase "$*" in {cases} *ensurepip*) exit {int(not whole)};; esac\n')
    path.chmod(0o755)


def choose(checkout: Path) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": str(checkout / "bin")}
    return subprocess.run(
        [checkout / "scripts/python.sh"], env=environ, capture_output=True, text=True, check=False
    )


def test_the_environments_own_comes_first(checkout: Path) -> None:
    program(checkout / "bin/python3")
    program(checkout / ".venv/bin/python")
    assert choose(checkout).stdout == ".venv/bin/python\n"


def test_one_that_does_not_fit_or_does_not_run_is_passed_over(checkout: Path) -> None:
    program(checkout / "bin/python3", fits=False)
    (checkout / "bin/python3.13").symlink_to(checkout / "gone")
    program(checkout / "bin/python3.12")
    assert choose(checkout).stdout == "python3.12\n"


def test_none_is_one_clear_error(checkout: Path) -> None:
    program(checkout / "bin/python3", fits=False)
    done = choose(checkout)
    assert (done.returncode, done.stdout) == (1, "")
    assert "需要 Python 3.11 到 3.14" in done.stderr
    assert "needs Python 3.11 to 3.14" in done.stderr


def test_one_without_venv_names_the_package(checkout: Path) -> None:
    program(checkout / "bin/python3", whole=False)
    done = choose(checkout)
    assert (done.returncode, done.stdout) == (1, "")
    assert "sudo apt-get install python3.12-venv" in done.stderr


def test_the_missing_package_is_installed_where_that_is_allowed(checkout: Path) -> None:
    program(checkout / "bin/python3", whole=False)
    for name in ("apt-get", "sudo"):
        (checkout / "bin" / name).write_text(f'#!/bin/sh\necho "$*" >> {checkout}/asked\n')
        (checkout / "bin" / name).chmod(0o755)
    assert choose(checkout).stdout == "python3\n"
    assert "install -y --no-install-recommends python3.12-venv" in (checkout / "asked").read_text("utf-8")
