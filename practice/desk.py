"""One shop's desk: what buyers and staff say goes in here, and whoever listens is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count

from practice import goods
from practice.dialects import Dialect
from practice.dice import Moments, dice
from practice.manners import SENDING, Way
from practice.model import Account, Conversation, Json, Kind, Message, Presence, Refused, Sender, Via

LIMIT = 500
THRESHOLD = 180
PAGE = 200
ROWS = 600
QUICK = (
    "亲，在的，请问有什么可以帮您？",
    "稍等一下，这边帮您核实。",
    "已经帮您催促仓库尽快打包了哦。",
    "麻烦您提供一下订单号，谢谢亲。",
    "麻烦拍一张清晰的照片发过来，我们看一下。",
    "感谢您的支持，祝您生活愉快！",
)
# As on a marketplace: contact details never leave the console.
_CONTACT = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|微信|加[我vV]|[vV]信|QQ")

Listener = Callable[[Json], None]


class Desk:
    """State of one shop. Not for threads: everything runs on the server's loop."""

    def __init__(
        self,
        shop: str,
        number: int,
        accounts: list[Account],
        *,
        seed: int,
        moments: Moments,
        ids: count[int],
        dialect: Dialect,
        rows: int = ROWS,
    ) -> None:
        self.shop = shop
        self.title, self.trade = goods.shop_title(number)
        self.accounts = {account.user: account for account in accounts}
        self.conversations: dict[str, Conversation] = {}
        self._seed = seed
        self._dialect = dialect
        self._rows = rows
        self._send_key = dialect.send_keys[(number - 1) % len(dialect.send_keys)]
        self._moments = moments
        self._ids = ids
        self._listeners: list[Listener] = []
        self.manners: tuple[str, ...] = ()
        self._ways: list[Way] = []
        self._robot = False
        self.wall = False
        # What buyers say while the shop's next words to them are on their way.
        self.crossing: dict[str, Callable[[], object]] = {}

    def misbehave(self, manners: tuple[str, ...]) -> None:
        """From now on with these bad manners, and no others; pages that are open begin anew."""
        self.manners = manners
        names = [name for name in SENDING if name in manners]
        self._ways = [SENDING[name](dice(self._seed, self.shop, name)) for name in names]
        self._tell({"type": "reload"})

    def listen(self, listener: Listener) -> None:
        """From now on `listener` gets every event of this desk, in the order in which they happen."""
        self._listeners.append(listener)

    def conversation(self, uid: str, name: str | None = None) -> Conversation:
        """The buyer's conversation; a buyer never seen before gets one."""
        if uid not in self.conversations:
            now = self._moments.now()
            self.conversations[uid] = Conversation(
                uid=uid,
                name=name or goods.buyer_name(self._seed, self.shop, uid),
                product=goods.product_seen(self._seed, self.shop, self.trade, uid),
                orders=goods.orders_of(self._seed, self.shop, self.trade, uid, now),
            )
        return self.conversations[uid]

    def known(self, uid: str) -> Conversation:
        """A conversation that is there; raises `Refused` if it is not."""
        if uid not in self.conversations:
            raise Refused("没有这个会话")
        return self.conversations[uid]

    def new_uid(self) -> str:
        """An id for a buyer never seen before, the same in every run with the same seed."""
        throw = dice(self._seed, self.shop, "uid", len(self.conversations))
        return f"u{throw.randrange(10**9, 10**10)}"

    def buyer_says(self, uid: str, text: str, *, kind: Kind, via: Via, clock: bool = True, at: int = 0) -> Message:
        """A buyer's message; its clock runs unless it needs no answer."""
        conversation = self.conversation(uid)
        detail = self._detail(conversation, kind)
        message = self._message(uid, Sender.buyer, kind, text, via=via, detail=detail, at=at)
        conversation.unread += 1
        if clock and conversation.waiting is None:
            conversation.waiting = message.at
        return self._said(conversation, message)

    def shop_says(
        self, uid: str, text: str, *, account: str, via: Via, client: str | None = None, at: int = 0
    ) -> Message:
        """An account's words: they stop the clock."""
        conversation = self.known(uid)
        message = self._message(uid, Sender.shop, Kind.text, text, via=via, account=account, client=client, at=at)
        conversation.waiting = None
        conversation.unread = 0
        return self._said(conversation, message)

    def sends(self, uid: str, text: str, *, account: str, client: str, seen: str | None = None) -> Message | None:
        """What a page sends: None when it went astray, the last of several messages when it was split.

        Raises `Refused` with the text that the page shows.
        """
        conversation = self.known(uid)
        _check(text)
        self._check_repeat(conversation, text, account)
        if (says := self.crossing.pop(uid, None)) is not None:
            says()
        texts: Sequence[str] = [text]
        for way in self._ways:
            texts = way.through(texts)
        parts = [self.shop_says(uid, part, account=account, via=Via.page, client=client) for part in texts]
        for part in parts:
            part.sent, part.seen = parts[0].id, seen
        return parts[-1] if parts else None

    def note(self, uid: str, text: str, *, sender: Sender, via: Via, kind: Kind = Kind.text) -> Message:
        """A row of the platform (system) or of its robot; neither stops the clock."""
        conversation = self.known(uid)
        detail = self._detail(conversation, kind)
        return self._said(conversation, self._message(uid, sender, kind, text, via=via, detail=detail))

    def recall(self, uid: str, message_id: str) -> Message:
        """The buyer takes a message back: its bubble stays as a mark without the text."""
        conversation = self.known(uid)
        found = [message for message in conversation.messages if message.id == message_id]
        if not found:
            raise Refused("没有这条消息")
        found[0].kind, found[0].text, found[0].detail = Kind.recall, "", {}
        return self._said(conversation, found[0], changed=True)

    def read(self, uid: str) -> None:
        """Somebody looks at the conversation: the unread badge goes."""
        conversation = self.known(uid)
        if conversation.unread:
            conversation.unread = 0
            self._tell({"type": "row", "row": conversation.row()})

    def thread(self, uid: str, before: str | None = None) -> Json:
        """The newest page of a thread, or the page before a message; with what the side panels show."""
        conversation = self.known(uid)
        end = len(conversation.messages)
        if before is not None:
            end = next((at for at, one in enumerate(conversation.messages) if one.id == before), 0)
        start = max(0, end - PAGE)
        return {
            "row": conversation.row(),
            "messages": [message.public() for message in conversation.messages[start:end]],
            "more": start > 0,
            "orders": conversation.orders,
            "product": conversation.product,
        }

    def transfer(self, uid: str, *, by: str, to: str) -> None:
        """Give the conversation to a colleague who is online; the buyer goes on waiting until somebody speaks."""
        conversation = self.known(uid)
        account = self.accounts.get(to)
        if account is None or to == by:
            raise Refused("找不到这位客服")
        if account.presence is not Presence.online:
            raise Refused(f"{account.name} 不在线，转接失败")
        conversation.owner = to
        text = f"{self.accounts[by].name} 已将会话转接给 {account.name}"
        detail = {"transfer": {"by": by, "to": to}}
        message = self._message(uid, Sender.system, Kind.text, text, via=Via.server, account=by, detail=detail)
        self._said(conversation, message)

    def set_presence(self, user: str, presence: Presence) -> None:
        """An account goes online, busy or offline."""
        account = self.accounts.get(user)
        if account is None:
            raise Refused("找不到这位客服")
        account.presence = presence
        self._tell({"type": "presence", "account": account.public()})

    def set_robot(self, on: bool) -> None:
        """The platform's own robot is switched on or off; what it says, the director says."""
        self._robot = on
        self._tell({"type": "robot", "on": on})

    def set_wall(self, up: bool) -> None:
        """The platform wants a captcha solved before anything is opened or sent, or a person has solved it."""
        self.wall = up
        self._tell({"type": "wall", "up": up})

    def state(self, user: str) -> Json:
        """All that the page needs to begin, for this account."""
        rows = [conversation.row() for conversation in self.conversations.values()]
        # As everywhere: who waits is always listed, of the others the newest.
        rows.sort(key=lambda row: (row["waiting"] is None, -row["at"]))
        others = [account.public() for account in self.accounts.values() if account.user != user]
        return {
            "shop": {"id": self.shop, "title": self.title},
            "me": self.accounts[user].public(),
            "colleagues": others,
            "quick": QUICK,
            "send_key": self._send_key,
            "limit": LIMIT,
            "threshold": THRESHOLD,
            "now": self._moments.now(),
            "rows": rows[: max(self._rows, sum(row["waiting"] is not None for row in rows))],
            "most": self._rows,
            "robot": self._robot,
            "wall": self.wall,
        }

    def _check_repeat(self, conversation: Conversation, text: str, account: str) -> None:
        said = (message.text for message in conversation.messages if message.account == account)
        if self._dialect.refuses_repeats and text in said:
            raise Refused("请勿发送重复的消息")

    def _detail(self, conversation: Conversation, kind: Kind) -> Json:
        if kind is Kind.image:
            return {"picture": "parcel"}
        if kind is Kind.card:
            return conversation.product
        return conversation.orders[0] if kind is Kind.order and conversation.orders else {}

    def _message(
        self,
        uid: str,
        sender: Sender,
        kind: Kind,
        text: str,
        *,
        via: Via,
        account: str | None = None,
        client: str | None = None,
        detail: Json | None = None,
        at: int = 0,
    ) -> Message:
        return Message(
            id=f"m{next(self._ids):07d}",
            conversation=uid,
            sender=sender,
            kind=kind,
            # Half a character, which no page can be sent, is shown as a question mark.
            text=text.encode("utf-8", "replace").decode(),
            at=at or self._moments.now(),
            via=via,
            account=account,
            client=client,
            detail=detail or {},
        )

    def _said(self, conversation: Conversation, message: Message, *, changed: bool = False) -> Message:
        if not changed:
            conversation.messages.append(message)
        self._tell({"type": "said", "row": conversation.row(), "message": message.public()})
        return message

    def _tell(self, event: Json) -> None:
        for listener in self._listeners:
            listener(event)


def _check(text: str) -> None:
    if not text.strip():
        raise Refused("不能发送空白消息")
    if len(text) > LIMIT:
        raise Refused(f"消息超过 {LIMIT} 字，请分段发送")
    if _CONTACT.search(text):
        raise Refused("消息含有联系方式，平台禁止发送")
