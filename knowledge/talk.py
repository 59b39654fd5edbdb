"""What kind of talk a message is, before anybody looks for an answer to it."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from knowledge.pinyin import sound
from knowledge.segments import fewest
from knowledge.text import normalise


class Talk(StrEnum):
    """The kinds of talk; only a `question` is matched, `thanks` is any closing word that asks for nothing."""

    greeting = "greeting"
    thanks = "thanks"
    nudge = "nudge"
    person = "person"
    dispute = "dispute"
    question = "question"


_DISPUTE = re.compile(
    r"投诉|(?<!\d)123[14]5(?!\d)|消协|消费者协会|市场监[管督]|市监局|工商局|[找打]工商|举报|曝光[你这一出]|[要去]曝光|维权|起诉|法院|律师|仲裁"
    r"|报警(?!器)|差评|纠纷|(?:平台|官方|小二|申请|要求)介入|骗[子人钱]|欺诈|欺骗|诈骗|黑店|黑心|坑人|坑爹|太坑|无良|奸商|卖假|买到假"
    r"|退一赔|假一赔|赔偿|赔钱|索赔|垃圾(?:店|商家|卖家|东西|玩意|产品|质量|客服|服务|态度)|不要脸|他妈的|你妈的|去你妈|尼玛|滚蛋|傻[逼比]"
)
_PERSON = re.compile(
    r"人工|真人|活人|转(?:接|到)?(?:一下)?(?:客服|专员|同事|店长|主管|售后)"
    r"|[找叫换喊](?:一?[个位])?(?:你们的?)?(?:客服|店长|老板|经理|主管|领导|负责人)|换个?人(?:$|来|说|跟|吧|回)"
    r"|(?:你是|是不是|别用|不要|跟|和)个?机器人|机器人(?:$|吧|吗|回复)"
)
# 人工 is also how things are made; then the words ask about the goods.
_HANDMADE = re.compile(
    r"[纯全]人工|人工(?:智能|草|皮|色素|香精|香料|编织|缝|制|做|合成|养殖|费|添加|甜味剂|泪液|牙)"
)
# The same with characters of the same sound, or in pinyin.
_PERSON_SOUNDS = ("转人工", "人工客服", "人工服务", "找人工", "接人工", "真人客服")
_DISPUTE_SOUNDS = ("我要投诉", "投诉你", "要举报", "给差评", "平台介入")
_PINYIN_PERSON = "人工"

_WORDS = {
    Talk.nudge: """
        在 在吗 在么 在嘛 在不 在不在 在没 在呢 还在吗 还在么 有人 有人吗 有人么 有人没 有人在吗 有没有人
        有没有人在 没人 没人吗 人呢 人在吗 人在哪 人去哪了 人跑哪去了 人都去哪了 客服呢 客服在吗 客服人呢
        客服在不在 怎么不回 怎么不回复 怎么不回我 怎么不理我 怎么不理人 怎么没人 怎么没人回 怎么没人理我
        为什么不回 为什么不回复 为什么不理我 不回我 不理我 不理人 不回复 回复一下 回复下 回一下 回下 回我
        回我一下 快回 快回复 快点 快点回 快点回复 快点啊 说话 说句话 喂 喂喂 看到了吗 看得到吗 听得到吗 急 急急
        很急 挺急的 着急 在线等 急在线等 等着呢 等着 麻烦看下 麻烦看看 麻烦看一下 帮忙看下 帮忙看看 帮看下
        帮看看 看下 看一下 尽快 还在听吗 等很久了 等半天了 等了很久了 等了半天了 等好久了 等了好久了 zaima zaime
        zai zaibuzai
    """,
    Talk.greeting: """
        你好 您好 你们好 哈喽 哈啰 嗨 嗨嗨 hi hello hey nihao ninhao 早 早上好 早安 上午好 中午好 下午好 晚上好
        大家好 新年好 节日快乐 有个问题 问一下 问下 请问一下 请问下 请问 咨询一下 咨询下 想咨询一下 问个事
        问个事情 问点事 有个事 有点事 有事 有事问 想问一下 想问下 我想问一下 我想问下 我想咨询一下 麻烦问一下
        请教一下
    """,
    Talk.thanks: """
        谢谢 谢谢你 谢谢您 谢谢你们 谢谢啦 谢谢了 谢 多谢 多谢你 多谢了 感谢 感恩 thanks thank thankyou thx 3q
        xiexie 辛苦 辛苦了 辛苦啦 麻烦了 麻烦你了 麻烦您了 好 好的 好滴 好嘞 好吧 好哒 行 行吧 行的 ok okk okay
        嗯 嗯嗯 嗯呢 嗯哪 恩 恩恩 哦 哦哦 噢 喔 知道了 知道啦 我知道了 明白 明白了 了解 了解了 懂了 收到 收到了
        清楚了 没事 没事了 没问题 没问题了 没有了 不用了 不用啦 不客气 再见 拜 拜拜 白白 88 bye byebye 晚安 哈
        哈哈 嘿嘿 呵呵 嘻嘻 生意兴隆 祝生意兴隆 不好意思 打扰 打扰了 打扰啦 就这样 就这样吧 那就这样 那就这样吧
        可以了 可以的 haode haha
    """,
}
# Names for the one who is spoken to: a greeting when they stand alone.
_CALLS = "亲 亲亲 亲爱的 老板 店家 商家 掌柜 掌柜的 客服 小二 小姐姐 美女 帅哥"
_FILLERS = "先 啊 啊啊 呀 呢 呢呢 吧 嘛 的 了 啦 你 您 那 请 我 都 还 哎 诶 额"

_LONGEST_SMALL_TALK = 30
_EMPTY = re.compile(r"[\W_]+")
_JOINERS = re.compile(r"[ *~·\-]+")
_RUN = re.compile(r"(.)\1{2,}")


def talk(text: str) -> Talk:
    """The kind of talk; whatever asks or says anything of its own beside small talk is a question."""
    plain = normalise(text)
    joined = _JOINERS.sub("", plain)
    spoken = sound(plain)
    if _DISPUTE.search(joined) or any(_coded(word) in spoken for word in _DISPUTE_SOUNDS):
        return Talk.dispute
    if _PERSON.search(_HANDMADE.sub("", joined)) or any(_coded(word) in spoken for word in _PERSON_SOUNDS):
        return Talk.person
    if plain.isascii() and _coded(_PINYIN_PERSON) in spoken:
        return Talk.person
    return _small_talk(text, plain)


def _small_talk(text: str, plain: str) -> Talk:
    bare = _RUN.sub(r"\1\1", _EMPTY.sub("", plain))
    if not bare:
        # A question mark alone asks where we are; emoji and dots ask nothing; nothing at all was not read.
        return Talk.nudge if "?" in plain else Talk.thanks if text.strip() else Talk.question
    if len(bare) > _LONGEST_SMALL_TALK:
        return Talk.question
    vocabulary = _vocabulary()
    kinds = {vocabulary[word] for word in fewest(bare, vocabulary, max(map(len, vocabulary)))}
    for kind in (Talk.nudge, Talk.greeting, Talk.thanks):
        if kind.value in kinds:
            return kind
    return Talk.greeting if "call" in kinds else Talk.thanks if kinds else Talk.question


@cache
def _vocabulary() -> dict[str, str]:
    by_kind = {"filler": _FILLERS, "call": _CALLS} | {kind.value: words for kind, words in _WORDS.items()}
    return {word: kind for kind, words in by_kind.items() for word in words.split()}


@cache
def _coded(word: str) -> str:
    return sound(word)
