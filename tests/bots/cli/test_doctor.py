"""`nightdesk doctor`: each thing looked at, and what to do about it."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from base.clock import SystemClock
from bots.cli.doctor import check_python
from bots.shifts import calendar
from storage.ledger import Ledger
from tests.bots.cli.conftest import SHOPS, Place, Run
from tests.ports import free_port
from tests.storage.hands import HandClock


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


@pytest.fixture
def measured(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> int:
    """A port for the figures, with its token."""
    monkeypatch.setattr("bots.cli.doctor._browser", lambda: "能启动")
    port = free_port()
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + f"metrics: {{port: {port}}}\n")
    run("secret", "set", "metrics/token", "--stdin", input="c0rrect-h0rse\n")
    return port


@contextmanager
def answering(port: int, said: bytes) -> Iterator[None]:
    """A program that answers so to whoever comes."""
    with socket.create_server(("127.0.0.1", port)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    guest, _address = server.accept()
                    with guest:
                        guest.recv(4096)
                        guest.sendall(said)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def test_a_port_that_another_program_has(run: Run, measured: int) -> None:
    assert f"正常  看指标的端口  {measured}" in run("doctor").output
    with answering(measured, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"):
        result = run("doctor")
    assert re.search(rf"有问题  看指标的端口  端口 {measured} .*别的程序.*\n.*换一个 port", result.output)
    assert result.exit_code == 1


def test_a_port_that_our_own_bots_have(run: Run, measured: int) -> None:
    body = b'{"ok":false,"in_charge":true,"shops":[]}'
    head = f"HTTP/1.1 503 Unwell\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with answering(measured, head + body):
        assert re.search(rf"正常  看指标的端口  {measured}，.*nightdesk up", run("doctor").output)


@pytest.mark.parametrize("name", ["ledger.db", "logs/nightdesk.log"])
def test_a_file_that_another_user_left(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("bots.cli.doctor._browser", lambda: "能启动")
    place.home.prepare()
    left, may = place.home.data / name, os.access
    left.touch()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != left and may(path, mode))
    assert re.search(rf"有问题  文件夹  {left}: .*写.*\n.*chown", run("doctor").output)


def test_a_folder_in_the_place_of_the_ledger(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.cli.doctor._browser", lambda: "能启动")
    place.home.prepare()
    place.home.ledger.mkdir()
    assert re.search(rf"有问题  文件夹  {place.home.ledger}: .*文件夹", run("doctor").output)


def test_a_clock_that_is_behind_the_ledger(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.cli.doctor._browser", lambda: "能启动")
    place.home.prepare()
    clock = HandClock()
    clock.moment = SystemClock().now() + timedelta(hours=3, seconds=30)
    with closing(Ledger.open(place.home.ledger, clock)) as ledger:
        ledger.put_shop("tea", title="茶叶店", console="plain", platform="practice")
        assert "正常  记录" in run("doctor").output
        ledger.shop_beat({"tea": clock.now()})
    assert re.search(r"有问题  时钟  .*早 3小时.*\n.*校时", run("doctor").output)


@pytest.fixture
def at_home_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Have the machine's clock show another zone's time."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_whose_time_is_shown_where_the_machine_is_elsewhere(run: Run, at_home_in: Callable[[str], None]) -> None:
    at_home_in("UTC")
    assert re.search(
        r"正常  时区  机器上现在 \d\d:\d\d，Asia/Shanghai 是 \d\d:\d\d：班次按平台的", run("doctor").output
    )
    at_home_in("Asia/Taipei")
    assert re.search(r"正常  时区  现在 \d\d:\d\d，和平台一样", run("doctor").output)


def test_an_address_that_nobody_can_send_to(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.cli.doctor._browser", lambda: "能启动")
    alerts = "alerts: {channels: {群: file}, people: [{name: 小王, channels: [群]}]}\n"
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + alerts)
    run("secret", "set", "alerts/群", "--stdin", input="htp:/oapi.dingtalk.test/robot\n")
    assert re.search(r"有问题  告警渠道 群  认不出这个地址.*\n.*nightdesk secret set", run("doctor").output)


def test_a_browser_that_does_not_start_says_why(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "error while loading shared libraries: libatomic.so.1: cannot open shared object file"
    broken = place.write("chromium", f"#!/bin/sh\necho {said} >&2\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("NIGHTDESK_CHROMIUM", str(broken))
    told = run("doctor").output
    assert re.search(rf"有问题  浏览器  Chromium 启动失败（{broken}）：.*libatomic.so.1", told)
    assert "BrowserType" not in told


def test_doctor_knows_an_old_python() -> None:
    assert "3.11" in check_python((3, 10), "3.10.0").problem
    assert check_python((3, 14), "3.14.0").problem == ""
