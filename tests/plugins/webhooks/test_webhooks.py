"""Other systems are told what happens: signed, once or more under one id, and with nobody's words unless asked for."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kernel.config import check
from kernel.errors import ConfigInvalid
from kernel.events import (
    AuditRecorded,
    BotAdded,
    ChatMessageReceived,
    ChatStarted,
    ContactPaused,
    ContactResumed,
    PlayerPersonaChanged,
    PluginQuarantined,
)
from kernel.findings import findings
from kernel.ids import SteamId64, new_bot_id, new_chat_id, new_message_id
from kernel.personas import Persona
from kernel.rows import Message, Sender
from kernel.testing import World
from kernel.testing.world import idle
from plugins.journal import Journal
from plugins.webhooks import Webhooks
from plugins.webhooks.codes import DisabledBecause
from plugins.webhooks.commands import DisableWebhook, RedeliverWebhook, ResumeWebhook, SendTestWebhook
from plugins.webhooks.endpoint_file import EndpointFile
from plugins.webhooks.events import WebhookDisabled, WebhookEventsSkipped
from plugins.webhooks.rows import DISABLED
from plugins.webhooks.secrets_file import SecretsFile
from plugins.webhooks.signing import key_of
from tests.plugins.webhooks.receivers import Got, Receiver, receiver, status

PATH = "/hook/T0PSECRETPATH"
ADMIN = "operator:root"


def world(server: Receiver, data: Path, endpoint: Mapping[str, Any] | None = None, **settings: Any) -> World:
    """One endpoint, `crm`, at that server; one message at a time, so that they come in order."""
    crm = {"url": f"http://127.0.0.1:{server.port}{PATH}", "kinds": ["*"], **(endpoint or {})}
    table = {"allowed_networks": ["127.0.0.0/8"], "at_once": 1, "endpoints": {"crm": crm}, **settings}
    return World(Journal, Webhooks, data=data, config={"webhooks": table})


def secret(data: Path) -> str:
    (data / "webhooks").mkdir(parents=True, exist_ok=True)
    return SecretsFile(data / "webhooks").renew("crm", 0, 0)


def checks(got: Got, made: str) -> bool:
    """What a receiver does with the standard's libraries."""
    content = f"{got.id}.{got.headers['webhook-timestamp']}.".encode() + got.body
    digest = base64.b64encode(hmac.digest(key_of(made), content, "sha256")).decode()
    return f"v1,{digest}" in got.headers["webhook-signature"].split(" ")


def everything(data: Path) -> str:
    """All files that the system has left, but the one of the secrets."""
    files = [path for path in data.rglob("*") if path.is_file() and path.name != "secrets.json"]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


async def test_what_happens_is_told_signed_and_no_secret_is_anywhere_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = secret(tmp_path)
    async with receiver() as server, world(server, tmp_path, {"kinds": ["contact.*"]}) as running:
        running.ctx.publish(ContactPaused(reason="maintenance"), actor="operator:anna")
        running.ctx.publish(ContactResumed())
        paused, resumed = await server.until(2)
        server.answers = [status(500, body=b"no")]
        refused = await running.refusal(SendTestWebhook(endpoint="crm"), actor=ADMIN, late=True)
        await running.execute(SendTestWebhook(endpoint="crm"), actor=ADMIN)
        panel, health = running.plugin(Webhooks).panel(), running.plugin(Webhooks).health()
        events = [repr(envelope) for envelope in running.events]

    assert paused.content["type"] == "contact.paused" and paused.content["data"]["payload"] == {"reason": "maintenance"}
    assert (
        paused.content["timestamp"] == "2026-01-01T12:00:00.000Z" and paused.content["data"]["actor"] == "operator:anna"
    )
    assert paused.id != resumed.id and paused.path == PATH
    assert all(checks(got, made) for got in server.got) and len(server.got) == 4
    assert server.got[-1].content["type"] == "webhooks.test"
    assert refused.code == "webhookFailed" and "500" in refused.message
    said = "\n".join((everything(tmp_path), caplog.text, repr(panel), repr(health), *events, refused.message))
    for hidden in (made, made.removeprefix("whsec_"), "T0PSECRETPATH"):
        assert hidden not in said
    assert f"http://127.0.0.1:{server.port}" in repr(panel)


async def test_without_the_setting_nothing_connects_to_this_machine(tmp_path: Path) -> None:
    secret(tmp_path)
    async with receiver() as server, world(server, tmp_path, allowed_networks=[]) as running:
        running.ctx.publish(ContactPaused(reason=None))
        refused = await running.refusal(SendTestWebhook(endpoint="crm"), actor=ADMIN, late=True)

        assert "privateAddress" in refused.message and server.connections == 0


