"""Roles: which commands each may give, and what a viewer is not shown."""

from __future__ import annotations

import asyncio
from random import Random

import httpx
import pytest

from kernel.clock import DAY
from kernel.codes import Undeclared
from kernel.commands import COMMANDS
from kernel.events import (
    KINDS,
    BotAdded,
    BotAuthFailed,
    BotConnecting,
    BotDisconnected,
    ChatMessageReceived,
    ChatStarted,
    ErrorLogged,
    Event,
)
from kernel.ids import new_bot_id, new_chat_id, new_message_id
from kernel.roles import Role
from kernel.rows import Message, Row, Sender
from kernel.testing import NOON, FakeTransport
from plugins.api.auth.tokens import BearerToken, read
from plugins.api.stream import streams
from plugins.steam.codes import SteamReason
from plugins.team import Team
from tests.histories import history
from tests.plugins.api.client import DEADLINE_S, Mirror, Site, contents, serving
from tests.plugins.api.test_commands import Words

HOST = "proxy-7.example.net"


def test_every_public_command_of_the_kernel_says_whose_it_is() -> None:
    silent = [kind for kind, command in COMMANDS.items() if command.public and "role" not in vars(command)]

    assert not silent, "name the least role that may give it"


def test_each_role_may_what_the_one_before_it_may() -> None:
    assert [[one.may(other) for other in Role] for one in Role] == [
        [True, False, False, False, False],
        [True, True, False, False, False],
        [True, True, True, False, False],
        [True, True, True, True, False],
        [True, True, True, True, True],
    ]


async def test_a_command_above_ones_role_is_refused_by_name_and_does_nothing() -> None:
    async with serving(Words, FakeTransport) as site:
        async with site.member(Role.VIEWER, name="vera") as vera, site.member(Role.OPERATOR, name="olga") as olga:
            command = {"kind": "AddStopWord", "payload": {"word": "enough"}}
            refused = await vera.post("/api/command", json=command)
            assert site.world.state.contact.stop_words == ()
            assert (await olga.post("/api/command", json=command)).status_code == 200
            removal = await olga.post("/api/command", json={"kind": "RemoveBot", "payload": {"botId": "bot_1"}})

        assert refused.status_code == removal.status_code == 403
        assert refused.json()["error"] == {
            "code": "roleTooLow",
            "message": "AddStopWord takes the role operator or above; the role of operator:vera is viewer. "
            "An admin can change it.",
        }
        assert "RemoveBot takes the role developer" in removal.json()["error"]["message"]


async def test_what_a_viewer_has_read_is_not_seen_by_the_team() -> None:
    async with serving(Team, FakeTransport) as site:
        world, chat_id = site.world, new_chat_id()
        begun = ChatStarted(chat_id=chat_id, bot_id=world.add_bot(), player=world.player(), agent_enabled=False)
        line = Message(id=new_message_id(), sender=Sender.PLAYER, text="hi", ts=world.clock.now(), author="player:1")
        world.ctx.publish(begun)
        world.ctx.publish(ChatMessageReceived(chat_id=chat_id, message=line))
        mark = {"kind": "MarkRead", "payload": {"chatId": chat_id, "upTo": line.id}}

        async with site.member(Role.VIEWER, name="vera") as vera, site.member(Role.OPERATOR, name="olga") as olga:
            for command in (mark, {"kind": "MarkAllRead", "payload": {}}):
                assert (await vera.post("/api/command", json=command)).status_code == 403
            assert world.state.chats[chat_id].read == {}
            assert "operator:vera" not in world.state.operators
            assert (await olga.post("/api/command", json=mark)).status_code == 200
        assert world.state.chats[chat_id].read == {"operator:olga": line.id}


async def test_a_command_that_names_no_role_is_a_developers() -> None:
    async with serving(FakeTransport) as site, site.member(Role.OPERATOR) as olga:
        from tests.plugins.api.test_openapi import Wave

        site.world.ctx.handle(Wave, lambda command: f"task_{command.times}")
        wave = {"kind": "Wave", "payload": {"times": 3}}

        assert (await olga.post("/api/command", json=wave)).status_code == 403
        assert (await site.anna.post("/api/command", json=wave)).status_code == 200


