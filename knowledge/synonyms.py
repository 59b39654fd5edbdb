"""Many ways to say one thing: colloquial words made the plain ones, so that two phrasings share their letters."""

from __future__ import annotations

import re

# Only words that mean the same wherever they stand.
_LINES = """
    什么时候 啥时候 啥时间 什么时间 何时 几时 哪会儿 啥时
    什么 啥 神马
    怎么 咋 怎样 如何 咋样 怎么样
    为什么 为啥 为何 干嘛 凭什么 为毛
    多久 多长时间 多少天 多少时间 多长
    没有 木有 莫有
    还没 还没有 还木有
    怎么办 咋办 咋整 怎么弄 怎么搞 怎么处理 咋弄 怎么整 咋搞
    能不能 可不可以 可否 能否 行不行 得不得 能不
    可以 能够
    运费 邮费 快递费 邮资 寄费 快递钱
    包邮 免邮 免运费
    小孩 小朋友 小孩子 孩子 娃娃 娃 宝宝 宝贝 小宝 儿童 幼儿 小娃
    老人 老年人 长辈 爷爷 奶奶 老人家
    优惠券 优惠劵 优惠卷 代金券 抵用券
    快递单号 运单号 物流单号 快递号 运单
    便宜 划算 实惠
    现在 如今 眼下 目前
    今天 今儿 今日
    明天 明儿 明日
    昨天 昨儿 昨日
    哪里 哪儿 哪块 哪边 什么地方 啥地方
    电话 手机号 手机号码 电话号码 联系方式 联系电话
    收件人 收货人
    订单 单子
    付款 付钱 给钱 交钱
    下单 拍下 下订单
    退款 退钱 退钱款
    返款 返钱
    东西 货品 物品
    快递员 快递小哥 送货员 配送员 派送员 派件员 送货师傅 送快递的
    发出 寄出 发出来 寄出来 发出去 寄出去
    审核 审批
    人工 真人
    介绍 说明
    你们 你家 你们家 贵店 咱家 咱们家 本店
"""


def _table(lines: str) -> list[list[str]]:
    return [line.split() for line in lines.strip().splitlines()]


# The plain word, then what people say for it.
SAID = {words[0]: words[1:] for words in _table(_LINES)}

# Words that do not mean the same, and yet which of them a buyer takes says little about which entry is asked for:
# whether a thing can be had tomorrow or on Friday, may be had, or is wanted.
_ALIKE = """
    能 可以 能不能
    今天 明天 后天 大后天 今晚 明晚 今早 明早
    今天 周一 周二 周三 周四 周五 周六 周日 周末 星期一 星期二 星期三 星期四 星期五 星期六 星期天 星期日
    今天 礼拜一 礼拜二 礼拜三 礼拜四 礼拜五 礼拜六 礼拜天
    大概 大约 估计 预计 差不多
    想 我要 我想 想要 打算 准备
    改 修改 更改 变更
"""
_ALIKE_TO = {word: words[0] for words in _table(_ALIKE) for word in words[1:]}
_PLAIN = _ALIKE_TO | {word: _ALIKE_TO.get(plain, plain) for plain, words in SAID.items() for word in words}
_WORDS = re.compile("|".join(sorted(map(re.escape, _PLAIN), key=len, reverse=True)))


def plainly(text: str) -> str:
    """Normalised `text` in plain words."""
    return _WORDS.sub(lambda found: _PLAIN[found[0]], text)
