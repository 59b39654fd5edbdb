"""`alerts`: a test that waits for people, the acknowledgement, and what was told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from base.clock import SystemClock
from storage.calls import Alert, Call, Letter
from storage.ledger import Ledger
from tests.bots.cli.conftest import Place, Run
from tests.bots.receiver import Receiver

ALERTS = """\
alerts:
  channels: {值班群: env:ALERT_GROUP, 老板群: env:ALERT_BOSS}
  people:
    - {name: 小王, channels: [值班群]}
    - {name: 老板, channels: [老板群]}
"""


@pytest.fixture(autouse=True)
def two_channels(place: Place, receiver: Receiver, second: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder calls two people."""
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + ALERTS)
    monkeypatch.setenv("ALERT_GROUP", receiver.address("token-1f2e3d4c5b6a"))
    monkeypatch.setenv("ALERT_BOSS", second.address())


@pytest.fixture
def people(place: Place, receiver: Receiver, second: Receiver) -> Iterator[None]:
    """People who type every code that reaches them, from another window."""
    threads = [threading.Thread(target=_acknowledge, args=(place, each)) for each in (receiver, second)]
    for thread in threads:
        thread.start()
    yield
    for each in (receiver, second):
        with each.news:
            each.got.append(("/end", None))
            each.news.notify_all()
    for thread in threads:
        thread.join()


def _acknowledge(place: Place, receiver: Receiver) -> None:
    with receiver.news:
        receiver.news.wait_for(lambda: receiver.got, 50)
    _path, body = receiver.got[0]
    if body is None:
        return
    code = body["message"].split("alerts ack ")[1][:5]
    ledger = Ledger.open(place.home.ledger, SystemClock())
    ledger.acknowledge(code, "小王")
    ledger.close()


def test_all_have_acknowledged(run: Run, receiver: Receiver, second: Receiver, people: None) -> None:
    result = run("alerts", "test")
    assert result.exit_code == 0, result.output
    assert "值班群：已发出，等 小王 应答" in result.stdout
    assert "老板群：小王 收到了" in result.stdout
    assert "都收到了" in result.stdout
    assert len(receiver.got) == len(second.got) == 1


@pytest.mark.parametrize(("name", "counts"), [("值班群", (1, 0)), ("老板", (0, 1)), (None, (1, 1))])
def test_nobody_acknowledges_in_time(
    run: Run, receiver: Receiver, second: Receiver, name: str | None, counts: tuple[int, int]
) -> None:
    result = run("alerts", "test", *([name] if name else []), "--minutes", "0")
    assert result.exit_code == 1
    assert "没有等到应答" in result.stderr
    assert (len(receiver.got), len(second.got)) == counts


def test_a_channel_that_does_not_take_it(run: Run, receiver: Receiver, second: Receiver, people: None) -> None:
    second.manner = "500"
    result = run("alerts", "test", "老板")
    assert result.exit_code == 1
    assert "老板群：没有发出去" in result.stderr
    status = run("status")
    assert "告警发不出去：老板群" in status.stdout
    second.manner = "ok"
    run("alerts", "test", "老板", "--minutes", "0")
    assert "告警发不出去" not in run("status").stdout


def test_no_address_is_shown(run: Run, receiver: Receiver) -> None:
    receiver.manner = "close"
    result = run("alerts", "test", "值班群", "--minutes", "0")
    listed = run("alerts", "list", "--json")
    for text in (result.output, listed.output, run("status").output):
        assert "token-1f2e3d4c5b6a" not in text


def test_a_name_that_is_none(run: Run) -> None:
    result = run("alerts", "test", "电话")
    assert result.exit_code == 2
    assert "值班群、老板群、小王、老板" in result.stderr


def test_without_alerts_in_the_file(run: Run, place: Place, ledger: Ledger) -> None:
    place.write("shops.yaml", place.home.shops.read_text("utf-8").replace(ALERTS, ""))
    result = run("alerts", "test")
    assert (result.exit_code, "docs/alerts.md" in result.stderr) == (2, True)
    assert "出了事不会叫人" in run("status").stdout


@pytest.fixture
def alert(ledger: Ledger) -> Alert:
    """A letter about a captcha, sent a moment ago."""
    now = SystemClock().now()
    call = Call(key="shop/tea", kind="captcha", shop="tea", subject="茶叶店", severity="alert", began_at=now)
    letter = Letter(
        person="小王", kind="call", title="【夜班客服】1 家店要验证码", text="茶叶店", calls=("shop/tea",)
    )
    (told,) = ledger.record_alerts([call], [letter])
    ledger.alert_leaves(told.id, "值班群")
    ledger.alert_sent(told.id)
    return told


def test_acknowledged(run: Run, ledger: Ledger, alert: Alert) -> None:
    result = run("alerts", "ack", alert.code, "--by", "小李")
    assert (result.exit_code, "小李 在处理：【夜班客服】1 家店要验证码" in result.stdout) == (0, True)
    (call,) = ledger.calls(SystemClock().now() - timedelta(hours=1))
    assert call.acked_by == "小李"
    result = run("alerts", "ack", "1")
    assert (result.exit_code, "没有收到码是 1 的告警" in result.stderr) == (1, True)


def test_what_was_told(run: Run, ledger: Ledger, alert: Alert) -> None:
    shown = run("alerts", "list").stdout
    for word in ("小王", "值班群", "已发出", alert.code, "要验证码"):
        assert word in shown
    (row,) = json.loads(run("alerts", "list", "--json").stdout)
    assert (row["person"], row["state"], row["acked_by"], row["code"]) == ("小王", "sent", None, alert.code)


def test_nothing_was_told(run: Run, ledger: Ledger) -> None:
    assert "没有发过告警" in run("alerts", "list").stdout
