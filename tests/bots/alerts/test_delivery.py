"""Letters leave over real sockets: channels in order, back-off, crashes in between."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from base.clock import Clock, SystemClock
from base.errors import LedgerUnavailable
from bots.alerts import channel as channels
from bots.alerts.channel import Channel
from bots.alerts.delivery import Delivery
from bots.home import Home
from bots.settings import Alerting
from storage.calls import Alert, AlertKind, AlertState, Call, Letter
from storage.ledger import Ledger
from storage.thread import LedgerThread
from tests.bots.receiver import Receiver

ROOT = Path(__file__).resolve().parents[3]
ALERTS = Alerting.model_validate(
    {
        "channels": {"群": "file", "邮箱": "file", "老板群": "file"},
        "people": [{"name": "小王", "channels": ["群", "邮箱"]}, {"name": "老板", "channels": ["老板群"]}],
    }
)


class Watch(SystemClock):
    """The machine's clocks, set forward by hand."""

    ahead = 0.0

    def now(self) -> datetime:
        """The present moment."""
        return super().now() + timedelta(seconds=self.ahead)

    def steady(self) -> float:
        """Seconds that never jump."""
        return super().steady() + self.ahead


@pytest.fixture
def clock() -> Watch:
    """A clock to set forward."""
    return Watch()


def delivery(thread: LedgerThread, clock: Clock, **addresses: str) -> Delivery:
    """Delivery to these addresses."""
    found = {name: Channel(name, partial(str, address)) for name, address in addresses.items()}
    return Delivery(ALERTS, found, thread, clock)


def write(ledger: Ledger, title: str = "题", *, kind: AlertKind = "call", person: str = "小王") -> Alert:
    """A letter about the shop on record, to be sent."""
    call = Call(
        key="shop/tea", kind="captcha", shop="tea", subject="茶", severity="alert", began_at=SystemClock().now()
    )
    (alert,) = ledger.record_alerts(
        [call], [Letter(person=person, kind=kind, title=title, text="文", calls=("shop/tea",))]
    )
    return alert


async def done(delivery: Delivery) -> None:
    """Begin what waits, and see it through."""
    await delivery.poll()
    while delivery._tasks:
        await asyncio.gather(*delivery._tasks.values(), return_exceptions=True)
    await delivery.poll()


async def test_sent_and_marked(ledger: Ledger, thread: LedgerThread, clock: Watch, receiver: Receiver) -> None:
    alert = write(ledger)
    sender = delivery(
        thread, clock, 群=receiver.address(), 邮箱=receiver.address("2"), 老板群=receiver.address("3")
    )
    await done(sender)
    ((path, body),) = receiver.got
    assert (path, body["title"]) == ("/", "题")
    assert f"nightdesk alerts ack {alert.code}" in body["message"]
    sent = ledger.alert(alert.id)
    assert (sent.state, sent.channel) == (AlertState.sent, "群")
    assert [(sign.name, sign.fine) for sign in ledger.signs()] == [("channel/群", True)]


async def test_the_next_channel_then_the_next_person(
    ledger: Ledger, thread: LedgerThread, clock: Watch, receiver: Receiver, second: Receiver
) -> None:
    receiver.manner = "500"
    sender = delivery(
        thread, clock, 群=receiver.address("1"), 邮箱=second.address("2"), 老板群=second.address("3")
    )
    write(ledger)
    await done(sender)
    assert [path for path, _body in second.got] == ["/2"]
    second.manner = "close"
    receiver.manner = "ok"
    write(ledger)
    await done(sender)  # the first channel rests from its failure
    assert [path for path, _body in receiver.got] == ["/1"]
    assert [path for path, _body in second.got] == ["/2", "/2", "/3"]
    assert "本来要告诉小王" in second.got[2][1]["message"]
    assert sender.dumb


async def test_what_only_informs_goes_to_nobody_else(
    ledger: Ledger, thread: LedgerThread, clock: Watch, receiver: Receiver, second: Receiver
) -> None:
    receiver.manner = "500"
    sender = delivery(thread, clock, 群=receiver.address(), 邮箱=receiver.address(), 老板群=second.address())
    alert = write(ledger, kind="over")
    await done(sender)
    assert second.got == []
    assert ledger.alert(alert.id).state is AlertState.new
    assert "500" in ledger.alert(alert.id).why


