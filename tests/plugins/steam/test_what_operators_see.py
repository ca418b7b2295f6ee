"""Each fault of the simulated Steam as an operator sees it: the bot's status, why, what next; and that it heals."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.events import BotDisconnected
from kernel.rows import Bot, BotStatus
from kernel.testing import ManualClock, World
from plugins.fleet import Fleet
from plugins.steam import Steam, session
from plugins.steam import plugin as steam_plugin
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.simulation import Simulation
from tests.plugins.steam.test_approval import with_session
from tests.plugins.steam.test_plugin import Stage
from tests.plugins.steam_sim.keys import with_key

PATIENCE = 30.0
MINUTE = 60_000


@dataclass(frozen=True)
class Seen:
    """What stands in the bot's row; `said`: words of its detail, or of the next step where a person has to act."""

    reason: str | None = None
    said: str = ""
    wait_s: int = 0
    """Seconds until another try may be made; 0 with a reason: a person has to act."""


FINE = Seen()
K = FaultKind


def person(reason: str, said: str) -> Seen:
    return Seen(reason, said)


# While a bot signs in: the fault, what it answers with, and what is to be seen of it.
AT_SIGN_IN: list[tuple[FaultKind, int, Seen]] = [
    (K.KEY_RESULT, 2, Seen("signIn.deferred", "it is tried again", 30)),
    (K.BEGIN_RESULT, 84, Seen("signIn.throttled", "too many sign-ins from this proxy's address", 1800)),
    (K.BEGIN_RESULT, 5, person("signIn.passwordWrong", "The password is wrong; remove the bot and add it again")),
    (K.CODE_RESULT, 20, Seen("signIn.deferred", "another one is tried", 5)),
    (K.POLL_RESULT, 9, Seen("signIn.deferred", "denied or forgotten", 30)),
    (K.POLL_PENDING, 2, Seen("signIn.deferred", "it is tried again", 30)),
    (K.EMAIL_GUARD, 2, person("signIn.emailCode", "put a mobile authenticator on the account")),
    (K.APPROVAL_RESULT, 15, person("signIn.passwordNeeded", "remove the bot and add it again with its password")),
    (K.WEB_API_FAILS, 2, Seen("webApi.unreachable", "Steam's web API at 127.0.0.1 answered with HTTP status 503", 5)),
    (K.LOGON_RESULT, 43, person("account.disabled", "ask Steam Support, or remove the bot")),
    (K.LOGON_RESULT, 5, person("signIn.rejected", "connect the bot again, and where that repeats, sign in")),
    (K.LOGON_RESULT, 48, Seen("signIn.deferred", "another one is tried", 5)),
    (K.LOGON_RESULT, 777, Seen("signIn.deferred", "it is tried again", 30)),
    (K.LOGON_STRUCT, 2, Seen("signIn.deferred", "another one is tried", 5)),
    (K.SESSION_RESULT, 21, Seen("cm.disconnected", "does not serve this session any more", 5)),
    (K.DROP_SOCKET, 2, Seen("cm.disconnected", "or the proxy before it, closed the connection", 5)),
    (K.STALL, 2, Seen("cm.unreachable", "took the connection and then did not answer in time", 5)),
    (K.CM_DOWN, 2, Seen("cm.unreachable", "it, or the proxy, closed the connection before it answered", 5)),
    (K.CM_FULL, 2, Seen("cm.unreachable", "it answered HTTP 503, as one does that takes nobody more", 5)),
    (K.CM_SLOW, 2, Seen("cm.unreachable", "no answer in time", 5)),
    (K.PROXY_DENIES, 2, person("proxy.credentialsRefused", "remove the bot and add it again with the right ones")),
    (K.PROXY_REFUSES, 2, Seen("proxy.targetRefused", "connection refused", 5)),
    (K.PROXY_SILENT, 2, Seen("proxy.unreachable", "opened no tunnel to 127.0.0.1", 5)),
    (K.PROXY_CUTS, 2, Seen("directory.unreachable", "asked through the proxy", 5)),
    (K.DIRECTORY_FAILS, 2, Seen("directory.unreachable", "no list of CMs: 127.0.0.1 answered with HTTP status 500", 5)),
    (K.DIRECTORY_EMPTY, 2, Seen("directory.unreachable", "lists no CM", 5)),
    (K.DIRECTORY_NULL, 2, Seen("directory.unreachable", "lists no CM", 5)),
    (K.DIRECTORY_ODD, 2, FINE),
    (K.CM_LIST_SENT, 2, FINE),
    (K.CLOCK_AHEAD, 2, FINE),
    (K.CLOCK_BEHIND, 2, FINE),
    (K.DIRECTORY_UNDATED, 2, FINE),
    (K.QUERY_TIME_FAILS, 2, FINE),
    (K.ACCOUNT_LOCKED, 2, person("account.locked", "unlock it at help.steampowered.com")),
    (K.COMMUNITY_BANNED, 2, person("account.banned", "The account is banned; remove the bot")),
    (K.ACCOUNT_LIMITED, 2, FINE),
    (K.ACCOUNT_DISABLED, 2, person("account.disabled", "ask Steam Support, or remove the bot")),
    (K.VAC_BANNED, 2, FINE),
    (K.TRADE_HELD, 2, FINE),
    (K.RENEW_RESULT, 15, FINE),
    (K.LATE_ANSWERS, 2, FINE),
    (K.REORDERED_ANSWERS, 2, FINE),
    (K.DUPLICATE_NOTIFICATIONS, 2, FINE),
    (K.FRIENDS_LIST_FULL, 2, FINE),
    (K.HUGE_FRIENDS_LIST, 2, FINE),
    (K.STRANGERS_INVITE, 2, FINE),
    (K.HISTORY_RESULT, 2, FINE),
]
# Of a bot that is online.
IN_SESSION: list[tuple[FaultKind, int, Seen]] = [
    (K.LOGGED_OFF, 34, Seen("account.inUse", "Steam ended the session with LogonSessionReplaced (34): another", 60)),
    (K.LOGGED_OFF, 6, Seen("account.inUse", "the account is in use somewhere else", 60)),
    (K.LOGGED_OFF, 43, person("account.disabled", "The account is disabled; ask Steam Support, or remove the bot")),
    (K.ACCOUNT_LOCKED, 2, person("account.locked", "unlock it at help.steampowered.com")),
    (K.COMMUNITY_BANNED, 2, person("account.banned", "The account is banned; remove the bot")),
    (K.ACCOUNT_DISABLED, 2, person("account.disabled", "ask Steam Support, or remove the bot")),
    (K.LOGGED_OFF_STRUCT, 2, Seen("cm.disconnected", "Steam ended the session", 5)),
    (K.SERVER_UNAVAILABLE, 2, Seen("cm.disconnected", "Steam ended the session", 5)),
    (K.TOKEN_REVOKED, 2, Seen("cm.disconnected", "the bot signs in with its password next", 0)),
    (K.DROP_SOCKET, 2, Seen("cm.disconnected", "or the proxy before it, closed the connection", 5)),
    (K.STALL, 2, Seen("cm.silent", "Steam said nothing", 5)),
]
OF_NO_BOT = {
    *(K.INVITE_RESULT, K.INVITE_LIES, K.INVITE_LOST, K.CHAT_RESULT, K.CHAT_LIES, K.CHAT_LOST, K.HISTORY_LAGS),
}
"""What they befall is an invite or a message, and told of that: see test_plugin and test_bad_days."""


