"""Several files for several shops: what builds on what, whose entries hold where, one matcher for all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.errors import ConfigError
from knowledge.entry import Scope
from knowledge.library import Library, load_library
from knowledge.matcher import Matcher

COMMON = """\
facts: {时限: 48小时, 快递: }
entries:
  - id: 发货
    questions: [什么时候发货, 几天发货]
    answer: "{facts.时限}内发出"
  - id: 快递
    questions: [发什么快递]
    answer: 发{facts.快递}
  - id: 发票
    questions: [可以开发票吗]
    keywords: [抬头]
    answers: [{when: {order: some}, text: 订单页申请}]
    otherwise: handoff
holding: {working: 稍等, after_hours: "{resume}回"}
never_say: [甲]
"""
OWN = """\
extends: common.yaml
facts: {时限: 24小时, 快递: 顺丰}
entries:
  - {id: 发票, answer: 不开票}
  - {id: 快递, status: draft}
  - {id: 门店, questions: [门店在哪], answer: 城东}
holding: {working: 等等}
never_say: [乙]
"""
OTHER = """\
extends: common.yaml
facts: {快递: 中通}
entries:
  - {id: 发货, questions: [啥时候寄出, 多久寄], answer: 现做，七天}
"""
NOW = datetime(2026, 11, 5, 4, tzinfo=UTC)


def library(folder: Path, **files: str) -> Library:
    written = {"common": COMMON, **files}
    for name, text in written.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return load_library(folder / "common.yaml", {name: folder / f"{name}.yaml" for name in files})


def at(shop: str) -> Scope:
    return Scope(shop=shop, platform="p", now=NOW)


@pytest.fixture
def three(tmp_path: Path) -> Library:
    return library(tmp_path, own=OWN, other=OTHER)


def test_each_shop_fills_the_facts_with_its_own(three: Library) -> None:
    texts = {shop: three.of(shop).text("发货", 0) for shop in ("own", "other", "third")}
    assert texts == {"own": "24小时内发出", "other": "现做，七天", "third": "48小时内发出"}
    assert three.of("other").text("快递", 0) == "发中通"
    assert three.of("other").entry("快递").live
    assert three.of("third").entry("快递").why_not_live == "事实还没填写：快递"


def test_an_entry_changes_only_what_it_writes(three: Library) -> None:
    own, common = three.of("own").entry("发票"), three.of("third").entry("发票")
    assert (own.questions, own.keywords) == (common.questions, common.keywords)
    assert (own.answer, own.answers) == (("不开票",), ())
    assert (three.of("own").entry("快递").status, three.of("third").entry("快递").status) == ("draft", "live")
    assert three.of("own").entry("门店").live and three.of("third").find("门店") is None


def test_the_rest_of_the_file_is_taken_over_too(three: Library) -> None:
    own = three.of("own")
    assert (own.holding_text(0), own.holding_text(0, resume="9点")) == ("等等", "9点回")
    assert own.never_say == ("甲", "乙")
    assert three.of("other").holding_text(0) == "稍等"


def test_one_matcher_serves_them_all(three: Library) -> None:
    matcher = Matcher(three)
    questions = [question for topic in three.topics for question in topic.questions]
    assert sorted(questions) == sorted(
        ["什么时候发货", "几天发货", "发什么快递", "可以开发票吗", "门店在哪", "啥时候寄出", "多久寄"]
    )

    def best(text: str, shop: str) -> str | None:
        return next((each.entry for each in matcher.match(text, at(shop)) if each.confidence > 0.5), None)

    assert [best("可以开发票吗", shop) for shop in ("own", "other", "third")] == ["发票"] * 3
    assert [best("发什么快递", shop) for shop in ("own", "other", "third")] == [None, "快递", "快递"]
    assert [best("门店在哪", shop) for shop in ("own", "other", "third")] == ["门店", None, None]
    assert [best("多久寄", shop) for shop in ("own", "other")] == [None, "发货"]
    assert [best("几天发货", shop) for shop in ("own", "third")] == ["发货", "发货"]


def test_a_chain_of_files(tmp_path: Path) -> None:
    brand = "extends: common.yaml\nentries: [{id: 发货, answer: 品牌说}]\n"
    shop = "extends: brand.yaml\nentries: [{id: 发货, status: observe}]\n"
    entry = library(tmp_path, brand=brand, shop=shop).of("shop").entry("发货")
    assert (entry.status, entry.answer, entry.questions) == ("observe", ("品牌说",), ("什么时候发货", "几天发货"))


def test_a_fact_alone_is_a_file(tmp_path: Path) -> None:
    assert (
        library(tmp_path, own="extends: common.yaml\nfacts: {时限: 1天}\n").of("own").text("发货", 0)
        == "1天内发出"
    )


def test_follow_ups_go_with_their_entry(tmp_path: Path) -> None:
    common = (
        "entries: [{id: 退, questions: 怎么退, answer: 点退, follow_up: [{questions: 那运费呢, answer: 自理}]}]\n"
    )
    folder = tmp_path
    kept = library(folder, common=common, own="extends: common.yaml\nentries: [{id: 退, answer: 找我}]\n").of(
        "own"
    )
    assert [entry.id for entry in kept.entries] == ["退", "退/那运费呢"]
    own = "extends: common.yaml\nentries: [{id: 退, questions: 可以退吗, answer: 不退}]\n"
    assert [entry.id for entry in library(folder, common=common, own=own).of("own").entries] == ["退"]


MISTAKES: Mapping[str, tuple[str, str]] = {
    "a file that is not there": (OWN.replace("common", "comon"), "own.yaml:1: extends: 找不到“comon.yaml”"),
    "itself": (OWN.replace("common", "own"), "own.yaml:1: extends: “own.yaml”绕回了本文件"),
    "an unknown fact": (OWN.replace("不开票", "'{facts.票}'"), "own.yaml:4: entries[1].answer: 没有“{facts.票}”"),
    "an entry that is nowhere": (OWN.replace("发票", "票"), "own.yaml:4: entries[1]: 缺少“questions”这一项"),
    "no answer left": (OWN.replace("answer: 不开票", "answers: []"), "own.yaml:4: entries[1]: “发票”缺少 answer"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_name_the_file_they_are_in(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        library(tmp_path, own=text)
    assert str(caught.value).removeprefix(f"{tmp_path}/").startswith(told)


def test_a_mistake_below_is_told_where_it_is(tmp_path: Path) -> None:
    broken = COMMON.replace("订单页申请", "'{facts.票}'")
    with pytest.raises(ConfigError) as caught:
        library(tmp_path, common=broken, own=OWN)
    assert str(caught.value).startswith(f"{tmp_path}/common.yaml:12: entries[3].answers[1].text: 没有")


def test_a_part_taken_over_is_told_in_its_own_file(tmp_path: Path) -> None:
    own = "extends: common.yaml\nentries:\n  - id: 发票\n    answer: 好\n    no_product: 哪款\n"
    with pytest.raises(ConfigError) as caught:
        library(tmp_path, own=own)
    assert str(caught.value).startswith(f"{tmp_path}/own.yaml:3: entries[1]: “发票”写了 no_product")


def test_files_that_build_on_each_other_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="绕回了本文件"):
        library(tmp_path, common="extends: own.yaml\n", own="extends: common.yaml\n")
