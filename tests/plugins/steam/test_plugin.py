"""The transport as the kernel sees it: commands in, facts out, and no secret in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kernel import commands as c
from kernel.clock import HOUR, MINUTE
from kernel.errors import Binds, Conflict, Malformed, NotSent, RefusedBySteam
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotDisconnected,
    BotInvitesBlocked,
    BotRemoved,
    Envelope,
    FriendInviteQueued,
    FriendInviteRequested,
    FriendMessageArrived,
    FriendRelationshipChanged,
    TaskAssigned,
    TaskCreated,
)
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId
from kernel.plugin import Plugin
from kernel.testing import ManualClock, World, idle
from plugins.fleet.codes import TurnReason
from plugins.steam import Steam
from plugins.steam.events import MessageArrived
from plugins.steam.plugin import SteamConfig
from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.ready import Ready
from plugins.steam_sim.simulation import Simulation
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.keys import with_key
from tests.restart import history, replay

PATIENCE = 20.0


class Stage:
    """A simulated Steam whose time is the world's, and a world with the transport alone."""

    def __init__(self, simulation: Simulation, ready: Ready, world: World) -> None:
        self.simulation = simulation
        self.ready = ready
        self.world = world

    def add_command(self, number: int = 0, **changes: str) -> c.AddBotFromMaFile:
        account = self.simulation.accounts.bots[number]
        text = (Path(self.ready.mafiles) / f"{account.steam_id64}.maFile").read_text()
        fields = {"ma_file": text, "proxy_url": self.ready.proxies[number].proxy_url, "password": account.password}
        return c.AddBotFromMaFile(**(fields | changes))

    async def online(self, number: int = 0) -> BotId:
        bot_id = await self.world.execute(self.add_command(number))
        await self.world.execute(c.ConnectBot(bot_id=bot_id))
        assert self.world.state.bots[bot_id].status == "connected", self.world.state.bots[bot_id]
        return bot_id

    def player(self, temperament: Temperament) -> SteamId64:
        found = next(p for p in self.simulation.accounts.players if p.temperament is temperament)
        return SteamId64(str(found.steam_id64))

    def requested(self, bot_id: BotId, player: SteamId64) -> c.SendInvite:
        """An invite as the queue has decided it."""
        task_id = TaskId(f"task_{player}")
        publish = self.world.ctx.publish
        publish(TaskCreated(task_id=task_id, player=player, item="x", price_min=1, price_max=2, currency="USD"))  # type: ignore[arg-type]
        publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
        publish(FriendInviteQueued(task_id=task_id, bot_id=bot_id, player=player))
        publish(FriendInviteRequested(task_id=task_id, bot_id=bot_id, player=player))
        return c.SendInvite(task_id=task_id, bot_id=bot_id, player=player)

    async def until(self, true: Callable[[], object]) -> None:
        """Let bytes and the world's time pass until it is so."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                await self.world.clock.advance(250)
                await asyncio.sleep(0.002)

    async def make_friends(self, bot_id: BotId) -> SteamId64:
        player = self.player(Temperament.TALKATIVE)
        await self.world.execute(self.requested(bot_id, player))
        await self.until(lambda: self.world.ctx.hooks.relationship(bot_id, player) == "friend")
        return player


@asynccontextmanager
async def staged(folder: Path, *others: type[Plugin[Any]], **steam: float) -> AsyncIterator[Stage]:
    """`others`: plugins beside the transport."""
    (folder / "data").mkdir()
    table: dict[str, object] = {"ca_file": str(folder / "ca.pem"), **steam}
    options = SimOptions(folder=folder, bots=2, players=30, seed=7)
    clock = ManualClock()
    simulation = with_key(Simulation(options, clock))
    ready = await simulation.start()
    table["directory_url"] = ready.directory_url
    try:
        async with World(Steam, *others, config={"steam": table}, clock=clock, data=folder / "data") as world:
            yield Stage(simulation, ready, world)
    finally:
        await simulation.stop()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


async def test_a_mafile_a_proxy_and_a_password_become_a_bot_that_connects(stage: Stage) -> None:
    bot_id = await stage.online()

    bot = stage.world.state.bots[bot_id]
    assert bot.steam_id64 == str(stage.simulation.accounts.bots[0].steam_id64)
    assert ":***@" in bot.proxy_url


async def test_without_the_data_folder_a_bot_is_tried_again_and_nobody_is_told_to_remove_it(
    stage: Stage, tmp_path: Path
) -> None:
    bot_id = await stage.online()
    await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=TurnReason.ROTATED_OUT))
    (tmp_path / "data").rename(tmp_path / "moved")
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))

    bot = stage.world.state.bots[bot_id]
    assert (bot.status, bot.reason) == ("disconnected", "secrets.outOfReach")
    assert bot.retry_at == stage.world.clock.now() + MINUTE
    refused = await stage.world.refusal(stage.add_command(1), late=True)
    assert (refused.code, "renamed, moved" in refused.message) == ("secretsNotSaved", True)
    assert not (tmp_path / "data").exists()
    (tmp_path / "moved").rename(tmp_path / "data")
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))
    assert stage.world.state.bots[bot_id].status == "connected"


async def test_no_secret_of_a_bot_reaches_an_event_or_a_readable_file(stage: Stage, tmp_path: Path) -> None:
    await stage.online()
    account = stage.simulation.accounts.bots[0]
    proxy_password = stage.ready.proxies[0].proxy_url.split("@")[0].rsplit(":", 1)[1]
    told = repr(stage.world.events)
    kept = b"".join(p.read_bytes() for p in (tmp_path / "data").rglob("*") if p.is_file() and p.name != "key")

    for secret in (account.password, proxy_password):
        assert secret not in told
        assert secret.encode() not in kept


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"ma_file": "{"}, "maFile.", "maFile"),
        ({"ma_file": '{"account_name": "a"}'}, "maFile.", "maFile"),
        ({"proxy_url": "ftp://u:s3cret@127.0.0.1:1"}, "proxy.scheme", "proxyUrl"),
        ({"proxy_url": "hunter2 no proxy"}, "proxy.malformed", "proxyUrl"),
        ({"proxy_url": "127.0.0.1"}, "proxy.port", "proxyUrl"),
    ],
)
async def test_what_cannot_become_a_bot_is_refused_by_field_and_changes_nothing(
    stage: Stage, changes: dict[str, str], code: str, field: str
) -> None:
    refused = await stage.world.refusal(stage.add_command(0, **changes))

    assert isinstance(refused, Malformed)
    assert refused.code.startswith(code)
    assert refused.field == field
    assert "s3cret" not in refused.message


async def test_an_account_and_a_proxy_are_one_bots_each(stage: Stage) -> None:
    await stage.world.execute(stage.add_command(0))

    same_account = await stage.world.refusal(stage.add_command(0, proxy_url=stage.ready.proxies[1].proxy_url))
    same_proxy = await stage.world.refusal(stage.add_command(1, proxy_url=stage.ready.proxies[0].proxy_url))
    assert isinstance(same_account, Conflict)
    assert (same_account.code, same_proxy.code) == ("botExists", "proxyTaken")


async def test_without_a_password_the_mafile_must_hold_a_token_that_is_good_for_a_client(stage: Stage) -> None:
    command = stage.add_command()
    without = c.AddBotFromMaFile(ma_file=json.loads(str(command.ma_file)), proxy_url=command.proxy_url)

    assert (await stage.world.refusal(without)).code == "password.missing"


async def test_a_wrong_password_stops_the_bot_and_says_what_to_do(stage: Stage) -> None:
    bot_id = await stage.world.execute(stage.add_command(password="not this one"))
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))

    (failed,) = stage.world.happened(BotAuthFailed)
    assert stage.world.state.bots[bot_id].status == "authFailed"
    assert "password is wrong" in failed.next_step


async def test_a_proxy_that_is_down_leaves_the_bot_offline_with_a_time_to_try_again(stage: Stage) -> None:
    bot_id = await stage.world.execute(stage.add_command(proxy_url="socks5h://u:p@127.0.0.1:9"))
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))

    (off,) = stage.world.happened(BotDisconnected)
    assert (off.reason, stage.world.state.bots[bot_id].status) == ("proxy.unreachable", "disconnected")
    assert off.retry_at is not None and off.retry_at > stage.world.clock.now()


async def test_a_sign_in_that_is_called_off_leaves_the_bot_offline_for_the_reason_given(stage: Stage) -> None:
    bot_id = await stage.world.execute(stage.add_command())
    stage.simulation.faults.switch_on(Fault(FaultKind.STALL))
    attempt = asyncio.create_task(stage.world.ctx.execute(c.ConnectBot(bot_id=bot_id)))
    await stage.until(lambda: stage.world.state.bots[bot_id].status == "connecting")
    await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=TurnReason.ROTATED))
    await attempt

    bot = stage.world.state.bots[bot_id]
    assert (bot.status, bot.reason, bot.retry_at) == ("disconnected", "rotated", None)
    stage.simulation.faults.switch_off()
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))
    assert stage.world.state.bots[bot_id].status == "connected"


async def test_an_invite_is_sent_and_its_acceptance_reported(stage: Stage) -> None:
    bot_id = await stage.online()
    player = await stage.make_friends(bot_id)

    assert [(e.player, e.relationship) for e in stage.world.happened(FriendRelationshipChanged)][-1] == (
        player,
        "friend",
    )


async def test_messages_go_both_ways_and_the_history_has_them(stage: Stage) -> None:
    bot_id = await stage.online()
    player = await stage.make_friends(bot_id)
    message = c.DeliverMessage(
        chat_id=ChatId("chat_1"), message_id=MessageId("msg_1"), bot_id=bot_id, player=player, text="Hello [there]"
    )
    delivered = await stage.world.execute(message)
    await stage.until(lambda: stage.world.happened(FriendMessageArrived))
    answer = stage.world.happened(FriendMessageArrived)[0]
    lines = await stage.world.execute(c.ReadHistory(bot_id=bot_id, player=player, since=0))

    assert answer.player == player and answer.text
    assert (True, "Hello [there]", delivered.steam_ts, delivered.ordinal) == (
        lines[0].from_bot, lines[0].text, lines[0].steam_ts, lines[0].ordinal,
    )  # fmt: skip
    assert (False, answer.text) in [(line.from_bot, line.text) for line in lines]


async def test_nothing_goes_to_a_player_whose_words_to_another_bot_have_not_been_heard_yet(stage: Stage) -> None:
    bot_id, other = await stage.online(), await stage.online(1)
    player = await stage.make_friends(bot_id)
    connections = stage.world.plugin(Steam)._connections
    assert connections is not None
    connections.unheard.keep(other, MessageArrived(int(player), 1, 0, "stop", echo=False))
    say = c.DeliverMessage(
        chat_id=ChatId("chat_1"), message_id=MessageId("msg_1"), bot_id=bot_id, player=player, text="hello"
    )

    with pytest.raises(NotSent) as refused:
        await stage.world.execute(say)
    assert refused.value.code == "wordsUnheard"
    stranger = stage.player(Temperament.NEVER)
    connections.unheard.keep(other, MessageArrived(int(stranger), 1, 0, "stop", echo=False))
    with pytest.raises(NotSent):
        await stage.world.execute(stage.requested(bot_id, stranger))
    assert not list(stage.simulation.world.relationships(int(stranger))), "Steam has been asked for nothing"
    assert await stage.world.execute(c.ReadHistory(bot_id=bot_id, player=player, since=0)) == ()

    connections.unheard.take(other)
    await stage.world.execute(say)
    lines = await stage.world.execute(c.ReadHistory(bot_id=bot_id, player=player, since=0))
    assert [line.text for line in lines if line.from_bot] == ["hello"]


@pytest.mark.parametrize(
    ("result", "binds", "code"),
    [
        (EResult.RATE_LIMIT_EXCEEDED, Binds.ACCOUNT, "invitesBlocked"),
        (EResult.IGNORED, Binds.PLAYER, "playerIgnoresBot"),
        (EResult.BUSY, Binds.REQUEST, "steamBusy"),
    ],
)
async def test_what_steam_says_to_an_invite_decides(stage: Stage, result: int, binds: Binds, code: str) -> None:
    bot_id = await stage.online()
    command = stage.requested(bot_id, stage.player(Temperament.TALKATIVE))
    stage.simulation.faults.switch_on(Fault(FaultKind.INVITE_RESULT, eresult=result))
    with pytest.raises(RefusedBySteam) as refused:
        await stage.world.execute(command)

    assert (refused.value.code, refused.value.binds) == (code, binds)
    blocked = stage.world.state.bots[bot_id].invites_blocked_until
    assert (blocked is not None) == (code == "invitesBlocked") == bool(stage.world.happened(BotInvitesBlocked))


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        (FaultKind.CHAT_RESULT, EResult.NO_CONNECTION),
        (FaultKind.CHAT_RESULT, EResult.LOGGED_IN_ELSEWHERE),
        (FaultKind.HISTORY_RESULT, EResult.NOT_LOGGED_ON),
        (FaultKind.HISTORY_RESULT, EResult.LOGON_SESSION_REPLACED),
        (FaultKind.SESSION_RESULT, EResult.REVOKED),
        (FaultKind.INVITE_RESULT, EResult.TRY_ANOTHER_CM),
    ],
)
async def test_whatever_is_answered_so_within_a_session_has_the_bot_signed_in_anew_once(
    stage: Stage, kind: FaultKind, result: int
) -> None:
    bot_id = await stage.online()
    player = await stage.make_friends(bot_id)
    stage.simulation.faults.switch_on(Fault(kind, eresult=result, times=1))
    say = c.DeliverMessage(
        chat_id=ChatId("chat_1"), message_id=MessageId("msg_1"), bot_id=bot_id, player=player, text="hello"
    )
    command: c.Command[Any] = say
    if kind is FaultKind.HISTORY_RESULT:
        command = c.ReadHistory(bot_id=bot_id, player=player, since=0)
    elif kind is FaultKind.INVITE_RESULT:
        command = stage.requested(bot_id, stage.player(Temperament.NEVER))
    with pytest.raises(RefusedBySteam):
        await stage.world.execute(command)

    await stage.until(lambda: len(stage.simulation.sessions) == 0)
    bot = stage.world.state.bots[bot_id]
    assert (bot.status, bot.reason) == ("disconnected", "cm.disconnected")
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))
    await stage.world.execute(say)

    assert len(stage.simulation.sessions) == 1
    said = await stage.world.execute(c.ReadHistory(bot_id=bot_id, player=player, since=0))
    assert [line.text for line in said if line.from_bot] == ["hello"]


@pytest.mark.parametrize("later", [False, True])
async def test_a_limited_account_invites_nobody_and_says_so(stage: Stage, later: bool) -> None:
    limited = Fault(FaultKind.ACCOUNT_LIMITED)
    if not later:
        stage.simulation.faults.switch_on(limited)
    bot_id = await stage.online()
    if later:
        stage.simulation.faults.switch_on(limited)
        await stage.world.execute(c.ReadHistory(bot_id=bot_id, player=stage.player(Temperament.NEVER), since=0))
        await stage.until(lambda: stage.world.happened(BotInvitesBlocked))

    (blocked,) = stage.world.happened(BotInvitesBlocked)
    bot = stage.world.state.bots[bot_id]
    assert (bot.status, blocked.reason) == ("connected", "limitedAccount")
    assert "limited account" in blocked.detail
    assert (bot.invites_blocked_until or 0) > stage.world.clock.now() + 23 * HOUR


async def test_brackets_weigh_as_they_are_sent(stage: Stage) -> None:
    bot_id = await stage.online()
    player = await stage.make_friends(bot_id)
    say = c.DeliverMessage(
        chat_id=ChatId("chat_1"), message_id=MessageId("msg_1"), bot_id=bot_id, player=player, text="[" * 3_170
    )

    await stage.world.execute(say)
    with pytest.raises(NotSent) as refused:
        await stage.world.execute(replace(say, text=say.text + "["))

    assert (refused.value.code, "6342" in refused.value.message) == ("messageTooLong", True)


async def test_a_lost_connection_is_told_with_a_time_to_try_again(stage: Stage) -> None:
    bot_id = await stage.online()
    stage.simulation.drop(stage.simulation.accounts.bots[0].login)
    await stage.until(lambda: stage.world.state.bots[bot_id].status == "disconnected")

    assert stage.world.state.bots[bot_id].retry_at is not None
    offline = c.DeliverMessage(
        chat_id=ChatId("c"), message_id=MessageId("m"), bot_id=bot_id, player=stage.player(Temperament.SILENT), text="x"
    )
    assert (await stage.world.refusal(offline)).code == "botOffline"


async def test_a_bot_is_logged_off_and_forgotten(stage: Stage, tmp_path: Path) -> None:
    bot_id = await stage.online()
    await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=TurnReason.REMOVED))
    stage.world.ctx.publish(BotRemoved(bot_id=bot_id))
    await stage.until(lambda: not list((tmp_path / "data").rglob("*.secret")))

    assert await stage.world.execute(stage.add_command(0)), "the account and its proxy are free again"
    assert isinstance(await stage.world.refusal(c.ConnectBot(bot_id=bot_id)), NotSent)


async def test_after_a_crash_the_bots_of_before_are_offline_until_their_turn_and_need_no_password(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path) as stage:
        bot_id = await stage.online()
        past: tuple[Envelope, ...] = history(stage.world)
        config = {"steam": {"directory_url": stage.ready.directory_url, "ca_file": stage.ready.ca_file}}
        world = World(replay(past), Steam, config=config, clock=stage.world.clock, data=tmp_path / "data")
        async with world:
            assert world.state.bots[bot_id].reason == "restarted"
            await world.execute(c.ConnectBot(bot_id=bot_id))
            assert len(world.happened(BotConnected)) == 1
            await idle()


async def test_what_a_cm_sends_is_counted_and_what_cannot_be_read_on_its_own(stage: Stage) -> None:
    def counted(name: str) -> object:
        return {measure.name: measure.samples[()] for measure in stage.world.ctx.hooks.measures()}[name]

    await stage.online()
    next(iter(stage.simulation.sessions)).line.send(b"no Steam message")
    await stage.until(lambda: counted("steam_malformed_messages_total"))

    assert counted("steam_malformed_messages_total") == 1
    assert counted("steam_messages_total") == 8  # key, begin, code, poll, the burst, our persona, talks, that one


@pytest.mark.parametrize("host", ["127.0.0.1:8", "localhost", "LOCALHOST:80", "[::1]:8", "127.1", "[::ffff:127.0.0.1]"])
def test_a_simulator_on_this_machine_is_asked_by_http(host: str) -> None:
    assert SteamConfig(directory_url=f"http://{host}/list").directory_url.endswith("/list")


@pytest.mark.parametrize(
    "host",
    ["api.steampowered.com", "10.0.0.7", "localhost.example.com", "127.0.0.1.example.com", "[fe80::1]", "", "a@b"],
)
def test_another_machines_directory_is_not_asked_by_http(host: str) -> None:
    with pytest.raises(ValueError, match="directory_url: http is for a simulator on this machine"):
        SteamConfig(directory_url=f"http://{host}/list")