SAID = {
    "bot.added",
    "chat.started",
    "chat.messageReceived",
    "player.personaChanged",
    "plugin.quarantined",
    "contact.paused",
}


def said(world: World) -> None:
    """A player writes, is renamed, and a bot with a proxy is added."""
    bot, chat, player = new_bot_id(), new_chat_id(), SteamId64("76561198000000001")
    proxy = "socks5h://anna:hunter22@10.0.0.1:1080"
    world.ctx.publish(BotAdded(bot_id=bot, steam_id64=SteamId64("76561199000000001"), proxy_url=proxy, label="mine"))
    world.ctx.publish(ChatStarted(chat_id=chat, bot_id=bot, player=player, agent_enabled=False))
    message = Message(
        id=new_message_id(),
        sender=Sender.PLAYER,
        text="my card is 4111",
        ts=world.clock.now(),
        author=f"player:{player}",
        delivery=None,
    )
    world.ctx.publish(ChatMessageReceived(chat_id=chat, message=message), actor=f"player:{player}")
    world.ctx.publish(PlayerPersonaChanged(player=player, persona=Persona(name="card 4111 guy")))
    world.ctx.publish(PluginQuarantined(name="assigner", detail="saw 4111"))
    world.ctx.publish(AuditRecorded(action="SignIn", result="ok", address="192.0.2.9", via="token anna"))
    world.ctx.publish(ContactPaused(reason=None))


@pytest.mark.parametrize("words", [False, True])
async def test_players_words_are_left_out_unless_they_are_asked_for(words: bool, tmp_path: Path) -> None:
    secret(tmp_path)
    async with receiver() as server, world(server, tmp_path, {"words": words}) as running:
        said(running)
        while not {got.content["type"] for got in server.got} >= SAID:
            await server.until(len(server.got) + 1)

    bodies = {got.content["type"]: got for got in server.got}
    text = b"\n".join(got.body for got in server.got).decode()
    assert ("4111" in text) is words
    assert bodies["chat.messageReceived"].content["data"]["payload"]["message"]["from"] == "player"
    assert bodies["plugin.quarantined"].content["data"]["payload"]["name"] == "assigner"
    assert "hunter22" not in text and "192.0.2.9" not in text, "what a viewer does not see is sent nowhere"
    assert "audit.recorded" not in bodies


async def test_an_endpoint_without_a_secret_is_sent_nothing_and_all_of_it_once_there_is_one(tmp_path: Path) -> None:
    async with receiver() as server, world(server, tmp_path, {"kinds": ["contact.paused"]}) as running:
        running.ctx.publish(ContactPaused(reason=None))
        refused = await running.refusal(SendTestWebhook(endpoint="crm"), actor=ADMIN)
        assert refused.code == "webhookUnsigned" and server.connections == 0
        made = secret(tmp_path)
        await running.execute(ResumeWebhook(endpoint="crm"), actor=ADMIN)
        (got,) = await server.until(1)
        assert checks(got, made)


async def test_what_was_not_taken_before_a_stop_comes_after_the_start_under_the_same_id(tmp_path: Path) -> None:
    secret(tmp_path)
    contact = {"kinds": ["contact.*"]}
    async with receiver() as server:
        async with world(server, tmp_path, contact, at_once=1) as running:
            server.answers = [b""] * 3
            running.ctx.publish(ContactPaused(reason=None))
            running.ctx.publish(ContactResumed())
            (first,) = await server.until(1)
        async with world(server, tmp_path, contact, at_once=1) as running:
            await running.clock.advance(1)
            await server.until(2)
            server.answers = []
            await running.execute(ResumeWebhook(endpoint="crm"), actor=ADMIN)
            got = await server.until(4)
            ids = [one.id for one in got]
            assert ids[0] == ids[1] == ids[2] == first.id and ids[3] != first.id

            seq = got[3].content["data"]["seq"]
            await running.execute(RedeliverWebhook(endpoint="crm", seq=seq), actor=ADMIN)
            assert (server.got[-1].id, server.got[-1].body) == (got[3].id, got[3].body)
            for other in (1, 0, -5, seq + 10_000):
                refused = await running.refusal(RedeliverWebhook(endpoint="crm", seq=other), actor=ADMIN, late=True)
                assert refused.code == "unknownEvent"


