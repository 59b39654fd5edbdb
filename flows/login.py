"""Getting into a console, by its password form or by a saved session; never past a captcha."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from base.errors import ConsoleNotReady, LoginLost, NeedsPerson, PageChanged
from flows.page import ConsolePage

_LOAD_SECONDS = 15.0
_ENTER_SECONDS = 10.0
# A page with a saved session may show its login form first.
_RESUME_SECONDS = 1.0
# A form that stays in its page says so at once.
_REFUSED_SECONDS, _GLANCE_SECONDS = 0.5, 0.1
# A password that was refused so often is wrong, and each further try brings the account nearer to being locked.
_MOST_REFUSALS, _REST_SECONDS = 3, 6 * 3600.0
# In this order: what needs a person hides the rest.
_WALLS = {"captcha": "captcha", "no_permission": "no_permission", "kicked": "kicked", "qr": "needs_login"}
_LEFT_ALONE = (
    "后台几次说账号或密码不对，为了账号不被锁住，先不再试这个密码：运行 nightdesk secret set 换上对的；"
    "密码没有错（例如账号解锁了），由人登录一次（nightdesk login），或重新启动 nightdesk up"
)
_WORDS = {
    "captcha": "后台要求验证码，请人工登录",
    "no_permission": "这个账号没有客服会话权限，请在后台给子账号授权",
    "kicked": "账号在别处登录了，请确认没有人在用机器人的子账号",
    "qr": "需要扫码登录，请人工登录",
}


@dataclass(slots=True)
class Refusals:
    """How often running the console has refused a password, and when last, by the steady clock."""

    _password: str = field(default="", repr=False)
    _times: int = 0
    _last: float = 0.0

    def note(self, password: str, now: float) -> None:
        """It was refused just now."""
        self._times = self._times + 1 if password == self._password else 1
        self._password, self._last = password, now

    def forbid(self, password: str, now: float) -> bool:
        """Whether it is left alone for now."""
        known = password == self._password and self._times >= _MOST_REFUSALS
        return known and now - self._last < _REST_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A sub-account's name and where its password comes from when it is needed; what became of that so far."""

    user: str
    password: Callable[[], str]
    refusals: Refusals = field(default_factory=Refusals)


async def enter(page: ConsolePage, url: str, credentials: Credentials | None, *, known: bool = False) -> bool:
    """Open the console and be logged in; True when the form was used, so that the session is worth saving.

    Raises `NeedsPerson` for a captcha, a QR code, a refused password; `ConsoleNotReady` when it does not load;
    `LoginLost` when the form shows although the session is `known` to hold: who took it must be thought of first.
    """
    await page.goto(url)
    seen = await page.wait_signal(["logged_in", "logged_out", *_WALLS], timeout=_LOAD_SECONDS)
    _check_walls(seen)
    if "logged_in" in seen:
        return False
    if "logged_out" not in seen:
        raise ConsoleNotReady("后台网页打开了，但既不像已登录也不像登录页")
    if known and not await page.wait_signal(["logged_in"], timeout=_RESUME_SECONDS):
        raise LoginLost("后台的登录已经失效")
    if known:
        return False
    try:
        sent = await _send_form(page, credentials)
    except (ConsoleNotReady, PageChanged):
        # A page with a saved session may show its form and then go on by itself.
        seen = await page.wait_signal(["logged_in", *_WALLS], timeout=_ENTER_SECONDS)
        _check_walls(seen)
        if not seen:
            raise
        return False
    await _hear_answer(page, sent)
    return True


def check_session(signals: frozenset[str]) -> None:
    """Raises what a page that was entered says of its session by these signals: `NeedsPerson`, `LoginLost`."""
    for name in ("captcha", "kicked", "no_permission"):
        if name in signals:
            raise NeedsPerson(name, f"后台页面出现：{name}")
    if "expired" in signals or (signals & {"logged_out", "qr"} and "logged_in" not in signals):
        raise LoginLost("后台的登录已经失效", expired="expired" in signals)


async def _send_form(page: ConsolePage, credentials: Credentials | None) -> Callable[[], None]:
    """Send name and password; what to call if that is refused."""
    login = page.pack.login
    if login.kind != "password" or not (login.username and login.password and login.submit):
        raise NeedsPerson("needs_login", "这个后台只能人工登录，登录后会话会保存下来")
    if credentials is None:
        raise NeedsPerson("needs_login", "shops.yaml 里没有写登录账号（login.user）")
    password = credentials.password()
    if credentials.refusals.forbid(password, page.clock.steady()):
        raise NeedsPerson("needs_login", _LEFT_ALONE)
    for css in login.before:
        await page.press_if_there([css])
    await page.enter(login.username, credentials.user, key="login.username")
    await page.enter(login.password, password, key="login.password")
    await page.press(login.submit, key="login.submit")
    return lambda: credentials.refusals.note(password, page.clock.steady())


async def _hear_answer(page: ConsolePage, refused: Callable[[], None]) -> None:
    """Return once the console has let us in by the form that was sent; raises `NeedsPerson` for all else.

    A page that is slow to say so must not look like one that is not there: that one is entered again within
    seconds, and a wrong password tried again and again locks the account.
    """
    seen: frozenset[str] = frozenset()
    wrong = await _is_refused(page, _REFUSED_SECONDS)
    if not wrong:
        with suppress(ConsoleNotReady):
            seen = await page.wait_signal(["logged_in", *_WALLS], timeout=_ENTER_SECONDS)
        _check_walls(seen)
    if "logged_in" in seen:
        return
    if wrong or await _is_refused(page, _GLANCE_SECONDS):
        refused()
        raise NeedsPerson("needs_login", "账号或密码不对：请检查 shops.yaml，再运行 nightdesk secret set")
    raise NeedsPerson("needs_login", "登录没有成功：请检查 shops.yaml 里的账号和 nightdesk secret set 里的密码")


async def _is_refused(page: ConsolePage, seconds: float) -> bool:
    marks = page.pack.login.refused
    with suppress(ConsoleNotReady):
        return bool(marks) and await page.wait_mark(marks, timeout=seconds)
    return False


def _check_walls(seen: frozenset[str]) -> None:
    for signal, state in _WALLS.items():
        if signal in seen:
            raise NeedsPerson(state, _WORDS[signal])
