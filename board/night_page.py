"""A night as one HTML page of its own: nothing from elsewhere, no scripts, everything said escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from string import Template

from base.masking import mask
from base.spoken import span
from board.night import Answer, Down, Miss, Night, ShopNight
from bots.cli.show import local_time
from bots.table import IDLE, STATES, show_seconds, show_share
from storage.records import Handoff

_PAGE = Template("""\
<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>夜班报告 $title</title>
<style>
body { font: 16px/1.6 sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; color: #222; background: #fff; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; border-bottom: 1px solid #ccc; margin-top: 2rem; }
article { border-left: 4px solid #bbb; margin: 1rem 0; padding: .2rem .8rem; overflow-wrap: anywhere; }
article.right { border-color: #2a8; } article.wrong, article.late { border-color: #c33; }
p { margin: .3rem 0; white-space: pre-wrap; } .note { color: #666; font-size: .85rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #ddd; white-space: nowrap; }
code { background: #f2f2f2; padding: .1rem .3rem; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818; } code { background: #333; } }
</style>
</head>
<body>
<h1>夜班报告</h1>
<p class="note">$title</p>
$body
</body>
</html>
""")
BY = {"bot": "机器人", "person": "人工", "robot": "平台机器人", None: "还没有人"}
VERDICTS = {None: "没看", True: "对", False: "错"}
_CLASSES = {None: "", True: "right", False: "wrong"}
SHOPS = ("店铺", "3 分钟", "没答上", "机器人答", "转人工", "首响 p50", "首响 p95", "没人值守")


def page_of(night: Night) -> str:
    """The page's text."""
    body = [
        _shops(night.shops),
        _section("三分钟没答上", map(_miss, night.misses)),
        _section("等人工处理", map(_handoff, night.handoffs)),
        _section("没有人值守的时间", map(_down, night.downs)),
        _section("机器人的回答", map(_answer, night.answers)),
    ]
    title = f"{local_time(night.since)} 到 {local_time(night.until)}"
    return _PAGE.substitute(title=escape(title), body="\n".join(body))


def shop_cells(shop: ShopNight) -> list[str]:
    """A shop's line, under the headings of `SHOPS`."""
    told = shop.figures
    return [
        shop.title,
        show_share(told.rate_3min),
        str(told.due - told.met),
        str(told.answered),
        str(told.handed),
        show_seconds(told.p50_ms),
        show_seconds(told.p95_ms),
        span(shop.down_seconds) if shop.down_seconds else "–",
    ]


def _shops(shops: Sequence[ShopNight]) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in SHOPS)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in shop_cells(shop))}</tr>\n" for shop in shops
    )
    return f'<div class="scroll"><table>\n<tr>{heads}</tr>\n{rows}</table></div>'


def _section(title: str, cards: Iterable[str]) -> str:
    listed = list(cards)
    return "\n".join([f"<h2>{escape(title)}（{len(listed)}）</h2>", *(listed or ['<p class="note">没有</p>'])])


def _card(kind: str, note: str, *lines: str, todo: str = "") -> str:
    told = "".join(f"<p>{escape(line)}</p>\n" for line in lines if line)
    do = f"<p><code>{escape(todo)}</code></p>\n" if todo else ""
    return f'<article class="{kind}">\n<p class="note">{escape(note)}</p>\n{told}{do}</article>'


def _answer(answer: Answer) -> str:
    sure = "" if answer.confidence is None else f"，把握 {answer.confidence:.2f}"
    note = f"{answer.reply} 号 {answer.shop} {local_time(answer.at)}，条目 {answer.entry or '–'}{sure}"
    verdict = VERDICTS[answer.correct]
    todo = f"nightdesk morning right {answer.reply}" if answer.correct is None else ""
    return _card(
        _CLASSES[answer.correct], f"{note}（{verdict}）", f"问：{answer.asked}", f"答：{answer.said}", todo=todo
    )


def _miss(miss: Miss) -> str:
    note = f"{miss.shop} {local_time(miss.seen_at)}，等了 {span(miss.seconds)}，{BY[miss.by]}先回"
    return _card("late", note, f"问：{miss.asked}", todo=f"nightdesk trace {miss.turn}")


def _handoff(handoff: Handoff) -> str:
    urgent = "，急" if handoff.urgent else ""
    who = f"，{handoff.claimed_by} 处理中" if handoff.claimed_by else ""
    note = f"{handoff.id} 号 {handoff.shop} {local_time(handoff.opened_at)}{urgent}{who}"
    return _card("late", note, f"问：{mask(handoff.text)}", f"原因：{mask(handoff.reason)}")


def _down(down: Down) -> str:
    state = IDLE if down.state is None else STATES[down.state]
    times = f"{local_time(down.start)} 到 {local_time(down.end)}，{span(down.seconds)}"
    return _card("late", f"{down.shop} {state}，{times}", down.why)