async def test_one_that_keeps_failing_is_switched_off_told_and_measured_and_goes_on_when_it_is_resumed(
    tmp_path: Path,
) -> None:
    secret(tmp_path)
    async with receiver() as server:
        async with world(server, tmp_path, {"kinds": ["contact.*"]}, failures=2) as running:
            server.answers = [status(500), status(302, "location: http://169.254.169.254/")]
            running.ctx.publish(ContactPaused(reason=None))
            await server.until(1)
            await _until_disabled(running)
            (told,) = running.happened(WebhookDisabled)
            assert (told.endpoint, told.reason, told.failures) == ("crm", DisabledBecause.FAILING, 2)
            assert len(server.got) == 2
            measured = {one.name: one.samples for one in running.plugin(Webhooks).measures()}
            assert measured["webhooks_endpoints_disabled"] == {(): 1}
            assert measured["webhooks_attempts_total"][("redirected",)] == 1
            running.ctx.publish(ContactResumed())
        async with world_again(server, tmp_path) as running:
            await running.clock.advance(5_000)
            assert len(server.got) == 2, "it stays off after a restart"
            await running.execute(ResumeWebhook(endpoint="crm"), actor=ADMIN)
            got = await server.until(4)
            assert [one.content["type"] for one in got[2:]] == ["contact.paused", "contact.resumed"]
            assert not running.plugin(Webhooks).ctx.rows(DISABLED)

            await running.execute(DisableWebhook(endpoint="crm"), actor=ADMIN)
            running.ctx.publish(ContactPaused(reason=None))
            await running.execute(ResumeWebhook(endpoint="crm", from_now=True), actor=ADMIN)
            running.ctx.publish(ContactResumed())
            got = await server.until(5)
            assert [one.content["type"] for one in got[4:]] == ["contact.resumed"], "what was passed over is told"
            assert len(running.happened(WebhookEventsSkipped)) == 1


def world_again(server: Receiver, data: Path) -> World:
    return world(server, data, {"kinds": ["contact.*"]})


async def _until_disabled(running: World) -> None:
    disabled = running.ctx.stream(WebhookDisabled)
    while not running.plugin(Webhooks).endpoints["crm"].retry_at:
        await idle(1)
    await running.clock.advance(5_000)
    async for _ in disabled:
        return


async def test_another_endpoint_is_refused_by_name(tmp_path: Path) -> None:
    async with receiver() as server, world(server, tmp_path) as running:
        for command in (SendTestWebhook(endpoint="x"), ResumeWebhook(endpoint="x"), DisableWebhook(endpoint="x")):
            assert (await running.refusal(command, actor=ADMIN)).code == "unknownEndpoint"


async def test_a_journal_that_was_put_back_to_an_earlier_state_is_noticed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret(tmp_path)
    async with receiver() as server:
        async with world_again(server, tmp_path) as running:
            running.ctx.publish(ContactPaused(reason="a"))
            await server.until(1)
            seq = running.state.seq
            kept = EndpointFile(tmp_path / "webhooks", "crm", logging.getLogger())
            while (progress := await asyncio.to_thread(kept.read)) is None or progress.cursor.seq < seq:
                await idle(1)
        for path in (tmp_path / "journal").iterdir():
            path.unlink()
        async with world_again(server, tmp_path) as running:
            assert running.state.seq < seq and "another than it followed" in caplog.text
            running.ctx.publish(ContactPaused(reason="b"))
            got = await server.until(2)
            assert got[1].content["data"]["payload"] == {"reason": "b"} and got[1].id != got[0].id


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ({"url": "ftp://crm.example/", "kinds": ["*"]}, "url: must be an https address"),
        ({"url": "https://a:hunter22@crm.example/", "kinds": ["*"]}, "url: must have no user"),
        ({"url": "https://crm.example/", "kinds": []}, "kinds: name at least one"),
        ({"url": "https://crm.example/", "kinds": ["task"]}, "kinds: 'task' is none"),
    ],
)
def test_a_config_that_cannot_be_is_refused_in_words(endpoint: Mapping[str, Any], says: str) -> None:
    document = {"kernel": {"plugins": ["webhooks"]}, "webhooks": {"endpoints": {"crm": endpoint}}}
    with pytest.raises(ConfigInvalid) as refused:
        check(document, {"webhooks": Webhooks})
    assert says in str(refused.value) and "hunter22" not in str(refused.value)


def test_what_cannot_work_is_found_before_a_start() -> None:
    crm = {"url": "env:NO_SUCH_URL", "kinds": ["task.sold", "audit.recorded", "task.*", "desk.rung"]}
    document = {"kernel": {"plugins": ["webhooks"]}, "webhooks": {"endpoints": {"crm": crm}}}
    available: Any = {"webhooks": Webhooks}
    found = [one for one in findings(check(document, available), available) if one.startswith("[webhooks]")]

    assert [one.partition(":")[0] for one in found] == [
        "[webhooks] endpoints.crm.url", "[webhooks] endpoints.crm.kinds", "[webhooks] endpoints.crm.kinds",
    ]  # fmt: skip