async def everything_sent(site: Site, role: Role) -> tuple[str, Mirror]:
    """All that somebody of the role is sent while bots come, fail and go, as text and as a folded state."""
    bot, gone = new_bot_id(), new_bot_id()
    publish = site.world.ctx.publish
    for number, one in enumerate((bot, gone)):
        url = f"socks5h://user{number}:***@{HOST}:1080"
        publish(BotAdded(bot_id=one, steam_id64=site.world.player(), proxy_url=url))  # one bot before it comes
    why = f"the proxy http://{HOST}:1080 cannot be reached"
    publish(BotDisconnected(bot_id=bot, reason=SteamReason.PROXY_UNREACHABLE, detail=why))
    mirror, said = Mirror(), []
    async with site.member(role) as http, http.stream("GET", "/api/event-stream") as stream:
        lines = stream.aiter_lines()

        async def until(seq: int) -> None:
            event = ""
            async for line in lines:
                said.append(line)
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    mirror.take(event, line.removeprefix("data: "))
                if mirror.state.seq >= seq:
                    return

        async with asyncio.timeout(DEADLINE_S):
            await until(site.world.state.seq)
            later = BotAdded(bot_id=new_bot_id(), steam_id64=site.world.player(), proxy_url=f"http://{HOST}:8080")
            publish(later)
            publish(BotDisconnected(bot_id=gone, reason=SteamReason.PROXY_UNREACHABLE, detail=why))
            publish(BotConnecting(bot_id=bot))
            publish(BotAuthFailed(bot_id=bot, reason=Undeclared("proxy.refused"), detail=why, next_step=f"mend {HOST}"))
            publish(ErrorLogged(source="steam", message=f"no tunnel by {HOST}", detail=why))
            await until(site.world.state.seq)
    return "\n".join(said), mirror


async def test_a_viewer_is_never_sent_the_host_of_a_proxy_and_an_operator_is() -> None:
    async with serving(FakeTransport) as site:
        seen, mirror = await everything_sent(site, Role.VIEWER)
        assert HOST not in seen
        assert "socks5h" not in seen
        assert "proxy.unreachable" in seen, "the reason is told, as a code"
        assert len(mirror.state.bots) == 3

        seen, mirror = await everything_sent(site, Role.OPERATOR)
        assert HOST in seen
        assert mirror.cuts[site.world.state.seq] == contents(site.world.state)


async def test_a_viewers_state_is_the_servers_without_what_is_withheld_however_it_was_come_by() -> None:
    async with serving(FakeTransport) as site, site.member(Role.VIEWER) as http:
        early, late = Mirror(), Mirror()
        follow = [asyncio.create_task(early.follow(http))]
        for envelope in history(Random(11), 400):
            site.world.ctx.publish(envelope.payload, actor=envelope.actor)
            await asyncio.sleep(0)
        await early.reach(site.world.state.seq)
        follow.append(asyncio.create_task(late.follow(http)))
        await late.reach(site.world.state.seq)
        for task in follow:
            task.cancel()
        await asyncio.wait(follow)

        assert contents(early.state) == contents(late.state), "by events and by a snapshot alike"
        assert early.state.bots
        for key, bot in early.state.bots.items():
            assert (bot.proxy_url, bot.label) == ("", site.world.state.bots[key].label)


def test_whatever_may_name_a_proxy_is_withheld_from_viewers() -> None:
    structs: list[type[Row | Event]] = [*KINDS.values(), *Row.__subclasses__()]
    fields = [(one, name) for one in structs for name in one.__struct_fields__]

    assert not [one for one, name in fields if "proxy" in name and one.viewer_sees.get(name) != ""]
    assert all(name in one.__struct_fields__ for one, _ in fields for name in one.viewer_sees)
    bots = [one for one, name in fields if name in {"detail", "next_step"} and one.__name__.startswith("Bot")]
    assert bots
    assert all(one.viewer_sees for one in bots)


async def test_a_token_is_good_until_its_end_and_its_stream_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "REVOCATION_CHECK_S", 0.01)
    async with serving(FakeTransport) as site, site.member(Role.VIEWER, ends_at=NOON + DAY) as http:
        async with asyncio.timeout(DEADLINE_S), http.stream("GET", "/api/event-stream") as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            await site.world.clock.advance(DAY - 1)
            assert (await http.get("/api/session")).json() == {
                "actor": "operator:viewer",
                "role": "viewer",
                "by": "token",
            }
            await site.world.clock.advance(1)
            with pytest.raises(httpx.HTTPError):
                async for _ in lines:
                    pass
        late = await http.get("/api/session")
        assert (late.status_code, late.json()["error"]["code"]) == (401, "unauthorized")


async def test_a_token_from_before_there_were_roles_may_what_it_could_do_then() -> None:
    async with serving(FakeTransport) as site:
        (entry,) = read(site.tokens)
        old = f'[{{"name":"anna","kind":"operator","sha256":"{entry.sha256}","createdAt":0}}]'
        site.tokens.write_text(old)

        assert read(site.tokens) == (BearerToken(name="anna", kind=entry.kind, sha256=entry.sha256, created_at=0),)
        assert (await site.anna.get("/api/session")).json()["role"] == "developer"


async def test_one_caller_has_only_so_many_streams_and_the_others_theirs() -> None:
    async with serving(FakeTransport, max_streams_each=1) as site, site.member(Role.VIEWER) as vera:
        async with site.anna.stream("GET", "/api/event-stream") as first:
            await anext(first.aiter_lines())
            more = await site.anna.get("/api/event-stream")
            async with vera.stream("GET", "/api/event-stream") as other:
                assert other.status_code == 200

        assert (more.status_code, more.json()["error"]["code"]) == (429, "tooManyStreams")
        assert "operator:anna has 1 event streams already" in more.json()["error"]["message"]
