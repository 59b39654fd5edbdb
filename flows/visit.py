"""One visit to one conversation: open, read, settle, and act on what is found.

The rules are those of `docs/architecture.md`. Whatever ends a visit early leaves the ledger's turn open, and the
conversation is visited again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from base.errors import ConsoleNotReady
from flows.answer import Answerer
from flows.duty import Duty
from flows.gate import Commit, freely
from flows.inbox import Waiter
from flows.login import check_session
from flows.look import HOLD_BEFORE, KEPT_MESSAGES, Look
from flows.mind import Mind
from flows.trail import trail
from flows.transcript import age, find_bubble, own_bubbles, read_transcript, settle
from flows.views import OpenThread
from storage.ledger import Ledger
from storage.records import Kind, Known, Reply, ReplyKind, ReplyState, Said, Turn, TurnState

# A press may be lost, so there is another one; but where a page is only slow, that begins the opening anew. So the
# wait for each grows, and begins at what this page was seen to need.
_OPEN_WAITS = (1, 2, 3)
_OPEN_LEAST, _OPEN_MOST = 0.8, 2.0
_OPEN_ROOM = 1.5
_OPEN_FORGETS = 0.9
_DECIDE_TRIES = 3
_AGAIN = 0.5
_DRAFT_PAUSE = 5.0
_LOOK_FOR_QUESTION = 2.0
_MISSED_AFTER = timedelta(seconds=8)
_PERSON_ALERT_BEFORE = 90.0
_PERSON_HOLD_BEFORE = 40.0
_RUNS_OUT = "人工在接待，但快要超时了"
_DOUBT = "发送后没有看到气泡，可能没发出去，请人工核对"
_UNSETTLED = frozenset({ReplyState.drafted, ReplyState.typing, ReplyState.sending, ReplyState.unverified})


@dataclass(slots=True)
class Visitor:
    """Serves the conversations of one shop, one at a time."""

    answerer: Answerer
    # Seconds within which a press is likely to have opened its conversation.
    _opens_in: float = _OPEN_LEAST

    async def visit(self, waiter: Waiter, thread: OpenThread | None, mind: Mind, duty: Duty) -> None:
        """Serve `waiter`; `thread` is what is open now. Raises `ConsoleError` when the page does not allow it."""
        act = self.answerer
        if thread is None or thread.key != waiter.key:

            async def record() -> bool:
                if waiter.mark:  # opening clears it: what was seen is on record before it goes
                    await act.open_turn(waiter)
                return True

            thread = await self._open(waiter.key, record)
        for _attempt in range(_DECIDE_TRIES):
            if await self._serve(await self._look(waiter, thread, mind, duty)):
                return
            thread = await act.page.thread()
            if thread is None or thread.key != waiter.key:
                break
            if await act.ledger(Ledger.is_paused, act.card.shop, waiter.key):
                break  # since this visit began: the next one knows
        self._again(waiter, _AGAIN)

    async def rehearse(self, waiter: Waiter, text: str, mind: Mind) -> Reply:
        """Open a test buyer's conversation and say `text`, by the same rules as any reply."""
        act = self.answerer
        turn = await act.open_turn(waiter)
        thread = await self._open(waiter.key)
        look = await self._look(waiter, thread, mind, Duty(mode="answer", staffed=True, resume=None))
        if look.transcript.fresh:
            await act.ledger(Ledger.fill_turn, turn.id, look.transcript.fresh, asked_at=None)
        reply = await act.composer.say(
            turn, kind=ReplyKind.answer, entry="", text=text, thread=look.thread, taken=look.taken
        )
        await act.ledger(Ledger.note_conversation, look.conversation.id, handled_key=look.transcript.newest)
        self._done(look)
        return reply

    async def _open(self, key: str, commit: Commit = freely) -> OpenThread:
        """The thread of `key`; nothing is pressed before `commit` is done."""
        page = self.answerer.page
        why = ""
        for waits in _OPEN_WAITS:
            thread = await page.thread() if waits > 1 else None
            if thread is not None and thread.key == key:  # it came after all: pressing now would begin anew
                return thread
            begun = self.answerer.clock.steady()
            opened = await page.press_row(key, timeout=waits * self._opens_in, to_write=True, commit=commit)
            why = opened.why
            if opened.why == "covered":
                await page.dismiss_overlays()
            elif opened.why == "missing":
                raise ConsoleNotReady("列表里没有这个会话")
            elif opened.thread is not None:
                self._note_opening(self.answerer.clock.steady() - begun)
                return opened.thread
            check_session(await page.signals())  # nobody reads the page beside a visit
        raise ConsoleNotReady(f"打不开会话：{why or '点了没有反应'}")

    def _note_opening(self, seconds: float) -> None:
        """Learn from an opening that took so long; what was slow once is forgotten by and by."""
        wanted = max(_OPEN_ROOM * seconds, _OPEN_FORGETS * self._opens_in)
        self._opens_in = min(_OPEN_MOST, max(_OPEN_LEAST, wanted))

    async def _look(self, waiter: Waiter, thread: OpenThread, mind: Mind, duty: Duty) -> Look:
        """Everything there is to know of the conversation, with unfinished replies settled."""
        known = await self._known(waiter.key, thread.delivered[-KEPT_MESSAGES:])
        self.answerer.composer.remember(waiter.key, known.replies, thread.draft)
        if await self._settle(known.replies, thread):
            known = await self._known(waiter.key)
        doubted = self.answerer.inbox.doubted
        if waiter.key in doubted:
            await self._check_last(waiter, known.replies, thread)
            doubted.discard(waiter.key)  # only now: what the ledger could not take is looked at again
            known = await self._known(waiter.key)
        ours = own_bubbles(thread.delivered, known.replies)
        handled_key = known.conversation.handled_key
        return Look(
            waiter=waiter,
            thread=thread,
            known=known,
            transcript=read_transcript(
                thread.delivered, ours=ours, handled_key=handled_key, answered=known.answered, clock=waiter.clock
            ),
            mind=mind,
            duty=duty,
        )

    async def _known(self, key: str, messages: Sequence[Said] = ()) -> Known:
        act = self.answerer
        return await act.ledger(Ledger.attend, act.card.shop, key, messages)

    async def _settle(self, replies: Sequence[Reply], thread: OpenThread) -> bool:
        """What is unfinished is settled from the page before anything new is said; True if there was anything."""
        ledger = self.answerer.ledger
        unsettled = [reply for reply in reversed(replies) if reply.state in _UNSETTLED]
        taken = frozenset(reply.message_key for reply in replies if reply.message_key)
        for reply in unsettled:
            never_left = reply.id in self.answerer.composer.never_left
            state, bubble = settle(reply, thread.delivered, taken=taken, never_left=never_left)
            if state is reply.state:
                continue
            handoff = await ledger(
                Ledger.settle, reply, state, bubble=bubble, doubt=_DOUBT, deadline_at=self.answerer.clock.now()
            )
            trail(reply.shop, reply.turn_id).info("reply {}: {}, by the page", reply.id, state.value)
            taken |= {bubble} if bubble else set()
            if handoff is not None:
                await self.answerer.show_seen(handoff, reply, thread)
        return bool(unsettled)

    async def _check_last(self, waiter: Waiter, replies: Sequence[Reply], thread: OpenThread) -> None:
        """A confirmed reply whose bubble is gone, though what it answers is there, is a person's to see to."""
        act = self.answerer
        last = next((reply for reply in replies if reply.state is ReplyState.confirmed), None)
        asked = [said for said in thread.delivered if last is not None and said.key == last.newest_key]
        if last is None or not asked:
            return
        if find_bubble(last.text, thread.delivered, after=last.newest_key, taken=frozenset()) is None:
            turn = await act.open_turn(waiter)
            await act.ledger(Ledger.fill_turn, turn.id, asked, asked_at=None)
            reason = "断线前发出的回复，在后台里已经看不到了，可能没有送到，请人工核对"
            await act.hand_over(turn.id, reason, urgent=True, late_at=waiter.late_at)

    async def _serve(self, look: Look) -> bool:
        """Do what the thread asks for; False when it changed meanwhile and must be looked at anew."""
        if self._person_is_news(look):
            look = await self._note_person(look)
        if not look.transcript.asked and self._question_is_unmet(look):
            return await self._miss_question(look)
        if not look.transcript.asked:
            await self._nothing_asked(look)
        elif self._person_is_there(look):
            return await self._leave_to_person(look)
        elif look.transcript.fresh:
            return await self.answerer.answer(look)
        else:
            return await self._remind(look)
        self._done(look)
        return True

    # --- people --------------------------------------------------------------------------------------------

    def _person_is_news(self, look: Look) -> bool:
        """Whether a person of the shop said something that was not noted yet."""
        person, silent_until = look.transcript.person, look.conversation.silent_until
        if person is None or person.at is None:
            return look.person_spoke_last
        if look.person_answered:
            return True
        return silent_until is None or silent_until < person.at + timedelta(seconds=self.answerer.card.silence - 1)

    async def _note_person(self, look: Look) -> Look:
        """What a person said ends what was open before it, and the bot keeps quiet for a while."""
        act, person, turn = self.answerer, look.transcript.person, look.turn
        spoke = person.at if person and person.at else act.clock.now()
        # A turn made of what the buyer said since is not answered by it.
        asked = {said.key for said in look.transcript.asked}
        goes_on = turn is not None and (turn.first_key in asked or (turn.first_key is None and bool(asked)))
        keep = turn.id if turn is not None and goes_on else None
        trail(act.card.shop, None if turn is None else turn.id).info("a person spoke")
        await act.ledger(Ledger.person_replied, look.conversation.id, spoke, keep=keep)
        if keep is None:
            act.inbox.unwatch(look.waiter.key)
        until = spoke + timedelta(seconds=act.card.silence)
        await act.ledger(Ledger.note_conversation, look.conversation.id, silent_until=until, choices=())
        return replace(look, known=await self._known(look.waiter.key))

    def _person_is_there(self, look: Look) -> bool:
        """Somebody else's draft means a person, and so does their word while it is younger than the silence."""
        if self._person_writes(look):
            return True
        now = self.answerer.clock.now()
        until = look.conversation.silent_until
        if until is not None and until > now:
            return True
        said = look.transcript.person
        old = age(said, now) if said else None
        return old is not None and old < timedelta(seconds=self.answerer.card.silence)

    def _person_writes(self, look: Look) -> bool:
        draft = look.thread.draft
        return bool(draft) and not self.answerer.composer.is_ours(look.waiter.key, draft or "")

    async def _leave_to_person(self, look: Look) -> bool:
        """Keep quiet where a person is, but let no visible clock run out."""
        act, waiter = self.answerer, look.waiter
        left = waiter.late_at - act.clock.steady()
        if not waiter.clock or left > _PERSON_ALERT_BEFORE:
            # On record, since a draft may be forgotten; and the person's answer, which raises no mark, is seen.
            if look.transcript.fresh:
                await self._record_turn(look, look.transcript.fresh)
            act.inbox.watch_on(waiter.key, said=look.thread.messages[-1].text)
            pause = _DRAFT_PAUSE if self._person_writes(look) else self._silence_left(look)
            self._again(waiter, min(pause, max(1.0, left - _PERSON_ALERT_BEFORE)) if waiter.clock else pause)
            return True
        if look.told:
            self._done(look)
            return True
        turn = await self._record_turn(look, look.transcript.asked)
        if not any(one.turn_id == turn.id and _RUNS_OUT in one.reason for one in look.known.handoffs):
            await act.hand_over(turn.id, _RUNS_OUT, urgent=True, late_at=waiter.late_at)
        if left > _PERSON_HOLD_BEFORE:
            self._again(waiter, left - _PERSON_HOLD_BEFORE)
        elif self._person_writes(look):
            self._again(waiter, _DRAFT_PAUSE)
        elif look.held < look.mind.policy.holds:
            return await act.hold(look, turn)
        else:
            self._done(look)
        return True

    def _silence_left(self, look: Look) -> float:
        until = look.conversation.silent_until
        if until is None:
            return self.answerer.card.silence
        return max(1.0, (until - self.answerer.clock.now()).total_seconds())

    async def _record_turn(self, look: Look, asked: Sequence[Said]) -> Turn:
        turn = look.running_turn or await self.answerer.open_turn(look.waiter)
        await self.answerer.ledger(Ledger.fill_turn, turn.id, asked, asked_at=None)
        return turn

    # --- nothing new ---------------------------------------------------------------------------------------

    async def _nothing_asked(self, look: Look) -> None:
        ledger = self.answerer.ledger
        turn = await ledger(Ledger.last_turn, look.conversation.id)
        if turn is not None and turn.state is TurnState.open:
            await ledger(
                Ledger.decide_turn, turn.id, outcome="ignore", entry="", confidence=0.0, reason="没有未答的话"
            )
            await ledger(Ledger.close_turn, turn.id, TurnState.ignored)
        await ledger(Ledger.note_conversation, look.conversation.id, handled_key=look.thread.latest.buyer)

    def _question_is_unmet(self, look: Look) -> bool:
        """Whether the thread has nothing to answer although nobody has answered what the open turn is about.

        A page may lose a message with its line, show a thread before its messages are there, or keep a bubble
        that never left; a message that was taken back leaves its place.
        """
        turn = look.turn
        if turn is None or turn.state is not TurnState.open or look.duty.mode == "observe":
            return False
        if turn.first_key is None:
            return not look.thread.messages
        shown = next((said for said in look.thread.messages if said.key == turn.first_key), None)
        return shown is None or shown.kind is not Kind.recall

    async def _miss_question(self, look: Look) -> bool:
        """Look again for what a buyer is known to have said; who waits for a word on it must not be forgotten."""
        act, turn = self.answerer, look.turn
        assert turn is not None  # noqa: S101 - there is none to miss without a turn
        if act.clock.now() - turn.seen_at < _MISSED_AFTER:
            self._again(look.waiter, _LOOK_FOR_QUESTION)
            return True
        reason = "买家的话还没有回复，后台里却看不到它了，或显示已回复（多半是断线造成的），请人工看一下"
        await act.hand_over(turn.id, reason, urgent=True, late_at=look.waiter.late_at)
        self._done(look)
        return True

    async def _remind(self, look: Look) -> bool:
        """The buyer still waits for a person: a word of patience before the time is up, and none twice."""
        turn = look.turn
        if turn is not None and turn.state is TurnState.open and turn.first_key is None:
            await self._nothing_asked(look)  # a mark that told of nothing new
        waits = turn is not None and turn.state is TurnState.handed and turn.holding_at is None
        # What may have arrived is a person's to look for, and is not said again.
        waits = waits and not look.told
        if turn is not None and waits and turn.reply_at is None and look.duty.mode != "observe":
            left = look.waiter.late_at - self.answerer.clock.steady()
            if left <= HOLD_BEFORE + 1:
                # A handoff that is still open stays as it is; one that was transferred has helped nobody.
                late_at = look.waiter.late_at
                await self.answerer.hand_over(turn.id, "转接以后还没有人回复", urgent=True, late_at=late_at)
                return await self.answerer.hold(look, turn)
            if self.answerer.may_remind(look, turn):
                return await self.answerer.hold(look, turn)
            self._again(look.waiter, left - HOLD_BEFORE)
            return True
        self._done(look)
        return True

    def _again(self, waiter: Waiter, seconds: float) -> None:
        now = self.answerer.clock.steady()
        self.answerer.inbox.add(waiter.key, now, at=now + seconds)

    def _done(self, look: Look) -> None:
        self.answerer.inbox.done(look.waiter.key, self.answerer.clock.steady())
