"""What stands in the state, counted when Prometheus asks: nothing here is kept, and nothing is walked through.

Every number is a length, a counter or the first in a line that the state's indexes keep anyway, so a scrape costs the
same with ten bots and with ten thousand. No label names a bot, a player or a task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kernel.context import Context
from kernel.rows import AccountStanding, BotStatus, ChatStatus, InviteStatus, PluginStatus, TaskStatus
from plugins.metrics.codes import Codes

S = TypeVar("S", bound=str)
_CHAT: Final = ("state", "driver")
_PROXIES: Final = ("up", "failing", "idle")
_HOLDS: Final = ("invites", "messages", "trades")
_DRIVERS: Final = (("open", "agent"), ("open", "operator"), ("closed", "none"))


class Gauges(Collector):
    """Reads the state, the clock and the commit barrier."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._state = ctx.state
        self._clock = ctx.clock
        self._codes = Codes()

    def collect(self) -> Iterator[Metric]:
        """Called for each scrape."""
        index = self._state.index
        yield _by_status("switchboard_bots", "Bots by status.", BotStatus, index.bots_by_status)
        yield from self._reasons()
        yield from self._standing()
        yield _by_status("switchboard_tasks", "Tasks by status.", TaskStatus, index.tasks_by_status)
        yield self._chats()
        yield _by_status("switchboard_invites", "Friend invites under way.", InviteStatus, index.invites_by_status)
        plugins = Counter(plugin.status for plugin in self._state.plugins.values())
        yield _by_status("switchboard_plugins", "Plugins by status.", PluginStatus, plugins)
        yield from self._ages()
        yield _one("switchboard_players_do_not_contact", "Players left alone.", self._left_alone())
        paused = self._state.contact.paused
        yield _one("switchboard_contact_paused", "1 while all outgoing contact is paused.", float(paused))
        yield from self._journal()

    def describe(self) -> Iterable[Metric]:
        """Nothing: the registry need not call `collect` to learn the names."""
        return ()

    def _left_alone(self) -> int:
        """Also those whose rows have left the state."""
        return len(self._state.index.do_not_contact) + self._state.remembered.left_alone_by_reason.total()

    def _chats(self) -> Metric:
        count = self._state.index.chats_by_driver
        family = GaugeMetricFamily(
            "switchboard_chats", "Chats, and who leads the open ones.", labels=["state", "driver"]
        )
        numbers = (
            count[ChatStatus.OPEN, True],
            count[ChatStatus.OPEN, False],
            count[ChatStatus.CLOSED, True] + count[ChatStatus.CLOSED, False],
        )
        for labels, number in zip(_DRIVERS, numbers, strict=True):
            family.add_metric(labels, number)
        return family

    def _reasons(self) -> Iterator[Metric]:
        """Why bots are as they are, and so how their proxies are: one proxy, one bot."""
        reasons: Counter[tuple[str, str]] = Counter()
        proxies = Counter(dict.fromkeys(_PROXIES, 0))
        for (status, reason), number in self._state.index.bots_by_reason.items():
            reasons[status, self._codes.label(reason)] += number
            proxies[_proxy(status, reason)] += number
        family = GaugeMetricFamily(
            "switchboard_bots_by_reason", "Bots by status and by the code of its reason.", labels=["status", "reason"]
        )
        for labels, number in reasons.items():
            family.add_metric(labels, number)
        yield family
        help_text = "Proxies, each a bot's own: up while the bot is online through it, failing, or not in use."
        yield _by_status("switchboard_proxies", help_text, _PROXIES, proxies)

    def _standing(self) -> Iterator[Metric]:
        """What Steam holds against accounts, and what it takes from them for now: of the few that it ever held."""
        family = GaugeMetricFamily(
            "switchboard_bots_by_standing", "Bots by what Steam holds against their accounts.", labels=["standing"]
        )
        for standing in AccountStanding:
            family.add_metric([standing], self._state.index.bots_by_standing[standing])
        yield family
        now, held = self._clock.now(), Counter(dict.fromkeys(_HOLDS, 0))
        for bot in map(self._state.bots.__getitem__, self._state.index.bots_with_holds):
            until = bot.invites_blocked_until, bot.messages_held_until, bot.trades_held_until
            held.update(what for what, end in zip(_HOLDS, until, strict=True) if (end or 0) > now)
        family = GaugeMetricFamily(
            "switchboard_bots_held", "Bots from whose accounts Steam takes none of these for now.", labels=["what"]
        )
        for what in _HOLDS:
            family.add_metric([what], held[what])
        yield family

    def _ages(self) -> Iterator[Metric]:
        now = self._clock.now()
        state = self._state
        family = GaugeMetricFamily(
            "switchboard_task_oldest_seconds",
            "For how long the longest-standing task has been in this status; 0 when there is none.",
            labels=["status"],
        )
        for status, tasks in state.index.open_tasks.items():
            oldest = next(iter(tasks), None)
            since = state.tasks[oldest].status_since if oldest is not None else now
            family.add_metric([status], max(0, now - since) / 1_000)
        yield family
        task = next(iter(state.index.waiting_tasks), None)
        since = state.tasks[task].status_since if task is not None else now
        help_text = "For how long the first task in line has had no bot; 0 when none waits."
        yield _one("switchboard_task_wait_seconds", help_text, (now - since) / 1_000)
        invite = next(iter(state.index.queued_invites), None)
        since = state.invites[invite].queued_at if invite is not None else now
        help_text = "For how long the first invite in line has waited; 0 when none waits."
        yield _one("switchboard_invite_wait_seconds", help_text, (now - since) / 1_000)

    def _journal(self) -> Iterator[Metric]:
        yield _one("switchboard_seq", "The number of the last event.", self._state.seq)
        yield _one("switchboard_journal_lag_events", "Events that are not on disk yet.", self._ctx.uncommitted)
        failing = float(self._ctx.commit_failure is not None)
        yield _one(
            "switchboard_journal_failing", "1 while the journal cannot write: no command is answered ok.", failing
        )


def _proxy(status: BotStatus, reason: str | None) -> str:
    if status is BotStatus.CONNECTED:
        return "up"
    return "failing" if reason is not None and reason.startswith("proxy.") else "idle"


def _one(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def _by_status(name: str, help_text: str, statuses: Iterable[S], counts: Mapping[S, int]) -> Metric:
    """A gauge for each status, those that are 0 too: an alert on a missing series never fires."""
    family = GaugeMetricFamily(name, help_text, labels=["status"])
    for status in statuses:
        family.add_metric([str(status)], counts.get(status, 0))
    return family
