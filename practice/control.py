"""The director's side: script buyers and colleagues, break things on purpose, and read the truth."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from practice.buyers import Buyers
from practice.drift import renamed
from practice.fill import fill
from practice.happenings import Happenings
from practice.live import EXPIRED, KICKED, RESTARTED
from practice.manners import read_manners
from practice.model import Json, Kind, Presence, Refused, Sender, Via
from practice.options import Options
from practice.web import Web

Call = Callable[[Json], Json | Awaitable[Json]]
# A page that is slow gets stuck within this.
_STUCK_SECONDS = 2.0


class Control:
    """Calls with the console's token in `Authorization: Bearer …`, JSON in and out."""

    def __init__(self, web: Web, buyers: Buyers, happenings: Happenings, options: Options) -> None:
        self._web = web
        self._happenings = happenings
        self._console = web.console
        self._buyers = buyers
        self._own: dict[str, Buyers] = {}
        self._options = options

    def routes(self) -> list[BaseRoute]:
        """To be served at the root, before the shops' own."""
        calls: dict[str, Call] = {
            "say": self._say,
            "reply": self._reply,
            "recall": self._recall,
            "cross": self._cross,
            "expire": self._expire,
            "drop": self._drop,
            "disturb": self._disturb,
            "pages": self._pages,
            "kick": self._kick,
            "presence": self._presence,
            "robot": self._robot,
            "wall": self._wall,
            "buyers": self._run_buyers,
            "fill": self._fill,
            "manners": self._manners,
            "drift": self._drift,
        }
        return [
            Route("/truth", self._guarded(self._truth)),
            *(Route(f"/control/{name}", self._guarded(call), methods=["POST"]) for name, call in calls.items()),
        ]

    def _guarded(self, call: Call) -> Callable[[Request], object]:
        expected = f"Bearer {self._console.token}".encode()

        async def answer(request: Request) -> Response:
            if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
                return JSONResponse({"error": "口令不对"}, 401)
            try:
                given = json.loads(await request.body() or b"{}")
                found = call({**request.query_params, **given})
                return JSONResponse(await found if isinstance(found, Awaitable) else found)
            except Refused as refusal:
                return JSONResponse({"error": str(refusal)}, 422)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                return JSONResponse({"error": f"请求有误：{type(error).__name__} {error}"}, 400)

        return answer

    def _truth(self, given: Json) -> Json:
        """`?shop=…&since=…`: of one shop, and what was asked from a moment on; without them, everything."""
        shop, now = given.get("shop"), self._console.moments.now()
        report = self._console.truth.report(self._console.chosen(shop), now, since=int(given.get("since", 0)))
        return {**report, "buyers": self._buyers_of(shop).report()}

    def _buyers_of(self, shop: str | None) -> Buyers:
        """A shop's own buyers, or those that come to all shops."""
        if shop is None:
            return self._buyers
        if shop not in self._own:
            self._own[shop] = Buyers(self._console, shop)
        return self._own[shop]

    def _say(self, given: Json) -> Json:
        """`{shop, buyer?, name?, text?, kind?, topic?, needs_answer?}`: a buyer speaks."""
        desk = self._console.desks[given["shop"]]
        uid = given.get("buyer") or desk.new_uid()
        desk.conversation(uid, given.get("name"))
        message, turn = self._console.ask(
            desk.shop,
            uid,
            str(given.get("text", "")),
            via=Via.control,
            kind=Kind(given.get("kind", "text")),
            topic=given.get("topic"),
            needs_answer=bool(given.get("needs_answer", True)),
        )
        return {"id": message.id, "conversation": uid, "turn": turn.id, "at": message.at}

    def _reply(self, given: Json) -> Json:
        """`{shop, conversation, text, account?, sender?}`: a colleague, the platform or its robot speaks."""
        desk = self._console.desks[given["shop"]]
        sender = Sender(given.get("sender", "shop"))
        uid, text = given["conversation"], str(given["text"])
        if sender is Sender.shop:
            account = given.get("account") or list(desk.accounts)[1]
            message = desk.shop_says(uid, text, account=account, via=Via.control)
        else:
            message = desk.note(uid, text, sender=sender, via=Via.control)
        return {"id": message.id, "at": message.at}

    def _recall(self, given: Json) -> Json:
        """`{shop, conversation, id}`: the buyer takes a message back."""
        message = self._console.desks[given["shop"]].recall(given["conversation"], given["id"])
        return {"id": message.id}

    def _cross(self, given: Json) -> Json:
        """`{shop, conversation, text}`: the buyer says it while the shop's next words are on their way."""
        shop, uid, text = given["shop"], given["conversation"], str(given["text"])
        desk = self._console.desks[shop]
        desk.crossing[uid] = partial(self._console.ask, shop, uid, text, via=Via.control)
        return {}

    def _expire(self, given: Json) -> Json:
        """`{shop, account?, silently?}`: sessions end, as after hours of idling; silently, no page is told."""
        keys = self._console.sessions.expire(given["shop"], given.get("account"))
        if not given.get("silently"):
            self._web.lines[given["shop"]].hang_up(EXPIRED, keys)
        return {"ended": len(keys)}

    def _drop(self, given: Json) -> Json:
        """`{shop, seconds?}`: live connections break and are refused for a while."""
        lines = self._web.lines[given["shop"]]
        lines.refuse(float(given.get("seconds", 0)))
        return {"dropped": lines.hang_up(RESTARTED)}

    async def _disturb(self, given: Json) -> Json:
        """`{shop, how}`: open pages get stuck in a script for ever (`stuck`), and it is answered once they are, or
        soon; or they go somewhere else (`away`), and it is answered at once. Gives the numbers of the pages.
        """
        lines = self._web.lines[given["shop"]]
        if given["how"] == "stuck":
            return {"pages": await lines.stick(_STUCK_SECONDS)}
        if given["how"] != "away":
            raise ValueError(given["how"])
        lines.push({"type": "away"})
        return self._pages(given)

    def _pages(self, given: Json) -> Json:
        """`{shop}`: the numbers of the pages that are connected; one that is loaded anew gets another."""
        return {"pages": self._web.lines[given["shop"]].numbers}

    def _kick(self, given: Json) -> Json:
        """`{shop}`: the account logs in somewhere else, and its pages are told that they are the older ones."""
        return {"kicked": self._web.lines[given["shop"]].hang_up(KICKED)}

    def _presence(self, given: Json) -> Json:
        """`{shop, account, state}`: an account goes online, busy or offline."""
        self._console.desks[given["shop"]].set_presence(given["account"], Presence(given["state"]))
        return {}

    def _robot(self, given: Json) -> Json:
        """`{shop, on}`: the platform's own robot is switched on or off."""
        self._console.desks[given["shop"]].set_robot(bool(given["on"]))
        return {}

    def _wall(self, given: Json) -> Json:
        """`{shop, up}`: the platform wants a captcha solved, or somebody has solved it."""
        self._console.desks[given["shop"]].set_wall(bool(given["up"]))
        return {}

    def _run_buyers(self, given: Json) -> Json:
        """`{run, rate?, seconds?, shop?}`: buyers begin to come, by default as the command line says, or stop.

        A shop may have buyers of its own beside those of the others.
        """
        buyers = self._buyers_of(given.get("shop"))
        if not given["run"]:
            buyers.stop()
        else:
            seconds = given.get("seconds", self._options.seconds)
            rate = float(given.get("rate", self._options.rate))
            buyers.start(rate=rate, seconds=None if seconds is None else float(seconds))
        return buyers.report()

    def _manners(self, given: Json) -> Json:
        """`{names, shop?}`: from now on with these bad manners only, there or everywhere; open pages load anew."""
        manners, shop = read_manners(",".join(given["names"])), given.get("shop")
        self._console.misbehave(manners, shop)
        self._happenings.begin(shop)
        return {"manners": list(manners)}

    def _drift(self, given: Json) -> Json:
        """`{names, seed?}`: the pages' next release, in which just these names are others; pages load anew."""
        made = renamed(given["names"], int(given.get("seed", self._console.seed)))
        self._console.release(made)
        return {"names": dict(made)}

    def _fill(self, given: Json) -> Json:
        """`{shop, conversations, messages, waiting?}`: a shop with a past, for benchmarks; no turns."""
        desk = self._console.desks[given["shop"]]
        numbers = [int(given[name]) for name in ("conversations", "messages")]
        waiting = int(given.get("waiting", 0))
        uids = fill(desk, *numbers, waiting=waiting, now=self._console.moments.now(), seed=self._console.seed)
        return {"conversations": uids}
