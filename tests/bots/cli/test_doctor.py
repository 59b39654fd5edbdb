"""`nightdesk doctor`: each thing looked at, and what to do about it."""

from __future__ import annotations

import json
import re

import pytest

from bots.cli.doctor import check_python
from bots.shifts import calendar
from tests.bots.cli.conftest import SHOPS, Place, Run


def test_all_is_well(run: Run) -> None:
    assert run("secret", "set", "tea", "--stdin", input="pass-word\n").exit_code == 0
    result = run("doctor", "--json")
    findings = json.loads(result.stdout)
    assert [finding for finding in findings if not finding["ok"]] == []
    assert [finding["what"] for finding in findings][-4:] == ["知识库", "密码 tea", "告警", "班次"]
    assert result.exit_code == 0


def test_doctor_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTDESK_CHROMIUM", "/nowhere/chromium")
    result = run("doctor")
    assert result.exit_code == 1
    assert re.search(r"有问题  浏览器 .*NIGHTDESK_CHROMIUM", result.output)
    assert re.search(r"有问题  密码 tea .*\n.*nightdesk secret set tea", result.output)
    assert "正常  shops.yaml  1 家店" in result.output
    assert "有 2 处要处理" in result.output


def test_a_wrong_file_is_one_problem_among_others(run: Run, place: Place) -> None:
    place.write("knowledge.yaml", "entries: 3\n")
    result = run("doctor")
    assert result.exit_code == 1
    assert re.search(r"有问题  知识库  .*knowledge.yaml:1: entries: ", result.output)
    assert "密码 tea" in result.output


def test_a_console_that_is_none_is_told_with_its_line(run: Run, place: Place) -> None:
    place.write("shops.yaml", SHOPS + "  - {id: cup, console: nopack}\n")
    for command in (("doctor",), ("shifts", "show"), ("shifts", "coverage")):
        result = run(*command)
        assert "shops.yaml:8: shops[2].console: 没有名叫“nopack”的后台选择器包" in result.output


def test_a_year_whose_holidays_are_missing(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "_public", lambda _day: None)
    assert re.search(r"正常  班次  ", run("doctor").output)  # nobody asks for holidays
    shifts = "    shift: [{days: 工作日, hours: '22:00-09:00'}]\n"
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + shifts)
    assert re.search(r"有问题  班次  没有 \d{4}.* 年的放假安排.*calendar", run("doctor").output)


def test_the_addresses_of_alert_channels(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_MAIL", "mailtos://bot:pass-8d7c@mail.test")
    assert "出了事不会叫人" in run("doctor").output
    alerts = "alerts: {channels: {群: file, 邮箱: env:ALERT_MAIL}, people: [{name: 小王, channels: [群]}]}\n"
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + alerts)
    result = run("doctor")
    assert re.search(r"有问题  告警渠道 群  .*\n.*nightdesk secret set alerts/群", result.output)
    assert "正常  告警渠道 邮箱  有（env:ALERT_MAIL）" in result.output


def test_the_token_for_figures(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.cli.doctor._browser", lambda: "能启动")
    assert "看指标的口令" not in run("doctor").output
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + "metrics: {port: 9464}\n")
    assert re.search(r"有问题  看指标的口令  .*\n.*nightdesk secret set metrics/token", run("doctor").output)
    run("secret", "set", "metrics/token", "--stdin", input="c0rrect-h0rse\n")
    assert "正常  看指标的口令  有（file）" in run("doctor").output


def test_doctor_knows_an_old_python() -> None:
    assert "3.11" in check_python((3, 10), "3.10.0").problem
    assert check_python((3, 14), "3.14.0").problem == ""
