"""The rules for Prometheus that ship: about figures that there are, and judged by Prometheus's own tool."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from base.places import shared

RULES = shared("examples/prometheus-rules.yml")
TESTS = Path(__file__).with_name("rules_test.yml")


def test_rules_ask_only_for_figures_that_are_served() -> None:
    asked = set(re.findall(r"\bnightdesk_\w+", RULES.read_text("utf-8")))
    metrics = Path(__file__).parents[2].joinpath("docs/metrics.md").read_text("utf-8")
    served = set(re.findall(r"(?m)^\| `(nightdesk_\w+)`", metrics))
    parts = {f"{name}{part}" for name in served for part in ("_bucket", "_count")}
    assert asked
    assert asked - served - parts == set()


def test_every_alert_is_tried_both_ways() -> None:
    alerts = re.findall(r"alert: (\w+)", RULES.read_text("utf-8"))
    tried = re.findall(r"alertname: (\w+)", TESTS.read_text("utf-8"))
    assert alerts
    assert sorted(tried) == sorted(2 * alerts)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize("what", [("check", RULES), ("test", TESTS)], ids=["check", "test"])
def test_prometheus_finds_nothing_wrong_with_them(what: tuple[str, Path]) -> None:
    act, file = what
    found = subprocess.run(["promtool", act, "rules", file], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
