"""The slips of people who type in a hurry: a wrong character of the same sound, one too few, one too many."""

from __future__ import annotations

import random
from collections.abc import Callable

# What an input method offers first when the right character comes second.
_SAME_SOUND = {
    "货": "或", "候": "侯", "到": "道", "快": "块", "递": "第", "运": "韵", "费": "废", "退": "腿", "换": "唤",
    "址": "止", "单": "丹", "订": "定", "票": "漂", "券": "劝", "惠": "会", "寸": "村", "质": "制", "保": "宝",
    "修": "休", "洗": "喜", "杯": "背", "巾": "斤", "膏": "高", "颜": "言", "库": "酷", "补": "部", "送": "宋",
    "礼": "里", "盒": "合", "邮": "由", "仓": "苍", "积": "机", "评": "平", "员": "圆", "件": "见", "收": "手",
    "钱": "前", "漏": "露", "错": "措", "减": "简", "动": "洞", "价": "架", "在": "再", "做": "作", "吗": "嘛",
    "那": "哪", "的": "得", "时": "是", "发": "法", "寄": "记", "版": "板", "碎": "岁", "期": "七", "批": "披",
}  # fmt: skip
_LETTERS = {
    "快递": "kuaidi", "发货": "fahuo", "什么": "shenme", "怎么": "zenme", "多少": "duoshao", "可以": "keyi",
    "毛巾": "maojin", "牙膏": "yagao", "杯子": "beizi", "地址": "dizhi", "运费": "yunfei", "退款": "tuikuan",
    "发票": "fapiao", "积分": "jifen", "会员": "huiyuan", "包邮": "baoyou", "物流": "wuliu", "颜色": "yanse",
    "多久": "duojiu", "现货": "xianhuo", "礼盒": "lihe", "电话": "dianhua", "客服": "kefu", "老板": "laoban",
}  # fmt: skip
# Without one of these a sentence would say something else.
_WEIGHTY = set("不没无未别少多几退换改错假真") | set("0123456789")
_FILLERS = ("啊", "呢", "哈")

Slip = Callable[[str, random.Random], str]


def with_slip(text: str, throw: random.Random) -> str:
    """`text` with one slip of a kind that fits it; unchanged if none does."""
    slips: list[Slip] = [_same_sound, _dropped, _doubled, _filler, _letters]
    throw.shuffle(slips)
    for slip in slips:
        slipped = slip(text, throw)
        if slipped != text:
            return slipped
    return text


def _same_sound(text: str, throw: random.Random) -> str:
    places = [at for at, sign in enumerate(text) if sign in _SAME_SOUND]
    if not places:
        return text
    at = throw.choice(places)
    return text[:at] + _SAME_SOUND[text[at]] + text[at + 1 :]


def _dropped(text: str, throw: random.Random) -> str:
    places = [at for at in range(1, len(text)) if text[at] not in _WEIGHTY]
    if len(text) < 7 or not places:
        return text
    at = throw.choice(places)
    return text[:at] + text[at + 1 :]


def _doubled(text: str, throw: random.Random) -> str:
    places = [at for at, sign in enumerate(text) if sign not in _WEIGHTY]
    if not places:
        return text
    at = throw.choice(places)
    return text[:at] + text[at] + text[at:]


def _filler(text: str, throw: random.Random) -> str:
    return text if text[-1] in "吗呢呀啊呗吧哈" else text + throw.choice(_FILLERS)


def _letters(text: str, throw: random.Random) -> str:
    words = [word for word in _LETTERS if word in text]
    if not words:
        return text
    word = throw.choice(words)
    return text.replace(word, _LETTERS[word], 1)
