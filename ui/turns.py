"""Questions being answered, outside the page's script, so that a click or a reload never kills an answer.

A worker thread runs `Assistant.ask` and fills a `Turn`; the page reads `Turn.view()` as often as it likes and touches
nothing else. Threads are capped: further turns wait in a fair order, and not more than may. A turn that passes its time
limit, or that a reader stops, keeps the claims it has; those of a turn under way are stored now and then, for the case
that the server is killed. Conversations are found by a random key and their owner: those in use in memory, the others
in the store, from which the latest turns are loaded and earlier ones on demand.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial

from assistant.conversation_records import LOCAL, TurnState, title_of
from assistant.conversations import MAX_RENAMED_CHARS, ConversationStore
from assistant.domain import Answer, Filters
from assistant.errors import ConversationsError
from ui.keeping import Keeper, Kept, Later
from ui.turn import Ask, Changes, Suggest, Turn
from ui.waiting import Line, Waiter

MAX_RUNNING = 4
TIME_LIMIT_S = 120.0
MAX_CONVERSATIONS = 500
"""Held in memory; one that is stored is loaded again when it is asked for."""
MAX_TURNS = 100
"""Of a conversation, held in memory; stored ones before them are loaded again when they are asked for."""
LOADED_AT_ONCE = 20
HISTORY_TURNS = 8
"""Earlier answers handed over with a question; a follow-up seldom leans further back."""
MAX_KEY_CHARS = 64
CLAIMS_KEPT_AFTER_S = 1.0
"""A claim of a turn under way is stored at the latest so long after it came, with those that came meanwhile."""

ALL = Filters()


class ConversationGone(ConversationsError):
    """The conversation was deleted; nothing can be asked in it any more."""


@dataclass
class Conversation:
    """The turns of one reader that are in memory, oldest first; `has_earlier` says that the store has some before them.

    `title` is "" before the first question. `is_stored` says that the store has, or had, a row of it.
    """

    key: str
    owner: str = LOCAL
    turns: list[Turn] = field(default_factory=list)
    title: str = ""
    has_earlier: bool = False
    is_stored: bool = False
    is_deleted: bool = False

    @property
    def is_busy(self) -> bool:
        """Say whether its last question is still being answered."""
        return bool(self.turns) and not self.turns[-1].view().is_over

    @property
    def is_kept(self) -> bool:
        """Say whether all of it can be loaded again."""
        return all(turn.view().is_over and turn.view().kept is Kept.YES for turn in self.turns)

    def turn(self, number: int) -> Turn | None:
        """Return the turn with this number, None if there is none in memory."""
        return next((turn for turn in self.turns if turn.number == number), None)

    def answers(self) -> tuple[Answer, ...]:
        """Return what was answered so far, oldest first."""
        found = (turn.view().answer for turn in self.turns)
        return tuple(answer for answer in found if answer is not None)


class Turns:
    """The conversations in use in this process and the threads that answer; safe to use from many threads.

    Without a `store` conversations are forgotten with the process.
    """

    def __init__(
        self,
        store: ConversationStore | None = None,
        *,
        max_running: int = MAX_RUNNING,
        time_limit_s: float = TIME_LIMIT_S,
        max_conversations: int = MAX_CONVERSATIONS,
        line: Line | None = None,
    ) -> None:
        self._store = store
        self._keeper = Keeper()
        self._max_running = max_running
        self._time_limit_s = time_limit_s
        self._max_conversations = max_conversations
        # A turn can be found past its limit, and with that over, where the lock is held.
        self._lock = threading.RLock()
        self._conversations: OrderedDict[str, Conversation] = OrderedDict()
        self._line = line or Line()
        self._running = 0

    def new_conversation(self, *, owner: str = LOCAL) -> Conversation:
        """Start an empty conversation; of too many in memory the longest unused that is stored is let go."""
        conversation = Conversation(secrets.token_urlsafe(16), owner)
        with self._lock:
            self._hold(conversation)
        return conversation

    def conversation(self, key: str | None, *, owner: str = LOCAL) -> Conversation | None:
        """Return an owner's conversation with this key, None if there is none. Raises ConversationsError."""
        if not key or len(key) > MAX_KEY_CHARS:
            return None
        with self._lock:
            found = self._conversations.get(key)
            if found is not None:
                self._conversations.move_to_end(key)
        if found is None:
            loaded = self._load(key, owner)
            if loaded is None:
                return None
            with self._lock:
                # Another tab may have loaded it meanwhile.
                found = self._conversations.get(key) or self._hold(loaded)
        if found.owner != owner:
            return None
        self._catch_up(found)
        return found

    def load_earlier(self, conversation: Conversation) -> None:
        """Load the turns before those in memory. Raises ConversationsError."""
        if self._store is None or not conversation.has_earlier or not conversation.turns:
            return
        first = conversation.turns[0]
        earlier, has_earlier = self._stored_turns(conversation.owner, conversation.key, before=first.number)
        with self._lock:
            if conversation.turns[0] is first:
                conversation.turns[:0] = earlier
                conversation.has_earlier = has_earlier

    def rename(self, key: str, title: str, *, owner: str = LOCAL) -> None:
        """Give a conversation another title. Raises ConversationsError."""
        if self._store is None:
            return
        with self._lock:
            held = self._conversations.get(key)
        mine = held if held is not None and held.owner == owner else None
        with self._keeper.held():
            # What is not stored yet is stored under this title.
            if mine is None or mine.is_stored:
                self._store.rename(owner, key, title)
            if mine is not None:
                mine.title = " ".join(title.split())[:MAX_RENAMED_CHARS] or mine.title

    def delete(self, key: str, *, owner: str = LOCAL) -> None:
        """Delete a conversation for good; a question in it that is being answered is stopped.

        Raises ConversationsError; then it is there as before.
        """
        with self._lock:
            held = self._conversations.get(key)
        if held is not None and held.owner != owner:
            return
        # No write of a turn may come in between and bring it back.
        with self._keeper.held():
            if self._store is not None:
                self._store.delete(owner, key)
            if held is not None:
                held.is_deleted = True
        with self._lock:
            self._conversations.pop(key, None)
        if held is not None and held.turns:
            held.turns[-1].stop()

    def start(
        self,
        conversation: Conversation,
        question: str,
        ask: Ask,
        *,
        filters: Filters = ALL,
        changes: Changes | None = None,
        suggest: Suggest | None = None,
        alone: bool = False,
    ) -> Turn | None:
        """Begin to answer, or None while the conversation's last question is still being answered.

        With `alone` the question is asked as it stands, not as a follow-up. `suggest` finds what may be asked next,
        once the answer is there and nobody waits for one. Raises LineFull where too many wait, and ConversationGone.
        """
        with self._lock:
            if conversation.is_deleted:
                raise ConversationGone("this conversation was deleted")
            if conversation.is_busy:
                return None
            self._line.check(conversation.owner)
            earlier = conversation.answers()[-HISTORY_TURNS:]
            number = conversation.turns[-1].number + 1 if conversation.turns else 1

            def keep(turn: Turn) -> None:
                self._keep(conversation, turn)

            def over(turn: Turn) -> None:
                keep(turn)
                with self._lock:
                    self._renumber()

            def keep_claims(turn: Turn) -> None:
                if not turn.view().is_over:
                    keep(turn)

            turn = Turn(
                number,
                question,
                filters,
                time_limit_s=self._time_limit_s,
                on_over=over,
                on_claim=Later(CLAIMS_KEPT_AFTER_S, keep_claims),
            )
            conversation.turns.append(turn)
            conversation.title = conversation.title or title_of(question)
            self._let_go_of_turns(conversation)
            self._keep(conversation, turn)
            run = partial(turn.run, ask, () if alone else earlier, changes)
            self._line.add(Waiter(conversation.owner, turn, run, partial(turn.suggest, suggest, earlier)))
            is_new_thread = self._running < self._max_running
            self._running += is_new_thread
            self._renumber()
        if is_new_thread:
            self._begin_thread(f"turn-{number}")
        return turn

    def keep_again(self, conversation: Conversation) -> None:
        """Try once more to store what could not be stored."""
        for turn in tuple(conversation.turns):
            if turn.view().kept is Kept.NO:
                self._keep(conversation, turn)

    def _begin_thread(self, name: str) -> None:
        """Begin to take turns out of the line. Raises RuntimeError if no thread is to be had and none is at work."""
        try:
            # A daemon: a question being answered never keeps the server from stopping.
            threading.Thread(target=self._work, name=name, daemon=True).start()
        except RuntimeError:
            with self._lock:
                self._running -= 1
                if self._running:
                    # A thread that is at work takes the turn later.
                    return
                left = self._line.in_order()
            for waiter in left:
                waiter.turn.stop()
            raise

    def _work(self) -> None:
        while True:
            with self._lock:
                waiter = self._line.take()
                if waiter is None:
                    self._running -= 1
                    return
                self._renumber()
            waiter.run()
            with self._lock:
                self._line.over(waiter)
                is_awaited = bool(self._line.in_order())
            if not is_awaited:
                waiter.suggest()
            waiter.turn.note_next_questions()

    def _renumber(self) -> None:
        for place, waiter in enumerate(self._line.in_order()):
            waiter.turn.wait_behind(place + 1 if self._running >= self._max_running else 0)

    def _hold(self, conversation: Conversation) -> Conversation:
        self._conversations[conversation.key] = conversation
        while len(self._conversations) > self._max_conversations:
            others = [one for one in self._conversations.values() if one is not conversation and not one.is_busy]
            least = next((one for one in others if one.is_kept), others[0] if others else None)
            if least is None:
                break
            del self._conversations[least.key]
        return conversation

    def _let_go_of_turns(self, conversation: Conversation) -> None:
        """Drop the earliest turns of a long conversation that can be loaded again; all of them without a store."""
        while len(conversation.turns) > MAX_TURNS and conversation.turns[0].view().kept is Kept.YES:
            del conversation.turns[0]
            conversation.has_earlier = self._store is not None

    def _load(self, key: str, owner: str) -> Conversation | None:
        summary = self._store.conversation(owner, key) if self._store else None
        if summary is None:
            return None
        turns, has_earlier = self._stored_turns(owner, key)
        return Conversation(key, owner, turns, summary.title, has_earlier, is_stored=True)

    def _catch_up(self, conversation: Conversation) -> None:
        """Take over what became of a last turn that seemed interrupted: another server may be answering it."""
        last = conversation.turns[-1] if conversation.turns else None
        if self._store is None or last is None or last.view().state is not TurnState.INTERRUPTED:
            return
        try:
            rows = self._store.turns(conversation.owner, conversation.key, before=last.number + 1, limit=1)
        except ConversationsError:
            # What is shown stands; the list of conversations says what is wrong with the file.
            return
        with self._lock:
            if rows and rows[0].number == last.number and conversation.turns[-1] is last:
                conversation.turns[-1] = Turn.restored(rows[0])

    def _stored_turns(self, owner: str, key: str, *, before: int | None = None) -> tuple[list[Turn], bool]:
        assert self._store is not None
        rows = self._store.turns(owner, key, before=before, limit=LOADED_AT_ONCE + 1)
        return [Turn.restored(row) for row in rows[-LOADED_AT_ONCE:]], len(rows) > LOADED_AT_ONCE

    def _keep(self, conversation: Conversation, turn: Turn) -> None:
        """Have a turn stored as it is by then."""
        store = self._store
        if store is None:
            return
        turn.note_kept(Kept.NOT_YET)

        def write() -> None:
            if conversation.is_deleted:
                turn.note_kept(Kept.YES)
                return
            stored = turn.stored()
            title = "" if conversation.is_stored else conversation.title
            store.save(conversation.owner, conversation.key, stored, title=title)
            conversation.is_stored = True
            if stored.state not in {TurnState.QUEUED, TurnState.RUNNING}:
                turn.note_kept(Kept.YES)

        self._keeper.put(write, lambda reason: turn.note_kept(Kept.NO, reason))
