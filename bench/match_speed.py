"""How long one question takes among many entries, and what a matcher costs: `python -m bench.match_speed 500`.

Prints JSON: `p50_ms` and `p99_ms` for one question on one core, `build_s` to load and train, `rss_mib` that one
matcher adds to the process. Times are of the processor, so that a busy machine does not count.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psutil

from bench.lines import Trade, read_trades
from bench.slips import Slips
from knowledge.entry import Scope
from knowledge.matcher import Matcher
from knowledge.model import Knowledge

_EXAMPLES, _QUESTIONS = 10, 400
_SEED = 20261123
_GOODS = [
    "杯子",
    "毛巾",
    "牙膏",
    "手机",
    "耳机",
    "冰箱",
    "空调",
    "沙发",
    "床垫",
    "奶粉",
    "尿裤",
    "猫粮",
    "狗粮",
    "口红",
    "面膜",
    "机油",
    "轮胎",
    "苹果",
    "牛排",
    "课程",
    "教材",
    "会员",
    "话费",
    "衬衫",
    "裤子",
    "鞋子",
    "书包",
    "台灯",
    "窗帘",
    "键盘",
    "鼠标",
    "水壶",
    "饭盒",
    "雨伞",
    "帽子",
    "手表",
    "相机",
    "音箱",
    "电视",
    "风扇",
    "烤箱",
    "微波炉",
    "吹风机",
    "剃须刀",
    "洗衣液",
    "纸巾",
    "茶叶",
    "咖啡",
]


def main() -> None:
    """Build a matcher for as many entries as asked, and question it."""
    throw = random.Random(_SEED)  # noqa: S311 - dice for a benchmark
    trades = [trade for trade in read_trades() if not trade.latin]
    knowledge = _knowledge(int(sys.argv[1]), trades, throw)
    scope = Scope(shop="", platform="", now=datetime(2026, 11, 23, tzinfo=UTC))
    # What every matcher shares is there once: the table of syllables, the weights.
    Matcher(_knowledge(3, trades, throw)).match("什么时候fahuo", scope)
    process = psutil.Process()
    before, start = process.memory_info().rss, time.process_time()
    matcher = Matcher(knowledge)
    built, after = time.process_time() - start, process.memory_info().rss
    took = []
    for text in _questions(trades, throw):
        start = time.process_time()
        matcher.match(text, scope)
        took.append((time.process_time() - start) * 1000)
    p50, p99 = np.quantile(took, (0.5, 0.99))
    told = {"p50_ms": p50, "p99_ms": p99, "build_s": built, "rss_mib": (after - before) / 2**20}
    sys.stdout.write(json.dumps({name: round(float(value), 3) for name, value in told.items()}) + "\n")


def _knowledge(entries: int, trades: list[Trade], throw: random.Random) -> Knowledge:
    """So many entries: the questions of all trades, asked of all sorts of goods."""
    subjects = [subject for trade in trades for subject in trade.subjects]
    found: list[dict[str, Any]] = []
    for number in range(entries):
        subject = subjects[number % len(subjects)]
        texts = [*subject.questions, *subject.asked]
        goods = throw.choice(_GOODS) if number >= len(subjects) else ""
        questions = [goods + text for text in texts]
        while len(questions) < _EXAMPLES:
            questions.append(throw.choice(_GOODS) + throw.choice(texts) + throw.choice("吗呢啊"))
        found.append({"id": str(number), "questions": questions[:_EXAMPLES], "answer": "-"})
    return Knowledge.model_validate({"entries": found})


def _questions(trades: list[Trade], throw: random.Random) -> list[str]:
    """What buyers ask, a part of it with slips or in pinyin."""
    texts = [text for trade in trades for text in (*trade.texts(), *trade.near)]
    slips = Slips(texts, throw)
    asked = throw.sample(texts, _QUESTIONS)
    return [slips.slip(text) if throw.random() < 0.3 else text for text in asked]


if __name__ == "__main__":
    main()
