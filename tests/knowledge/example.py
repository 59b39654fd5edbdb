# ruff: noqa: E501 - lines as operators write them
"""A file that uses all that an entry can say: by the order, by the date, by the product, after another answer."""

from __future__ import annotations

from pathlib import Path

from base.yamlfile import parse_yaml
from knowledge.model import Knowledge, knowledge_from

EXAMPLE = """\
facts: {发货时限: 48小时}
entries:
  - id: 何时发货
    questions: [啥时候发货, 咋还没发, 今天能发吗]
    answers:
      - {when: {order.status: 待发货}, needs: [order.ship_by], text: ["亲，这单最晚{order.ship_by}前发出", "您这单{order.ship_by}前会发出哦"]}
      - {when: {order: none}, text: ["现在拍下{facts.发货时限}内发出"]}
    otherwise: handoff
  - id: 双11满减
    questions: [有优惠吗, 还能便宜不]
    active: {from: 2026-11-01 20:00, to: 2026-11-11 23:59}
    answer: [满199减30，结算自动减]
  - id: 儿童牙膏年龄
    questions: [几岁能用]
    scope: {products: [0102938]}
    no_product: 您问的是哪一款呢？
    answer: [这款适合3至6岁]
  - {id: 用后不适, questions: [用了牙龈出血, 孩子吞下去了], risky: true, handoff: {urgent: true}}
  - id: 退货
    questions: [怎么退货]
    answer: [订单页点申请退货即可]
    follow_up: [{questions: [那运费呢], answer: [以退货页面显示为准]}]
"""


def read(text: str = EXAMPLE) -> Knowledge:
    """Knowledge as if its file were `knowledge.yaml`."""
    return knowledge_from(parse_yaml(text, Path("knowledge.yaml")))
