"""Commands over HTTP: one answer for each, in one shape, and never carried out twice by mistake."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest

from kernel import commands as c
from kernel.codes import KernelRefusal, Undeclared
from kernel.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable
from kernel.events import CommandCompleted, StopWordAdded, StopWordRemoved
from kernel.hookspecs import Rejection, hookimpl
from kernel.ids import TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role
from kernel.testing import FakeTransport, idle
from plugins.api import commands
from plugins.api.http import bodies
from plugins.dialogue.codes import DialogueRefusal
from plugins.tasks import Tasks
from tests.plugins.api.client import DEADLINE_S, Site, serving

TASK = {
    "playerSteamId64": "76561198000000001",
    "item": "AK-47 | Redline",
    "priceMin": "10.00",
    "priceMax": "12.50",
    "currency": "USD",
}


NO_COMMANDS: Final[list[tuple[bytes, int, str, str | None]]] = [
    (b"", 400, "invalidJson", None),
    (b"{", 400, "invalidJson", None),
    (b"\xff\xfe", 400, "invalidJson", None),
    (b'{"kind":"AddStopWord","payload":{"word":"\xff"}}', 400, "invalidJson", None),
    (b'{"kind":"AddStopWord","payload":{"word":"\\ud800!"}}', 400, "invalidJson", None),
    (b'{"kind":"AddStopWord","payload":{"a":' + b"[" * 100_000, 400, "invalidJson", None),
    (b"[]", 400, "invalidEnvelope", None),
    (b'{"payload":{}}', 400, "invalidEnvelope", "kind"),
    (b'{"kind":"AddStopWord"}', 400, "invalidEnvelope", "payload"),
    (b'{"kind":7,"payload":{}}', 400, "invalidEnvelope", "kind"),
    (b'{"kind":"AddStopWord","payload":{"word":"no"},"actor":"operator:eve"}', 400, "invalidEnvelope", "actor"),
    (b'{"kind":"AddStopWord","payload":{"word":"no"},"id":""}', 400, "invalidEnvelope", "id"),
    (b'{"kind":"AddStopWord","payload":{"word":"no"},"id":"a b"}', 400, "invalidEnvelope", "id"),
    (b'{"kind":"AddStopWord","payload":{"word":"no"},"id":"' + b"x" * 65 + b'"}', 400, "invalidEnvelope", "id"),
    (b'{"kind":"MakeTea","payload":{}}', 400, "unknownCommand", "kind"),
    (b'{"kind":"SendInvite","payload":{}}', 400, "unknownCommand", "kind"),
    (b'{"kind":"AddStopWord","payload":{}}', 400, "invalidCommand", "word"),
    (b'{"kind":"AddStopWord","payload":{"word":"no","x":1}}', 400, "invalidCommand", "x"),
    (b'{"kind":"AddStopWord","payload":{"word":"n"}}', 400, "invalidCommand", "word"),
    (b'{"kind":"AddStopWord","payload":[]}', 400, "invalidCommand", None),
    (b'{"kind":"PauseContact","payload":{}}', 503, "noHandler", None),
    (b'{"kind":"AddStopWord","payload":{"word":"' + b"x" * 262_144 + b'"}}', 413, "tooLarge", None),
    (b"x" * 3_000_000, 413, "tooLarge", None),
]


class Words(Plugin[PluginConfig]):
    """Takes stop words, as soon as the gate is open; refuses what it is told to refuse."""

    refuses: Exception | None = None
    holds: Callable[[], Awaitable[object]] | None = None

    async def start(self) -> None:
        self.ctx.handle(c.AddStopWord, self.add)
        self.ctx.handle(c.RemoveStopWord, self.remove)

    async def add(self, command: c.AddStopWord) -> None:
        if self.holds is not None:
            await self.holds()
        if self.refuses is not None:
            raise self.refuses
        self.ctx.publish(StopWordAdded(word=command.word))

    def remove(self, command: c.RemoveStopWord) -> None:
        self.ctx.publish(StopWordRemoved(word=command.word))


class Guard(Plugin[PluginConfig]):
    """Objects to every task, for a minute."""

    @hookimpl
    def admit(self, command: c.Command[Any]) -> Rejection | None:
        return (
            Rejection("Ask in a minute.", Undeclared("tooSoon"), 59_001) if isinstance(command, c.CreateTask) else None
        )


async def test_what_a_command_creates_is_answered_with_its_id_and_the_events_say_who_asked() -> None:
    async with serving(Tasks) as site:
        answer = await site.command("CreateTask", TASK)

        (task,) = site.world.state.tasks.values()
        assert (answer.status_code, answer.json()) == (200, {"ok": True, "id": task.id})
        assert task.created_by == "operator:anna"
        assert (await site.command("DisposeTask", {"taskId": task.id})).json() == {"ok": True}


async def test_a_dry_run_says_what_would_be_refused_and_carries_nothing_out() -> None:
    async with serving(Tasks, Guard) as site:
        seq = site.world.state.seq
        objected = await site.command("CreateTask", TASK, dryRun=True)
        unknown = await site.command("DisposeTask", {"taskId": "task_1"}, dryRun=True)
        malformed = await site.command("DisposeTask", {}, dryRun=True)

        assert (objected.status_code, objected.json()["error"]["code"]) == (429, "tooSoon")
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknownTask")
        assert (malformed.status_code, malformed.json()["error"]["code"]) == (400, "invalidCommand")
        assert site.world.state.seq == seq

    async with serving(Tasks) as site:
        fine = await site.command("CreateTask", TASK, dryRun=True, id="cmd_1")

        assert (fine.status_code, fine.json()) == (200, {"ok": True})
        assert not site.world.state.tasks
        assert not site.world.state.commands


async def test_an_answer_says_by_which_event_everything_has_happened_that_its_command_caused() -> None:
    async with serving(Tasks) as site:
        answer = await site.command("CreateTask", TASK)

        (created,) = [e for e in site.world.events if e.kind == "task.created"]
        assert int(answer.headers["switchboard-seq"]) >= created.seq


async def test_the_same_command_id_is_carried_out_once_and_answered_the_same() -> None:
    async with serving(Tasks) as site:
        first = await site.command("CreateTask", TASK, id="cmd_01h455vb4pex5vsknk084sn02q")
        again = await site.command("CreateTask", TASK, id="cmd_01h455vb4pex5vsknk084sn02q")

        assert first.json() == again.json() == {"ok": True, "id": next(iter(site.world.state.tasks))}
        other = await site.command("DisposeTask", {"taskId": "task_1"}, id="cmd_01h455vb4pex5vsknk084sn02q")
        assert (other.status_code, other.json()["error"]["code"]) == (409, "idReused")


async def test_an_id_under_way_is_refused_to_another_payload_and_another_actor_and_a_dry_run_says_so() -> None:
    async with serving(Words, FakeTransport) as site, site.member(Role.ADMIN, name="olga") as olga:
        gate = asyncio.Event()
        site.world.plugin(Words).holds = gate.wait
        first = asyncio.create_task(site.command("AddStopWord", {"word": "enough"}, id="cmd_1"))
        await in_flight(site, 1)

        body = {"kind": "AddStopWord", "payload": {"word": "enough"}, "id": "cmd_1"}
        for dry in (True, False):
            other = await site.command("AddStopWord", {"word": "basta"}, id="cmd_1", dryRun=dry)
            stranger = await olga.post("/api/command", json={**body, "dryRun": dry})
            for answer in (other, stranger):
                assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idReused")
        assert (await site.command("AddStopWord", {"word": "enough"}, id="cmd_1", dryRun=True)).json() == {"ok": True}
        gate.set()

        assert (await first).json() == {"ok": True}
        assert [event.word for event in site.world.happened(StopWordAdded)] == ["enough"]


async def test_the_same_command_twice_at_once_is_carried_out_once() -> None:
    async with serving(Words, FakeTransport) as site:
        gate = asyncio.Event()
        site.world.plugin(Words).holds = gate.wait
        both = asyncio.gather(*(site.command("AddStopWord", {"word": "enough"}, id="cmd_1") for _ in range(2)))
        await in_flight(site, 2)
        gate.set()

        assert [answer.json() for answer in await both] == [{"ok": True}] * 2
        assert len(site.world.happened(StopWordAdded)) == 1
        assert len(site.world.happened(CommandCompleted)) == 1


async def test_a_client_that_hangs_up_does_not_take_its_command_back() -> None:
    async with serving(Words, FakeTransport) as site:
        gate, begun = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            begun.set()
            await gate.wait()

        site.world.plugin(Words).holds = hold
        _, writer = await site.connect()
        body = b'{"kind":"AddStopWord","payload":{"word":"enough"},"id":"cmd_1"}'
        writer.write(request(site, body))
        async with asyncio.timeout(DEADLINE_S):
            await begun.wait()
        writer.transport.abort()
        for _ in range(3):  # by then the server has long heard of it
            await site.anna.get("/healthz")
        gate.set()
        await idle()

        assert site.world.happened(CommandCompleted), "the command went on"
        assert (await site.command("AddStopWord", {"word": "enough"}, id="cmd_1")).json() == {"ok": True}
        assert len(site.world.happened(StopWordAdded)) == 1


async def test_a_command_whose_body_never_ends_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.05)
    async with serving(Words, FakeTransport, max_commands=1) as site:
        reader, writer = await site.connect()
        writer.write(request(site, b'{"kind":', length=100))
        async with asyncio.timeout(DEADLINE_S):
            answer = await reader.readuntil(b"}")

        assert b"HTTP/1.1 408" in answer
        assert b'"code":"bodyTimeout"' in answer
        writer.close()
        _, writer = await site.connect()
        writer.write(request(site, b'{"kind":', length=100))
        await writer.drain()
        writer.close()  # in the midst of the body
        assert (await site.command("AddStopWord", {"word": "enough"})).json() == {"ok": True}


async def test_a_command_that_is_not_one_is_answered_with_what_is_wrong_and_changes_nothing() -> None:
    async with serving(Words, FakeTransport) as site:
        seq = site.world.state.seq
        for body, status, code, field in NO_COMMANDS:
            answer = await site.anna.post("/api/command", content=body)

            found = (answer.status_code, problem(answer)["code"], problem(answer).get("field"))
            assert found == (status, code, field), body[:80]
        assert site.world.state.seq == seq


async def test_a_refusal_has_its_status_its_sentence_and_its_patience() -> None:
    refusals = [
        (Forbidden(KernelRefusal.PERSONS_ONLY, "Only a person may."), 403, None),
        (NotFound(KernelRefusal.UNKNOWN_BOT, "There is no such bot.", field="botId"), 404, None),
        (Conflict(DialogueRefusal.ALREADY_TAKEN, "Boris has it."), 409, None),
        (Rejected(KernelRefusal.DO_NOT_CONTACT, "They asked to be left alone."), 409, None),
        (Rejected(KernelRefusal.FLEET_INVITE_LIMIT, "Wait.", retry_after=1_001), 429, "2"),
        (Unavailable(KernelRefusal.BOT_OFFLINE, "The bot is away.", retry_after=1), 503, "1"),
    ]
    async with serving(Words, FakeTransport) as site:
        for refusal, status, retry_after in refusals:
            site.world.plugin(Words).refuses = refusal
            answer = await site.command("AddStopWord", {"word": "enough"})

            assert answer.status_code == status
            assert answer.headers.get("retry-after") == retry_after
            expected: dict[str, object] = {"code": refusal.code, "message": refusal.message}
            optional = {"field": refusal.field, "retryAfter": refusal.retry_after}
            expected |= {name: value for name, value in optional.items() if value is not None}
            assert answer.json() == {"ok": False, "error": expected}


async def test_a_guard_is_asked_about_commands_from_outside_too() -> None:
    async with serving(Guard, Tasks) as site:
        answer = await site.command("CreateTask", TASK)

        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        assert problem(answer) == {"code": "tooSoon", "message": "Ask in a minute.", "retryAfter": 59_001}


async def test_a_bug_in_a_handler_says_whose_and_nothing_from_inside() -> None:
    async with serving(Words, FakeTransport) as site:
        site.world.plugin(Words).refuses = KeyError("s3cret")
        answer = await site.command("AddStopWord", {"word": "enough"})

        assert (answer.status_code, problem(answer)["code"]) == (500, "handlerFailed")
        assert "s3cret" not in answer.text
        assert "KeyError" not in answer.text


async def test_a_command_that_the_disk_does_not_take_is_not_answered_ok() -> None:
    async with serving(Words, FakeTransport) as site:
        site.world.system.commits.take_charge(site.world.state.seq)
        site.world.system.commits.fail("No space left on device")
        answer = await site.command("AddStopWord", {"word": "enough"})

        assert (answer.status_code, problem(answer)["code"]) == (503, "notDurable")


async def test_no_answer_comes_before_the_events_are_on_disk() -> None:
    async with serving(Words, FakeTransport) as site:
        commits, state = site.world.system.commits, site.world.state
        commits.take_charge(state.seq)
        answer = asyncio.create_task(site.command("AddStopWord", {"word": "enough"}))
        await in_flight(site, 1)
        assert state.contact.stop_words == ("enough",)
        await site.anna.get("/healthz")
        assert not answer.done()

        commits.advance(state.seq)
        assert (await answer).json() == {"ok": True}


async def test_only_so_many_commands_are_under_way() -> None:
    async with serving(Words, FakeTransport, max_commands=2) as site:
        gate = asyncio.Event()
        site.world.plugin(Words).holds = gate.wait
        waiting = [asyncio.create_task(site.command("AddStopWord", {"word": f"word {n}"})) for n in range(2)]
        await in_flight(site, 2)
        refused = await site.command("RemoveStopWord", {"word": "enough"})
        gate.set()

        assert (refused.status_code, problem(refused)["code"]) == (503, "tooManyCommands")
        assert refused.headers["retry-after"] == "1"
        assert [(await answer).status_code for answer in waiting] == [200, 200]
        assert (await site.command("RemoveStopWord", {"word": "enough"})).status_code == 200


async def test_a_command_that_a_stop_interrupts_may_have_happened_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "CLOSING_S", 0.01)
    async with serving(Words, FakeTransport) as site:
        site.world.plugin(Words).holds = asyncio.Event().wait
        answer = asyncio.create_task(site.command("AddStopWord", {"word": "enough"}, id="cmd_1"))
        await in_flight(site, 1)
        await site.world.system.host.disable("api")

        assert ((await answer).status_code, problem(await answer)["code"]) == (504, "stopping")
        assert "same id" in problem(await answer)["message"]


async def test_a_plugins_own_command_can_be_given_like_any_other() -> None:
    class Wave(c.Command[TaskId], frozen=True, kw_only=True):
        """Say hello."""

        times: int

    async with serving(Words, FakeTransport) as site:
        site.world.ctx.handle(Wave, lambda command: TaskId(f"task_{command.times}"))

        assert (await site.command("Wave", {"times": 3})).json() == {"ok": True, "id": "task_3"}


def request(site: Site, body: bytes, *, length: int | None = None) -> bytes:
    head = f"POST /api/command HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {site.token}\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % (length or len(body)) + body


def problem(answer: httpx.Response) -> dict[str, Any]:
    body = answer.json()
    assert body["ok"] is False
    assert answer.headers["content-type"] == "application/json"
    return dict(body["error"])


async def in_flight(site: Site, count: int) -> None:
    """Return when so many commands are being carried out."""
    async with asyncio.timeout(DEADLINE_S):
        while (await site.anna.get("/healthz")).json()["commands"] < count:
            pass
    await idle()
