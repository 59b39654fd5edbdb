"""Text made comparable, by letters and by sounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.english import stem
from knowledge.pinyin import cut, fuzzy, letters, sound
from knowledge.speech import MANNERS, denies, goes_on, manners, past, refuses, states
from knowledge.synonyms import plainly
from knowledge.text import core, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("你好😊[微笑]", "你好"),
        ("你\u200b好\x00\u202e", "你好"),
        ("<script>alert(1)</script>发货", "alert(1) 发货"),
        ("a\r\n\tb", "a b"),
        ("請問什麼時候發貨", "请问什么时候发货"),
        ("\ue000\ue001", ""),
        ("①②", "12"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == normalise(normalise(once))
    assert not any("\ue000" <= char <= "\uf8ff" for char in once)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("亲,在吗?请问这个什么时候发货呀 谢谢", "这个什么时候发货"),
        ("麻烦问一下包邮吗", "包邮吗"),
        ("你好", "你好"),
        ("谢谢", "谢谢"),
        ("多大", "多大"),
        ("？？", ""),
    ],
)
def test_core(text: str, expected: str) -> None:
    assert core(text) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("什么时候发货", "什么时侯发或"),
        ("什么时候发货", "shenme shihou fahuo"),
        ("什么时候发货", "shenmeshihoufahuo"),
        ("转人工", "zuan rengong"),
        ("那里", "辣里"),
        ("吃饭", "次饭"),
    ],
)
def test_what_sounds_alike(first: str, second: str) -> None:
    assert sound(first) == sound(second)


def test_what_sounds_different() -> None:
    assert sound("保质期") != sound("保修期")
    assert sound("hello") == "hello"
    assert len(sound("发货iphone")) == 2 + len("iphone")


def test_pinyin_is_cut_into_the_fewest_syllables() -> None:
    assert cut("zhuanrengong") == ("zhuan", "ren", "gong")
    assert cut("xian") == ("xian",)
    assert cut("hello") == ()
    assert cut("") == ()
    assert [fuzzy(each) for each in ("zhang", "chi", "shi", "nang", "niu")] == ["zan", "ci", "si", "lan", "liu"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("啥时候发", "什么时候发"),
        ("邮费多少", "运费多少"),
        ("咋整", "怎么办"),
        ("发货", "发货"),
        ("周六可不可以到", "今天能到"),
        ("明儿能够送不", "今天能送不"),
        ("昨天买的", "昨天买的"),
    ],
)
def test_plainly(text: str, expected: str) -> None:
    assert plainly(text) == expected


def asks_by(text: str) -> set[str]:
    return {name for at, name in enumerate(MANNERS) if manners(text) >> at & 1}


def test_speech() -> None:
    assert asks_by("什么时候发货") == {"when"}
    assert asks_by("能不能帮我查一下") == {"whether", "request"}
    assert asks_by("我已经付款了") == set()
    assert asks_by("could you help me") == {"whether", "request"}
    assert asks_by("请快些") == {"request"} and asks_by("申请退款了") == set()
    assert states("我已经付款了") and states("本来以为周五能拿到")
    assert asks_by("几号送都可以吗") == {"when", "whether"} and asks_by("几号送都行,送到就行了") == set()
    assert denies("这条毛巾我不想换") and refuses("这条毛巾我不想换")
    assert not denies("能不能退款") and not denies("有货不")
    assert denies("杯盖打不开") and not refuses("杯盖打不开")
    assert past("我昨天退的") and not past("怎么退货")
    assert goes_on("那这个呢") and not goes_on("这个呢")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cancelled", "cancel"),
        ("changing", "change"),
        ("refunds", "refund"),
        ("deliveries", "delivery"),
        ("editing", "modified"),
        ("purchases", "order"),
    ],
)
def test_english_words_are_one_whatever_their_ending_and_those_that_mean_the_same(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_english_words_stay_different() -> None:
    assert len({stem(word) for word in ("order", "other", "address", "account", "ship", "shop", "us", "bus")}) == 8


def test_sounds_have_a_spelling() -> None:
    assert letters(sound("发货a1")) == "fahuoa1"