class Watch:
    """A fleet of one bot, and the wall's clock, which only the test moves."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.wall_ms = 1_800_000_000_000
        self.polls = False
        """Whether the wall's clock moves while it is waited: Steam is asked again and again for one and the same."""

    @property
    def bot(self) -> Bot:
        (bot,) = self.stage.world.state.bots.values()
        return bot

    def explained(self) -> bool:
        return self.bot.status is not BotStatus.CONNECTING and (
            self.bot.status is BotStatus.CONNECTED or self.bot.reason is not None
        )

    async def until(self, true: Callable[[], bool], step: int = 250) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                await self.stage.world.clock.advance(step)
                if self.polls:
                    self.wall_ms += 1_000
                await asyncio.sleep(0.002)

    async def comes_back(self) -> None:
        """By itself, or by the word of a person who has mended what the row says."""
        self.wall_ms += MINUTE  # a code of before is spent
        if self.bot.status is BotStatus.AUTH_FAILED:
            await self.stage.world.execute(c.ReconnectBot(bot_id=self.bot.id))
        await self.until(lambda: self.bot.status is BotStatus.CONNECTED, step=20_000)


@asynccontextmanager
async def watched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    watch: list[Watch] = []
    monkeypatch.setattr(steam_plugin, "_steam_now_ms", lambda: watch[0].wall_ms)
    monkeypatch.setattr(session, "SILENCE", 300)
    (folder / "data").mkdir()
    clock = ManualClock()
    options = SimOptions(folder=folder, bots=2, players=20, seed=7, cms=2, heartbeat_seconds=1, poll_interval=1.0)
    simulation = with_key(Simulation(options, clock, lambda: watch[0].wall_ms / 1000 if watch else 0.0))
    ready = await simulation.start()
    # Shorter than the other parts' patience, so that a silence of the wall's clock is soon over.
    steam = {"ca_file": ready.ca_file, "directory_url": ready.directory_url, "unseen_s": 0.0}
    steam |= {"dial_timeout_s": 1.5, "answer_timeout_s": 1.5}
    try:
        async with World(Steam, Fleet, config={"steam": steam}, clock=clock, data=folder / "data") as world:
            watch.append(Watch(Stage(simulation, ready, world)))
            yield watch[0]
    finally:
        await simulation.stop()


