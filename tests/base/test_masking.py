"""Masking: what must not be readable in logs, and what must stay so."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base import masking
from base.masking import keep_secret, mask

MASKED = [
    ("我的电话13800138000", "我的电话138****8000"),
    ("138 0013 8000 找我", "138****8000 找我"),
    ("138-0013-8000", "138****8000"),
    ("+86 13800138000", "138****8000"),
    ("＋8613800138000", "138****8000"),
    ("１３８００１３８０００", "１３８****８０００"),
    ("座机0571-88886666", "座机****"),
    ("01088886666", "****"),
    ("身份证330106199001011234", "身份证330106********1234"),
    ("身份证 33010619900101123X", "身份证 330106********123X"),
    ("订单230512-152345678901", "订单230512-1523****8901"),
    ("订单号4812345678901234567没收到", "订单号4812****4567没收到"),
    ("SF1402233445566", "SF1402****5566"),
    ("发票发到li.lei+shop@mail.example.com谢谢", "发票发到***@***谢谢"),
    ("浙江省杭州市西湖区文三路123号5幢2单元301室", "[地址]"),
    ("地址：上海市浦东新区张江路88弄12号，谢谢", "地址：[地址]，谢谢"),
    ("我住在文三路12号", "我住在[地址]"),
    ("寄到广东深圳南山区科技园科苑路15号A座1502", "寄到[地址]"),
    ("改成江苏省苏州工业园区星湖街三百二十八号", "改成[地址]"),
    ("文三路12号，3栋501室", "[地址]"),
    ("金华市义乌市北苑街道春风小区3栋2单元502", "[地址]"),
    ("河北省保定市高阳县邢家南镇李家村", "[地址]"),
    ("张三，13800138000，杭州市西湖区翠苑小区", "张三，138****8000，[地址]"),
    ("从朝阳路1号改到光明路2号可以吗", "[地址]改到[地址]可以吗"),
]

UNTOUCHED = [
    "48小时内发货",
    "满199减30，满399减80",
    "大概2026年11月20号到货",
    "12号之前能到吗",
    "3号楼那款还有吗",
    "第15号色卡有货吗",
    "一共1234567890分，20261103 下单",
    "199-299-399 三档",
    "身高170体重130穿什么码",
    "这个市场价多少",
    "省时省力的办法有哪些呢",
    "全国各省市都包邮吗",
    "外省市区的能送到吗我在乡下",
    "这款适合北方城市冬天穿吗，会不会太薄了一点",
    "我在城市里生活很久了",
    "超市旁边小区能送吗",
    "偏远地区要加钱吗，新疆地区呢",
    "北京路的店什么时候开门",
    "浙江省杭州市发货要几天",
    "门口的驿站几点关门",
    "尺码 36 37 38 39 40",
    "发票抬头写公司，税号稍后给",
    "价格@你们看着办",
    "",
]

HOSTILE = [
    "省",
    "市",
    "的",
    "省市",
    "路1",
    "一路",
    "a",
    "a@",
    "1",
    "a.a-",
    "小区",
    "县县县县村",
    "86",
    "138 ",
    "1号",
    "路1号",
    "号楼",
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", UNTOUCHED)
def test_ordinary_sentences_stay_as_they_are(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    begin = time.process_time()
    mask(text)
    assert time.process_time() - begin < 0.5


def test_what_is_kept_secret_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("base.masking._secrets", set())
    keep_secret("hunter2")
    keep_secret("hunter2-and-more")
    keep_secret("abc")
    assert mask("密码 hunter2-and-more 和 hunter2 和 abc") == "密码 *** 和 *** 和 abc"


def test_masking_twice_changes_nothing_more() -> None:
    for text, masked in MASKED:
        assert mask(mask(text)) == masked


@pytest.mark.parametrize("number", [masking._PHONE, masking._LANDLINE, masking._IDENTITY, masking._LONG_NUMBER])
def test_what_is_not_looked_at_holds_no_number(number: re.Pattern[str]) -> None:
    @given(text=st.from_regex(number))
    def holds(text: str) -> None:
        assert masking._DIGITS.search(text)

    holds()


@given(text=st.from_regex(masking._EMAIL))
def test_what_is_not_looked_at_holds_no_mail_address(text: str) -> None:
    assert "@" in text


@given(text=st.text(st.sampled_from("0123456789#- abcXYZ") | st.characters(codec="ascii")))
def test_what_is_not_looked_at_holds_no_address(text: str) -> None:
    assert masking._without_addresses(text) == text
