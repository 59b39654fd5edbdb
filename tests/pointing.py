"""An author who points: presses at places of a page and on the bar of `selectors record`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from base.errors import ConsoleNotReady
from bots.browser import PlainPage

_BAR = "document.querySelector('html > [data-nightdesk-bar]')?.shadowRoot"
_SAYS = f"""(text) => new Promise((done) => {{
  const look = () => (({_BAR})?.textContent.includes(text) ? done() : setTimeout(look, 20));
  look();
}})"""
_BUTTON = f"""(text) => new Promise((done) => {{
  const look = () => {{
    const button = Array.from(({_BAR})?.querySelectorAll("button") ?? []).find((one) => one.textContent === text);
    if (!button || button.disabled) return setTimeout(look, 20);
    const box = button.getBoundingClientRect();
    done([box.left + box.width / 2, box.top + box.height / 2]);
  }};
  look();
}})"""
_PLACE = """(css) => new Promise((done) => {
  let before = null;
  const look = () => {
    const box = document.readyState === "complete" && document.querySelector(css)?.getBoundingClientRect();
    const place = box && box.width ? [box.left + box.width / 2, box.top + box.height / 2] : null;
    if (place && String(place) === before) return done(place);
    before = String(place);
    setTimeout(look, 50);
  };
  look();
})"""


class Author:
    """Points with real presses at what has these names."""

    def __init__(self, page: PlainPage, css: Callable[[str], str]) -> None:
        self.page = page
        self.css = css

    async def see(self, script: str, argument: str) -> Any:
        """What a script waits for in the page, over its loadings."""
        while True:
            with suppress(ConsoleNotReady):
                return await self.page.run(script, argument)

    async def press(self, css: str) -> None:
        """Press the middle of an element, once it is there."""
        await self.page.press(*await self.see(_PLACE, self.css(css)))

    async def button(self, text: str) -> None:
        """Press a button of the bar, once it can be pressed."""
        await self.page.press(*await self.see(_BUTTON, text))

    async def says(self, text: str) -> None:
        """Wait until the bar says so."""
        await self.see(_SAYS, text)

    async def shows(self, css: str) -> None:
        """Wait until an element stands in its place."""
        await self.see(_PLACE, self.css(css))
