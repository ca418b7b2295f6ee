"""What is asked of Steam: by which kind of command each request leaves, and what is done about Steam's answer."""

from __future__ import annotations

import ast
import asyncio
import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from kernel import commands as c
from kernel.errors import Binds, InDoubt, RefusedBySteam
from kernel.events import BotConnected, FriendRelationshipChanged
from kernel.ids import new_chat_id, new_message_id
from plugins.fleet import Fleet
from plugins.steam.client import SteamClient
from plugins.steam.policy import Context, Step, judge
from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam.test_plugin import Stage, staged

OWN_LIFE: Final = "the session's own life"
"""Signing in, catching up with what was missed, ending: within a command that passed the barrier, or at our stop."""

REQUESTS: Final[dict[str, tuple[type[c.Command[Any]] | str, frozenset[str]]]] = {
    "invite": (c.SendInvite, frozenset({"BotActions.invite"})),
    "send_message": (c.DeliverMessage, frozenset({"BotActions.deliver"})),
    "remove_friend": (c.LeavesToSteam, frozenset({"BotActions.withdraw", "BotActions.decline"})),
    "history": (c.ReadHistory, frozenset({"BotActions.read_history", "missed"})),
    "active_sessions": (OWN_LIFE, frozenset({"missed"})),
    "ask_for_personas": (OWN_LIFE, frozenset({"Connections._ask_for_personas"})),
    "acknowledge": (c.LeavesToSteam, frozenset()),  # nobody asks for it; whoever does takes such a command for it
    "connect": (OWN_LIFE, frozenset({"LocalSessions.open", "SteamClient.introduce"})),
    "introduce": (OWN_LIFE, frozenset({"BotAccounts._introduced", "LocalSessions.introduce"})),
    "log_off": (
        OWN_LIFE,
        frozenset({"Connections._catch_up", "Connections._resume", "Connections._log_off", "SteamClient.introduce"}),
    ),
}
"""Every public method of the client that sends anything: the kind of command by which it leaves, and who calls it."""
SENDS_NOTHING: Final = frozenset({"closed", "steam_id64", "friends", "malformed", "relationship", "public_ip"})
REACHES: Final = frozenset({"invite", "send_message"})
"""What a player notices."""
STEAM: Final = Path(inspect.getfile(SteamClient)).parent