@pytest.fixture
async def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    async with watched(tmp_path, monkeypatch) as running:
        yield running


def check(bot: Bot, seen: Seen, since: int, now: int) -> None:
    """`since`: the moment after which the fault can have been met."""
    if seen.reason is None:
        assert (bot.status, bot.reason, bot.detail) == (BotStatus.CONNECTED, None, None)
        return
    assert bot.reason == seen.reason
    for text in (bot.detail or "", bot.next_step or ""):
        assert "Error" not in text, "a class of this program says nothing to an operator"
        assert "Exception" not in text
    if bot.status is BotStatus.AUTH_FAILED:
        assert seen.said in (bot.next_step or "")
        assert bot.retry_at is None
        return
    assert bot.status is BotStatus.DISCONNECTED
    assert seen.said in (bot.detail or "")
    assert bot.next_step is None
    assert bot.retry_at is not None
    assert since <= bot.retry_at - seen.wait_s * 1_000 <= now


def newcomer(watch: Watch, kind: FaultKind) -> c.AddBotFromMaFile:
    """Without a password where the fault is one of the web API, which only such a sign-in needs."""
    command = watch.stage.add_command()
    if kind not in (K.APPROVAL_RESULT, K.WEB_API_FAILS):
        return command
    token = watch.stage.simulation.mobile_token(watch.stage.simulation.accounts.bots[0].login)
    return c.AddBotFromMaFile(ma_file=with_session(str(command.ma_file), token), proxy_url=command.proxy_url)


def _named(case: tuple[FaultKind, int, Seen]) -> str:
    return f"{case[0]}-{case[1]}"


