"""Masking of personal data and secrets in everything that is logged, shown or kept as evidence."""

from __future__ import annotations

import re

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?![\dXx])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# A Chinese address: something ending in an administrative unit, then on to a street, block or number.
_ADDRESS = re.compile(
    r"[\u4e00-\u9fff]{2,8}(?:省|市|自治区)[\u4e00-\u9fff]{1,10}(?:市|区|县|镇|乡)?[\u4e00-\u9fffA-Za-z0-9\-号栋幢单元室楼路街道村组巷弄]{2,40}"
    r"|[\u4e00-\u9fff]{2,10}(?:路|街|道|巷|弄|村|小区|花园)[0-9一二三四五六七八九十]{1,5}[号弄栋幢座][\u4e00-\u9fffA-Za-z0-9\-]{0,20}"
)
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{4})\d{4,}(\d{4})(?!\d)")

_secrets: set[str] = set()


def keep_secret(value: str) -> None:
    """From now on `value` is masked wherever text goes through `mask`; too short values are ignored."""
    if len(value) >= 4:
        _secrets.add(value)


def mask(text: str) -> str:
    """`text` without phone numbers, addresses, identity and order numbers, mail addresses and known secrets."""
    for secret in _secrets:
        text = text.replace(secret, "***")
    text = _PHONE.sub(r"\1****\2", text)
    text = _LANDLINE.sub("****", text)
    text = _IDENTITY.sub(r"\1********\2", text)
    text = _EMAIL.sub("***@***", text)
    text = _ADDRESS.sub("[地址]", text)
    return _LONG_NUMBER.sub(r"\1****\2", text)
