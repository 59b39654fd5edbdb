"""Whatever buyers write comes through whole, is answered by the shop's own words only, and harms nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.async_api import Browser

from base.masking import mask
from flows.decide import Situation
from flows.transcript import find_bubble, plain, read_transcript
from flows.views import Reader, _clean
from knowledge.entry import Scope
from storage.ledger import Ledger
from tests.flows.paper import MIND, Set
from tests.flows.stage import staged
from tests.fresh import fresh

# So many strings in an example: 1,000 in all, and 10,000 with `--hypothesis-profile=ten_thousand`.
TOGETHER = 20
THROUGH_A_PAGE = 300
SHOWN_TOGETHER = 50
TIDY = {"\n", "\t"}

NASTY = st.sampled_from(
    [
        "'; drop table turns; --",
        "<script>window.hit = 1</script>",
        "<img src=x onerror=window.hit=1>",
        "{order.number}{facts.店名}{0}%s%n$(id)`id`",
        "\u202e\u2066发货\u2069",
        "e\u0301\u200d\u200b\ufeff",
        "👨‍👩‍👧‍👦🏳️‍🌈",
        "\x00\x1b[2J\x07\r\n",
        "\ud800",
        "ﷺ" * 40,
        "a" * 3000,
        "Z̸̢̛a̷l̴g̶o̸" * 30,
        "13812345678 微信abc",
        "什么时候发货" * 60,
        "１２３ＡＢＣ（）",
        "((((((((((((((((((((",
        "\\u0000\\n{{7*7}}",
        "null",
        "-1",
        " ",
    ]
)
ANY = st.text(alphabet=st.characters(exclude_categories=[]), max_size=80)
HOSTILE = st.one_of(ANY, NASTY, st.builds("{}{}{}".format, ANY, NASTY, ANY))
NOW = datetime(2026, 11, 23, 4, 0, 5, tzinfo=UTC)
SCOPE = Scope(shop="shop", platform="stage", now=NOW, product="")
OURS = {"亲，两天内发出", "亲，订单页申请\n三天内开好", "亲，加微信abc123"}


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with TemporaryDirectory() as name:
        ledger = Ledger.open(fresh(Path(name) / "ledger.db"), Set())
        ledger.put_shop("shop", title="店", console="stage", platform="stage")
        yield ledger
        with closing(sqlite3.connect(Path(name) / "ledger.db")) as file:
            assert file.execute("pragma integrity_check").fetchone() == ("ok",)
        ledger.close()


@given(st.lists(HOSTILE, min_size=TOGETHER, max_size=TOGETHER), st.uuids())
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=settings().max_examples // 2)
def test_from_the_page_to_the_ledger_and_back(ledger: Ledger, texts: list[str], key: object) -> None:
    raw = {
        "id": str(key),
        "messages": [[f"m{number}", "buyer", "text", text, text[:40], False] for number, text in enumerate(texts)],
        "draft": texts[0],
        "orders": [{"status": texts[1]}],
        "product": None,
    }
    thread = Reader(ZoneInfo("Asia/Shanghai")).thread(raw, NOW)
    assert [said.key for said in thread.messages] == [f"m{number}" for number in range(len(texts))]
    transcript = read_transcript(thread.messages, ours={}, handled_key=None)
    for said in thread.messages:
        _answered_by_our_own_words([said.text])
    assert set(transcript.fresh) <= set(thread.messages)
    assert find_bubble(texts[3], thread.messages, after=None, taken=frozenset()) is None

    turn = ledger.open_turn("shop", str(key), seen_at=NOW)
    ledger.fill_turn(turn.id, thread.messages, asked_at=None)
    ledger.hand_over(turn.id, reason=mask(texts[2]), urgent=False, deadline_at=NOW + timedelta(seconds=5))
    kept = {
        row["key"]: row["text"]
        for row in ledger._store.rows("select key, text from messages where turn_id = :turn", turn=turn.id)
    }
    assert kept == {said.key: said.text.encode("utf-8", "replace").decode() for said in thread.messages}
    (handoff,) = [one for one in ledger.handoffs() if one.turn_id == turn.id]
    assert plain(handoff.text) == plain("\n".join(text for text in kept.values() if text))
    ledger.finish(handoff.id, "小李")


def test_an_answer_beside_a_question_that_nobody_knows_is_our_own_words_too() -> None:
    _answered_by_our_own_words(["0000?什么时候发货"])


async def test_through_a_real_page(browser: Browser) -> None:
    texts = _some(THROUGH_A_PAGE)
    keys = [f"k{number}" for number in range(len(texts) // SHOWN_TOGETHER)]
    async with staged(browser, keys=keys) as stage:
        for number, key in enumerate(keys):
            shown = texts[number * SHOWN_TOGETHER : (number + 1) * SHOWN_TOGETHER]
            await stage.js("$1.forEach((text) => app.say($0, text))", key, shown)
            thread = (await stage.console.press_row(key, timeout=5)).thread
            assert thread is not None
            read = [plain(said.text) for said in thread.messages[-len(shown) :]]
            assert read == [plain(_clean(text)) for text in shown]
        row = {row.key: row for row in (await stage.console.read()).rows or ()}
        assert set(row) == set(keys)
        assert await stage.js("typeof window.hit") == "undefined"


def _some(count: int) -> list[str]:
    """So many strings, always the same ones; half a character cannot be carried into a page."""
    found: list[str] = []

    @settings(max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(HOSTILE)
    def collect(text: str) -> None:
        found.append(text.encode("utf-8", "replace").decode())

    collect()
    return found


def _answered_by_our_own_words(texts: list[str]) -> None:
    """No word of a buyer's is ever said back, whatever is made of it."""
    thought = MIND.think(texts, SCOPE, Situation(seen=({},)), resume="明天9点")
    rests = {MIND.library.of(SCOPE.shop).rest_text(variant, resume="明天9点") for variant in range(4)}
    ours = plain("".join(OURS | rests))
    assert all(line in ours or "亲" in line for line in map(plain, thought.text.split("\n")) if line)
    assert "<script" not in thought.text and "drop table" not in thought.text