@pytest.mark.parametrize("case", AT_SIGN_IN, ids=_named)
async def test_a_fault_at_the_sign_in_is_told_with_what_comes_next_and_heals(
    watch: Watch, case: tuple[FaultKind, int, Seen]
) -> None:
    kind, eresult, seen = case
    delay_ms = 10 * MINUTE if kind is K.CM_SLOW else MINUTE // 2
    watch.stage.simulation.faults.switch_on(Fault(kind, eresult=eresult, delay_ms=delay_ms))
    since = watch.stage.world.clock.now()
    await watch.stage.world.execute(newcomer(watch, kind))
    watch.polls = kind is K.POLL_PENDING
    await watch.until(watch.explained)
    watch.polls = False

    check(watch.bot, seen, since, watch.stage.world.clock.now())

    watch.stage.simulation.faults.switch_off()
    await watch.comes_back()


@pytest.mark.parametrize("case", IN_SESSION, ids=_named)
async def test_a_session_that_ends_is_told_with_what_comes_next_and_heals(
    watch: Watch, case: tuple[FaultKind, int, Seen]
) -> None:
    kind, eresult, seen = case
    await watch.stage.world.execute(watch.stage.add_command())
    await watch.until(lambda: watch.bot.status is BotStatus.CONNECTED)
    since = watch.stage.world.clock.now()
    watch.stage.simulation.faults.switch_on(Fault(kind, eresult=eresult, times=None if kind is FaultKind.STALL else 1))
    await watch.until(lambda: watch.bot.status is not BotStatus.CONNECTED, step=0)

    check(watch.bot, seen, since, watch.stage.world.clock.now())

    watch.stage.simulation.faults.switch_off()
    await watch.comes_back()


@pytest.mark.parametrize(
    ("kind", "eresult"), [(K.BEGIN_RESULT, 2), (K.POLL_RESULT, 9), (K.LOGON_RESULT, 777), (K.LOGON_RESULT, 2)]
)
async def test_a_sign_in_refused_again_and_again_without_a_reason_ends_with_a_person(
    watch: Watch, kind: FaultKind, eresult: int
) -> None:
    waits: list[int] = []
    watch.stage.world.ctx.subscribe(BotDisconnected, lambda e, off: waits.append((off.retry_at or 0) - e.ts))
    watch.stage.simulation.faults.switch_on(Fault(kind, eresult=eresult))
    await watch.stage.world.execute(watch.stage.add_command())

    def another_code() -> bool:
        watch.wall_ms += MINUTE
        return watch.bot.status is BotStatus.AUTH_FAILED

    await watch.until(another_code, step=20_000)

    assert 3 <= len(waits) <= 10
    assert all(later == 2 * earlier for earlier, later in itertools.pairwise(waits)), "the gaps grow"
    assert watch.bot.reason == "signIn.givenUp"
    assert "sign in to the account by hand" in (watch.bot.next_step or "")
    watch.stage.simulation.faults.switch_off()
    await watch.comes_back()


async def test_a_code_that_is_refused_while_nobody_tells_the_time_names_the_clock_and_heals_by_itself(
    watch: Watch,
) -> None:
    faults = watch.stage.simulation.faults
    for kind in (K.CLOCK_BEHIND, K.DIRECTORY_UNDATED, K.QUERY_TIME_FAILS):
        faults.switch_on(Fault(kind, delay_ms=10 * MINUTE))
    since = watch.stage.world.clock.now()
    await watch.stage.world.execute(watch.stage.add_command())
    await watch.until(watch.explained)

    check(
        watch.bot,
        Seen("signIn.clockWrong", "this machine's clock may be off: set it", 300),
        since,
        watch.stage.world.clock.now(),
    )
    assert "remove the bot" not in f"{watch.bot.detail}{watch.bot.next_step}"
    faults.switch_off(K.QUERY_TIME_FAILS)
    await watch.until(lambda: watch.bot.status is BotStatus.CONNECTED, step=20_000)
    assert [given.eresult for given in watch.stage.simulation.codes] == [88, 1]


def test_no_fault_is_left_out() -> None:
    assert {case[0] for case in AT_SIGN_IN + IN_SESSION} | OF_NO_BOT == set(FaultKind)
