"""A product page served on this machine, read in the browser and made proposals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from base.errors import ConfigError
from bots.goodspage import read_page

FOLDER = Path(__file__).with_name("goods")


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder without a word."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to tell."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(FOLDER)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_what_a_product_page_says(address: str) -> None:
    found = [each.entry for each in await read_page(f"{address}/product.html", {"云朵保温杯容量"}) if each.entry]
    answers = {entry.id: entry.answer[0] for entry in found}
    assert answers == {
        "云朵保温杯价格": "亲，这款现在页面价是89.00元，以下单页面为准",
        "云朵保温杯容量2": "亲，这款的容量：500毫升",
        "云朵保温杯材质": "亲，这款的材质：316不锈钢",
        "云朵保温杯颜色": "亲，这款的颜色：白、蓝",
        "云朵保温杯保温时长": "亲，这款的保温时长：12小时",
        "云朵保温杯产地": "亲，这款的产地：浙江永康",
        "云朵保温杯factsx": "亲，这款的（facts.x）：（y）",
        "云朵保温杯净重": "亲，这款的净重：320克",
        "云朵保温杯发货承诺": "亲，下单后48小时内发货，遇到大促顺延",
        "云朵保温杯运费说明": "亲，全国包邮，新疆西藏除外",
        "云朵保温杯退换承诺": "亲，七天无理由退换",
        "云朵保温杯保修承诺": "亲，质保一年，只换不修",
        "云朵保温杯发票说明": "亲，可以开电子发票",
    }
    assert {entry.products for entry in found} == {("0102938",)}
    assert all(len(entry.questions) >= 5 for entry in found)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "这不是网址", "http://127.0.0.1:9/nobody"])
async def test_a_page_that_cannot_be_had(url: str) -> None:
    with pytest.raises(ConfigError):
        await read_page(url, ())
