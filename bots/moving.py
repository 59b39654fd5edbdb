"""Shops on their way from one worker to another: one at a time, given only once it was let go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bots.placing import Spread
from bots.post import Post
from bots.roll import Roll


class Moving:
    """What is being moved just now, if anything: `source` is the worker that the shops leave."""

    def __init__(self, spread: Spread | None = None, source: Post | None = None) -> None:
        self._spread = spread
        self._source = source
        self._left = list(spread.shops) if spread else []
        self._going: str | None = None
        self._new: Post | None = None

    def on_its_way(self, post: Post) -> Iterable[str]:
        """The shop that the worker was told to leave and nobody was given yet."""
        return [self._going] if self._going is not None and post is self._source else []

    def go_on(
        self, roll: Roll, posts: Sequence[Post], begin: Callable[[Roll], Post], end: Callable[[Post], None]
    ) -> bool:
        """Take the next step that can be taken; False once all is done.

        `begin` starts a worker, `end` drains one.
        """
        spread, source = self._spread, self._source
        if spread is None or source is None:
            return False
        if self._going is not None:
            if source.holds(self._going):
                return True
            self._arrive(self._going, roll, [post for post in posts if post is not source], begin)
            self._going = None
        if not self._left:
            if spread.apart:
                source.suspect()  # what happened meanwhile is no news
            self._spread = None
            return False
        self._going = self._left.pop(0)
        rest = [shop for shop in source.shops if shop != self._going]
        if rest:
            source.give(roll.only(rest))
        else:
            end(source)
        return True

    def _arrive(self, shop: str, roll: Roll, others: Sequence[Post], begin: Callable[[Roll], Post]) -> None:
        assert self._spread is not None and self._source is not None  # noqa: S101 - one is moved just now
        target = self._new if self._spread.apart else min(others, key=lambda post: (post.memory, len(post.shops)))
        if target is not None:
            target.give(roll.only([*target.shops, shop]))
            return
        self._new = begin(roll.only([shop]))
        self._new.suspect(self._source)
