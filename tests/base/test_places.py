"""Where shipped files are found: in a checkout, and under the prefix of an installed wheel."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from base import places

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["selectors", "knowledge.yaml", "examples/shops.yaml"])
def test_a_checkout_has_them_beside_the_code(name: str) -> None:
    assert places.shared(name) == ROOT / name
    assert places.shared(name).exists()


def test_an_installed_wheel_has_them_under_share(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places, "_HOME", tmp_path / "site-packages")
    monkeypatch.setattr(sysconfig, "get_path", lambda _name, scheme="": str(tmp_path / (scheme or "prefix")))
    monkeypatch.setattr(sysconfig, "get_preferred_scheme", lambda _key: "user")
    ours, users = (tmp_path / prefix / "share/nightdesk/selectors" for prefix in ("prefix", "user"))
    assert places.shared("selectors") == ours  # nowhere: the error names where it ought to be
    users.mkdir(parents=True)
    assert places.shared("selectors") == users
    ours.mkdir(parents=True)
    assert places.shared("selectors") == ours
