"""What the shops sell, who buys there, and what they ordered: all of it follows from the seed."""

from __future__ import annotations

from practice.dice import dice
from practice.model import Json

_SHOPS = (
    ("晨光牙膏旗舰店", "toothpaste"),
    ("云朵毛巾专营店", "towel"),
    ("暖山保温杯旗舰店", "cup"),
)
_GOODS = {
    "toothpaste": (
        ("茶香清新护龈牙膏 120g×3支", "24.90"),
        ("海盐薄荷牙膏家庭装 180g×4支", "32.80"),
        ("果味防蛀儿童牙膏 60g×2支", "19.90"),
    ),
    "towel": (
        ("新疆长绒棉毛巾 34×76cm 3条装", "29.90"),
        ("加厚吸水浴巾 70×140cm", "39.90"),
        ("纱布童巾 25×50cm 5条装", "22.50"),
    ),
    "cup": (
        ("316不锈钢保温杯 500ml", "69.00"),
        ("大容量车载保温壶 1.2L", "98.00"),
        ("弹盖儿童保温杯 350ml", "79.00"),
    ),
}
_FIRST = "晨雨小阿青木云夏南北安星糖鱼果风林月兔橙花秋一大心米豆春陈李"
_LAST = "nax7子8e儿3y妈1ks爸q2鱼z花o5t呀9"
_STATUS = ("待付款", "待发货", "待发货", "已发货", "已发货", "已签收", "退款中")
_COURIERS = ("中通快递", "圆通速递", "韵达快递", "极兔速递")


def shop_title(number: int) -> tuple[str, str]:
    """The title of the shop with this number (from 1), and what it sells."""
    title, trade = _SHOPS[(number - 1) % len(_SHOPS)]
    branch = (number - 1) // len(_SHOPS)
    return (title if branch == 0 else f"{title}{branch + 1}店"), trade


def buyer_name(seed: int, shop: str, uid: str) -> str:
    """A masked nickname such as 晨***n; two buyers may well have the same."""
    throw = dice(seed, shop, uid, "name")
    return f"{throw.choice(_FIRST)}***{throw.choice(_LAST)}"


def product_seen(seed: int, shop: str, trade: str, uid: str) -> Json:
    """The product from whose page the buyer came."""
    throw = dice(seed, shop, uid, "product")
    number = throw.randrange(len(_GOODS[trade]))
    title, price = _GOODS[trade][number]
    stock = throw.choice((0, 36, 218, 947, 1560))
    return {"id": f"{660100 + number}", "title": title, "price": price, "stock": stock, "picture": trade}


def orders_of(seed: int, shop: str, trade: str, uid: str, now: int) -> list[Json]:
    """The buyer's orders, newest first: none, one or two; times in epoch ms."""
    throw = dice(seed, shop, uid, "orders")
    return [_order(throw.getrandbits(40), trade, now) for _ in range(throw.choice((0, 1, 1, 1, 2)))]


def _order(key: int, trade: str, now: int) -> Json:
    throw = dice(key)
    title, price = throw.choice(_GOODS[trade])
    status = throw.choice(_STATUS)
    pieces = throw.choice((1, 1, 1, 2, 3))
    sent = status in ("已发货", "已签收", "退款中")
    placed = now - throw.randrange(1, 96) * 3_600_000
    return {
        "number": f"2611{throw.randrange(10**5, 10**6)}-{throw.randrange(10**14, 10**15)}",
        "status": status,
        "title": title,
        "pieces": pieces,
        "amount": f"{float(price) * pieces:.2f}",
        "placed": placed,
        "ship_by": placed + 48 * 3_600_000,
        "tracking": f"{throw.choice(_COURIERS)} {throw.randrange(10**12, 10**13)}" if sent else "",
        "picture": trade,
    }
