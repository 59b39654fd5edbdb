"""The wheel: what is in it, and that it runs where no checkout is."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from base.places import shared
from bots.settings import load_settings, load_shop_pack

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("base", "knowledge", "storage", "flows", "bots", "board", "practice")
SHARE = "share/nightdesk"


def run(*command: str | Path, cwd: Path = ROOT, environ: Mapping[str, str] = os.environ) -> str:
    """What a command prints; its errors are shown when it fails."""
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_every_file_of_every_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    held = {name for name in names if ".dist-info/" not in name and ".data/" not in name}
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    assert held == {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


def test_it_runs_from_a_place_of_its_own(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    python = home / "bin/python"
    run(sys.executable, "-m", "venv", "--without-pip", home)
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel)
    for name in ("selectors", "examples", "schemas"):
        packed = {path.name for path in (ROOT / name).iterdir()}
        assert {path.name for path in (home / SHARE / name).iterdir()} == packed
    # The dependencies are those of this environment; named so, its editable checkout does not come with them.
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(site.getsitepackages())}
    where = "from base.places import shared; print(shared('knowledge.yaml'))"
    found = run(python, "-c", where, cwd=tmp_path, environ=environ)
    assert Path(found.strip()) == home / SHARE / "knowledge.yaml"
    assert "nightdesk" in run(home / "bin/nightdesk", "--help", cwd=tmp_path, environ=environ)
    stub = run(python, "-c", "from bots.splice import STUB; print(STUB)", cwd=tmp_path, environ=environ).strip()
    assert Path(stub).is_relative_to(home) and os.access(stub, os.X_OK)


def test_the_example_of_shops_is_one(tmp_path: Path) -> None:
    settings = load_settings(shared("examples/shops.yaml"))
    assert [load_shop_pack(shop, tmp_path).name for shop in settings.shops] == ["django-chat-ui", "django-chat-ui"]