async def test_a_channel_that_is_down_is_tried_ever_more_rarely_and_comes_back(
    ledger: Ledger, thread: LedgerThread, clock: Watch, receiver: Receiver
) -> None:
    receiver.manner = "close"
    address = receiver.address()
    sender = delivery(thread, clock, 群=address, 邮箱=address, 老板群=address)
    alert = write(ledger)
    tries = []
    for _ in range(24):  # four minutes
        await done(sender)
        tries.append(len(receiver.got) // 3)
        clock.ahead += 10
    assert tries[-1] <= 8
    assert [sign.fine for sign in ledger.signs()] == [False] * 3
    receiver.manner = "ok"
    clock.ahead += 60
    await done(sender)
    assert ledger.alert(alert.id).state is AlertState.sent
    assert not sender.dumb


async def test_what_cannot_be_said_for_long_is_told_anew(
    ledger: Ledger, thread: LedgerThread, clock: Watch, receiver: Receiver
) -> None:
    receiver.manner = "500"
    address = receiver.address()
    sender = delivery(thread, clock, 群=address, 邮箱=address, 老板群=address)
    alert = write(ledger)
    await done(sender)
    clock.ahead = 601
    await done(sender)
    assert ledger.alert(alert.id).state is AlertState.failed
    assert ledger.calls(clock.now())[0].told_at is None


async def test_letters_that_end_together_lose_nothing_of_what_became_of_them(
    thread: LedgerThread, clock: Watch
) -> None:
    """The ledger takes its time, and does not take the second write at once."""
    sender = delivery(thread, clock)
    tried: list[str] = []
    taken: list[str] = []

    def write(what: str) -> Callable[[], Awaitable[None]]:
        async def writes() -> None:
            tried.append(what)
            fails = what == "sent" and tried.count(what) == 1
            await asyncio.sleep(0.01 * len(tried))
            if fails:
                raise LedgerUnavailable("账本被锁住了")
            taken.append(what)

        return writes

    sender._unwritten += [write("works"), write("sent")]
    ends = await asyncio.gather(sender._write(), sender._write(), return_exceptions=True)
    assert [type(end) for end in ends] == [LedgerUnavailable, type(None)]
    assert taken == ["works", "sent"]


async def test_one_person_s_dead_channel_does_not_keep_another_waiting(
    ledger: Ledger,
    thread: LedgerThread,
    clock: Watch,
    receiver: Receiver,
    second: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channels, "_SECONDS", 50.0)
    receiver.manner = "slow"
    dead = receiver.address("?rto=60")
    sender = delivery(thread, clock, 群=dead, 邮箱=dead, 老板群=second.address())
    write(ledger, "一")
    write(ledger, "二", person="老板")
    await sender.poll()
    await sender._tasks["老板"]
    assert second.titles() == ["二"]
    assert not sender._tasks["小王"].done()
    await sender.stop()


# A process that begins like the one in charge, and sends what waits.
PROCESS = """
import asyncio, sys
from pathlib import Path
from base.clock import Clock, SystemClock
from storage.ledger import Ledger
from storage.thread import LedgerThread
from tests.bots.alerts.test_delivery import delivery, done

async def main():
    thread = await LedgerThread.open(Path(sys.argv[1]), SystemClock())
    await thread(Ledger.settle_alerts)
    await done(delivery(thread, SystemClock(), **{name: sys.argv[2] for name in ("群", "邮箱", "老板群")}))
    await thread.close()

asyncio.run(main())
"""


@pytest.mark.timeout(180)  # three processes start, on a machine that may be busy
async def test_killed_in_between_it_is_repeated_at_most_once(
    home: Home, ledger: Ledger, receiver: Receiver
) -> None:
    """The letter has left, and its process is killed before that is on record; so is the next one."""
    alert = write(ledger)
    address = f"http://127.0.0.1:{receiver.port}/robot/send?access_token=b7c1"
    command = (sys.executable, "-c", PROCESS, str(home.ledger), address)
    receiver.manner = "slow"
    for count in (1, 2):
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
        await asyncio.to_thread(receiver.until, count)
        process.kill()
        await process.wait()
    receiver.manner = "ok"
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    assert await process.wait() == 0
    assert len(receiver.got) == 2
    assert ledger.alert(alert.id).state is AlertState.failed


async def test_nobody_is_called_for_what_is_over(
    ledger: Ledger, thread: LedgerThread, clock: Watch, receiver: Receiver
) -> None:
    write(ledger)
    ledger._store.run("update calls set over_at = :now", now=clock.now())
    address = receiver.address()
    await done(delivery(thread, clock, 群=address, 邮箱=address, 老板群=address))
    assert receiver.got == []