def callers(method: str) -> set[str]:
    """The functions of the plugin, as `Class.function`, in which such a method of a client is called or handed on."""
    found = set()
    for path in STEAM.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        holders = [("", tree), *((f"{node.name}.", node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
        for prefix, holder in holders:
            for function in ast.iter_child_nodes(holder):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    found |= {
                        f"{prefix}{function.name}" for node in ast.walk(function) if _is_of_a_client(node, method)
                    }
    return found


def _is_of_a_client(node: ast.AST, method: str) -> bool:
    """`client.METHOD`, whatever the client is called: those of the session and the link are named otherwise."""
    if not isinstance(node, ast.Attribute) or node.attr != method:
        return False
    whose = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
    return whose in {"client", "cls", "SteamClient", "_sessions"}


def test_each_request_of_the_client_is_listed_with_the_kind_of_command_by_which_it_leaves() -> None:
    public = {name for name in vars(SteamClient) if not name.startswith("_")}

    assert public - SENDS_NOTHING == set(REQUESTS), "a new request: say here by which kind of command it leaves"
    for name, (kind, _) in REQUESTS.items():
        if isinstance(kind, type):
            assert issubclass(kind, c.ReachesPlayer if name in REACHES else c.LeavesToSteam)
            assert issubclass(kind, c.ReachesPlayer) == (name in REACHES)


@pytest.mark.parametrize("method", REQUESTS)
def test_nobody_makes_a_request_but_whoever_carries_such_a_command_out(method: str) -> None:
    assert callers(method) == REQUESTS[method][1]


def test_a_client_is_had_for_a_command_that_leaves_to_steam_alone() -> None:
    handed = inspect.getsource(__import__("plugins.steam.actions", fromlist=["x"])).count(
        "self._connections.client(command)"
    )

    assert handed == 5, "one for each handler; no client is kept from one command to the next"


@pytest.mark.parametrize("context", [Context.INVITE, Context.CHAT, Context.REQUEST])
def test_what_steam_says_to_a_request_of_a_session_is_a_step_that_somebody_carries_out(context: Context) -> None:
    carried_out = {Step.PROCEED, Step.RETRY, Step.GIVE_UP, Step.RECONNECT}
    if context is Context.INVITE:
        carried_out.add(Step.HOLD_INVITES)
    if context is Context.REQUEST:
        carried_out.add(Step.STOP)
    if context is not Context.INVITE:
        carried_out.add(Step.HOLD_MESSAGES)

    for result in [*EResult, 999]:
        verdict = judge(context, result)
        assert verdict.step in carried_out, verdict
        if verdict.step is Step.RECONNECT:
            assert "signs in anew" in str(verdict)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, Fleet) as running:
        yield running


async def online(stage: Stage) -> Any:
    bot_id = await stage.world.execute(stage.add_command())
    await stage.until(lambda: stage.world.state.bots[bot_id].status == "connected")
    return bot_id


@pytest.mark.parametrize("result", [EResult.TRY_ANOTHER_CM, EResult.NOT_LOGGED_ON, EResult.NO_CONNECTION])
async def test_a_session_that_steam_does_not_serve_is_ended_and_the_bot_signs_in_anew_once(
    stage: Stage, result: int
) -> None:
    bot_id = await online(stage)
    stage.simulation.faults.switch_on(Fault(FaultKind.INVITE_RESULT, eresult=result, times=1))
    command = stage.requested(bot_id, stage.player(Temperament.NEVER))

    with pytest.raises(RefusedBySteam) as refused:
        await stage.world.execute(command)
    assert (refused.value.binds, refused.value.code) == (Binds.REQUEST, "steamBusy")
    await stage.until(lambda: stage.world.state.bots[bot_id].status != "connected")
    await stage.until(lambda: stage.world.state.bots[bot_id].status == "connected")

    await stage.world.execute(command)
    assert len(stage.world.happened(BotConnected)) == 2


async def test_a_busy_steam_costs_no_session(stage: Stage) -> None:
    bot_id = await online(stage)
    stage.simulation.faults.switch_on(Fault(FaultKind.INVITE_RESULT, eresult=EResult.SERVICE_UNAVAILABLE))
    with pytest.raises(RefusedBySteam, match="ServiceUnavailable") as refused:
        await stage.world.execute(stage.requested(bot_id, stage.player(Temperament.NEVER)))

    assert (refused.value.binds, refused.value.code) == (Binds.REQUEST, "steamBusy")
    assert refused.value.unable, "it says so itself"
    assert stage.world.state.bots[bot_id].status == "connected"


@pytest.mark.parametrize("result", [EResult.FAIL, EResult.INVALID_PARAM, 999])
async def test_a_result_that_says_nothing_is_a_refusal_of_the_invite_and_of_nobody(stage: Stage, result: int) -> None:
    bot_id = await online(stage)
    stage.simulation.faults.switch_on(Fault(FaultKind.INVITE_RESULT, eresult=result))
    with pytest.raises(RefusedBySteam) as refused:
        await stage.world.execute(stage.requested(bot_id, stage.player(Temperament.NEVER)))

    assert (refused.value.binds, refused.value.code) == (Binds.REQUEST, "inviteRefused")
    assert not refused.value.unable


async def test_a_withdrawal_has_ended_when_steam_shows_that_the_invite_is_gone(stage: Stage) -> None:
    bot_id = await online(stage)
    player = stage.player(Temperament.NEVER)
    await stage.world.execute(stage.requested(bot_id, player))
    await stage.until(lambda: stage.world.ctx.hooks.relationship(bot_id, player) == "invited")

    await stage.world.execute(c.WithdrawInvite(bot_id=bot_id, player=player))

    assert stage.world.ctx.hooks.relationship(bot_id, player) == "none"
    assert stage.world.happened(FriendRelationshipChanged)[-1].relationship == "none"


async def test_a_withdrawal_whose_connection_breaks_is_in_doubt(stage: Stage) -> None:
    bot_id = await online(stage)
    player = stage.player(Temperament.NEVER)
    await stage.world.execute(stage.requested(bot_id, player))
    await stage.until(lambda: stage.world.ctx.hooks.relationship(bot_id, player) == "invited")
    stage.simulation.faults.switch_on(Fault(FaultKind.STALL))
    taking_back = asyncio.create_task(stage.world.ctx.execute(c.WithdrawInvite(bot_id=bot_id, player=player)))
    await asyncio.sleep(0.05)
    assert not taking_back.done()

    stage.simulation.drop(stage.simulation.accounts.bots[0].login)

    with pytest.raises(InDoubt):
        await taking_back


async def test_a_message_that_a_session_does_not_take_ends_the_session_too(stage: Stage) -> None:
    bot_id = await online(stage)
    player = await stage.make_friends(bot_id)
    stage.simulation.faults.switch_on(Fault(FaultKind.CHAT_RESULT, eresult=EResult.NO_CONNECTION, times=1))
    message = c.DeliverMessage(
        chat_id=new_chat_id(), message_id=new_message_id(), bot_id=bot_id, player=player, text="hi"
    )

    with pytest.raises(RefusedBySteam):
        await stage.world.execute(message)
    await stage.until(lambda: len(stage.world.happened(BotConnected)) == 2)

    assert (await stage.world.execute(message)).steam_ts > 0
