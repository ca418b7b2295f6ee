"""In which queue each bot waits to sign in, and who is left out of them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kernel.clock import Clock, Millis
from kernel.ids import BotId
from kernel.rows import Bot, BotStatus
from kernel.state import State
from plugins.fleet.back_off import BackOff
from plugins.fleet.codes import TurnReason
from plugins.fleet.keyed_heap import Key, KeyedHeap
from plugins.fleet.sign_in_buckets import Hosts, egress

WANTED: Final = 0
BUSY: Final = 1
REST: Final = 2
"""Ranks: whom a person asked for goes before all, then who has an open task or chat, then the rest."""
AWAITING_TURN: Final = TurnReason.AWAITING_TURN
HOST_BUSY: Final = TurnReason.PROXY_HOST_BUSY
PROMISED: Final = frozenset({AWAITING_TURN, HOST_BUSY})
"""Reasons whose `retry_at` says when a bot's turn is expected, and does not keep it from having it before."""


class SignInQueues:
    """Each bot that is off stands in one of three lines or waits for its proxy's host; idle ones that are online stand
    in a fourth.

    All of it follows from the state, apart from back-offs and buckets, which a restart may forget, and from what is
    being done with a bot just now: who is signed in, logged off or removed stands in no line meanwhile.
    """

    def __init__(self, state: State, clock: Clock, back_off: BackOff, hosts: Hosts) -> None:
        self._state = state
        self._clock = clock
        self._back_off = back_off
        self._hosts = hosts
        self.urgent: Final = KeyedHeap()
        """May be signed in before all others, by rank and by how long they have been off."""
        self.ready: Final = KeyedHeap()
        """May be signed in, by how long they have been off."""
        self.resting: Final = KeyedHeap()
        """Back off, by when they may be tried again."""
        self.idle: Final = KeyedHeap()
        """Online without an open task or chat, by how long they have been online."""
        self.held: Final[dict[str, KeyedHeap]] = {}
        """By proxy host: their turn has come, and too many have been signed in through it just now."""
        self._host_of: dict[BotId, str] = {}  # of those that are held
        self._ahead: dict[str, BotId] = {}  # by host: the one of its held bots that may go next
        self.signing_in: Final[set[BotId]] = set()
        self.leaving: Final[set[BotId]] = set()
        self.set_aside: Final[set[BotId]] = set()
        """Being removed."""
        self.wanted: Final[set[BotId]] = set()
        """A person asked for them."""

    @property
    def waiting(self) -> int:
        """How many bots could be signed in now, were there room."""
        return len(self.urgent) + len(self.ready)

    def first(self, held: Callable[[BotId], None]) -> BotId | None:
        """The bot whose turn is next. Those before it whose proxy host has no token are held, and `held` is told."""
        while (first := self.urgent.first() or self.ready.first()) is not None:
            bot_id = first[1]
            host = egress(self._state.bots[bot_id].proxy_url)
            if self._may_pass(bot_id, host):
                return bot_id
            self._host_of[bot_id] = host
            self.settle(bot_id)
            held(bot_id)
        return None

    def begin(self, bot_id: BotId) -> None:
        """Let the bot whose turn it is sign in, and let another one that its host has a token for come after it."""
        host, now = egress(self._state.bots[bot_id].proxy_url), self._clock.now()
        self._hosts.of(host, now).take(now)
        if self._ahead.get(host) == bot_id:
            del self._ahead[host]
        self.signing_in.add(bot_id)
        self.settle(bot_id)
        self._let_one_go(host, now)

    def settle(self, bot_id: BotId) -> None:
        """Put the bot where it belongs now."""
        place = self._place_of(bot_id)
        for line in (self.urgent, self.ready, self.resting, self.idle):
            if place is None or line is not place[0]:
                line.drop(bot_id)
        host = self._host_of.get(bot_id)
        if host is not None and (place is None or place[0] is not self.held.get(host)):
            self._let_out(bot_id, host)
        if place is not None:
            place[0].put(bot_id, place[1])

    def wake(self) -> None:
        """Let those go to the others who have backed off long enough, or whose proxy host has a token again."""
        now = self._clock.now()
        while (first := self.resting.first()) is not None and first[0][1] <= now:
            self.settle(first[1])
        for host, ahead in list(self._ahead.items()):
            if ahead not in self.urgent and ahead not in self.ready:
                del self._ahead[host]  # it went another way
        for host in list(self.held):
            self._let_one_go(host, now)

    def host_of(self, bot_id: BotId) -> str | None:
        """The proxy host that the bot waits for, where it is held."""
        return self._host_of.get(bot_id)

    def next_token(self, now: Millis) -> Millis | None:
        """When a bot that is held may go."""
        waited_for = (host for host in self.held if host not in self._ahead)
        return min((self._hosts.of(host, now).free_at(now) for host in waited_for), default=None)

    def _may_pass(self, bot_id: BotId, host: str) -> bool:
        if bot_id in self.wanted:
            return True  # a person's word counts for more; the host's bucket then owes a token
        now = self._clock.now()
        if self._hosts.of(host, now).free_at(now) > now:
            return False
        return host not in self.held or self._ahead.get(host) == bot_id

    def _let_one_go(self, host: str, now: Millis) -> None:
        if host in self._ahead or host not in self.held or self._hosts.of(host, now).free_at(now) > now:
            return
        first = self.held[host].first()
        if first is not None:
            bot_id = first[1]
            self._ahead[host] = bot_id
            self._let_out(bot_id, host)
            self.settle(bot_id)

    def _let_out(self, bot_id: BotId, host: str) -> None:
        del self._host_of[bot_id]
        line = self.held.get(host)
        if line is not None:
            line.drop(bot_id)
            if not line:
                del self.held[host]

    def _place_of(self, bot_id: BotId) -> tuple[KeyedHeap, Key] | None:
        bot: Bot | None = self._state.bots.get(bot_id)
        if bot is None or bot_id in self.signing_in or bot_id in self.leaving or bot_id in self.set_aside:
            return None
        busy = self._state.index.is_busy(bot_id)
        if bot.status is BotStatus.CONNECTED:
            return None if busy else (self.idle, (0, bot.status_since))
        if bot.status is not BotStatus.DISCONNECTED:
            return None
        if bot_id in self.wanted:
            return self.urgent, (WANTED, bot.status_since)
        asked_for = 0 if bot.reason in PROMISED else bot.retry_at or 0
        due = max(asked_for, self._back_off.due(bot_id))
        if due > self._clock.now():
            return self.resting, (0, due)
        rank = BUSY if busy else REST
        if (host := self._host_of.get(bot_id)) is not None:
            return self.held.setdefault(host, KeyedHeap()), (rank, bot.status_since)
        return (self.urgent if busy else self.ready), (rank, bot.status_since)
