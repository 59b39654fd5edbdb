"""Buyers' text made comparable: one width, one case, nothing invisible, no greetings around the point."""

from __future__ import annotations

import re
import unicodedata

from knowledge.traditional import SIMPLE

# Longer text is a pasted page or an attack, not a question: what follows is not looked at.
MAX_CHARS = 2_000

_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "So", "Sk"}
_EMOTE = re.compile(r"\[[\u4e00-\u9fff]{1,4}\]")
_TAG = re.compile(r"</?[a-z][^<>]{0,200}>")
_SPACE = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^\w\u4e00-\u9fff]+|_+")
_BEFORE = re.compile(
    r"(?:(?:亲爱的|亲亲?|您好|你好|哈[喽啰]|嗨|早上好|下午好|晚上好|老板|店家|商家|掌柜的?|客服|小二|小姐姐|小哥哥|美女|帅哥"
    r"|在[吗么]|在不在|请问一?下?|请教一?下?|麻烦你?您?问?一?下?|我?想问一?下?|问一?下"
    r"|我?想?咨询一?下?|那个|嗯+|额+|呃+) ?)+"
)
_AFTER = re.compile(r"(?: ?(?:谢谢您?你?啦?了?|多谢|感谢|辛苦了?|亲亲?|哈+|啊+|呀+|哦+|噢+|喔+|呢|嘞|咧|哇|嘛))+$")


def normalise(text: str) -> str:
    """`text` in one width, lower case, simplified characters, without the unseen, emoji, tags, extra space."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARS])[:MAX_CHARS].lower()
    if not text.isascii() or not text.isprintable():
        kept = (" " if char in "\t\n\r\u2028\u2029" else char for char in text if not _invisible(char))
        text = "".join(kept)
    text = _EMOTE.sub(" ", _TAG.sub(" ", text)).translate(SIMPLE)
    return _SPACE.sub(" ", text).strip()


def core(text: str) -> str:
    """The point of normalised `text`: no punctuation, and no greeting or filler before and after it."""
    bare = _SPACE.sub(" ", _NOT_WORD.sub(" ", text)).strip()
    before = _BEFORE.match(bare)
    start = bare[before.end() :].strip() if before else bare
    return _AFTER.sub("", start).strip() or start or bare


def _invisible(char: str) -> bool:
    return char not in "\t\n\r" and unicodedata.category(char) in _UNSEEN
