"""A command that is interrupted, or whose answer is lost, is called off or known in the end, and carried out once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

import switchboard
from kernel import commands as c
from kernel.events import StopWordAdded, TaskCreated
from kernel.hookspecs import hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery
from kernel.testing import World
from switchboard import giving, link
from switchboard.giving import UnansweredCommands
from tests.notebooks.site import DEADLINE_S, serving, token_of, url_of
from tests.notebooks.test_client import TASK


class SlowDisk(Plugin[PluginConfig]):
    """Takes the journal's seat: events come to disk at once, but for the time that it is told to hold them."""

    @hookimpl
    async def recover(self, recovery: Recovery) -> None:
        self._commits = recovery.commits
        self._commits.take_charge(0)
        self.free = asyncio.Event()
        self.free.set()

    async def start(self) -> None:
        self.ctx.spawn(self._bring(), "bring to disk")

    async def _bring(self) -> None:
        while True:
            await self.free.wait()
            self._commits.advance(self.ctx.state.seq)
            await asyncio.sleep(0.002)


@asynccontextmanager
async def served() -> AsyncIterator[tuple[World, SlowDisk, str]]:
    """A world on such a disk, and a token."""
    async with serving(first=SlowDisk) as world:
        disk = world.plugin(SlowDisk)
        try:
            yield world, disk, token_of(world, "ben")
        finally:
            disk.free.set()


async def happened(world: World, count: int) -> None:
    """Return once so many tasks have been created."""
    async with asyncio.timeout(DEADLINE_S):
        while len(world.happened(TaskCreated)) < count:  # noqa: ASYNC110 - another process asks for it
            await asyncio.sleep(0.005)


CELL = """
import switchboard
sb = switchboard.connect_sync()
def cell():
    return sb.create_task(player="76561198000000001", item="x", price_min="1", price_max="2", currency="USD")
print("connected", flush=True)
try:
    cell()
except KeyboardInterrupt as interrupted:
    print(type(interrupted).__name__, interrupted, flush=True)
print(cell(), flush=True)
print(sb.execute.__self__._link.unanswered.find(None), flush=True)
"""


async def test_a_cell_that_is_interrupted_and_run_again_does_it_once() -> None:
    async with served() as (world, disk, token):
        environment = {**os.environ, "SWITCHBOARD_URL": url_of(world), "SWITCHBOARD_TOKEN": token}
        script = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CELL, env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert script.stdout is not None
        async with asyncio.timeout(DEADLINE_S):
            assert await script.stdout.readline() == b"connected\n"
            disk.free.clear()
            await happened(world, 1)
            script.send_signal(signal.SIGINT)
            told = (await script.stdout.readline()).decode()
            disk.free.set()
            (created,) = world.happened(TaskCreated)
            assert (await script.stdout.readline()).decode().strip() == created.task_id
            assert await script.stdout.readline() == b"None\n", "it is known by now"
            await script.wait()

        assert told.startswith("Interrupted CreateTask was interrupted before it was answered, so it is not known")
        assert "sb.ask_again('cmd_" in told
        assert len(world.happened(TaskCreated)) == 1


async def test_an_awaited_command_that_is_cancelled_is_asked_again_by_its_id(caplog: pytest.LogCaptureFixture) -> None:
    async with served() as (world, disk, token), await switchboard.connect(url_of(world), token) as sb:
        disk.free.clear()
        cell = asyncio.create_task(sb.create_task(**TASK))
        await happened(world, 1)
        cell.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await cell
        disk.free.set()
        (created,) = world.happened(TaskCreated)

        assert "it is not known whether it is carried out" in cancelled.value.__notes__[0]
        assert "sb.ask_again('cmd_" in caplog.text
        assert await sb.ask_again() == created.task_id
        assert len(world.happened(TaskCreated)) == 1
        with pytest.raises(switchboard.NothingToAsk, match="No command at all is without an answer"):
            await sb.ask_again()


def impatient(link: link.ServerLink, moment: str, patch: pytest.MonkeyPatch) -> None:
    """Whoever waits for an answer of that link is interrupted: before it leaves, or once it is answered."""
    submit = link.submit

    def submitted(work: Any) -> Future[Any]:
        if moment == "before":
            work.close()
        future = submit(work) if moment == "after" else Future()

        def result(timeout: float | None = None) -> object:
            if moment == "after":
                Future.result(future, DEADLINE_S)
            raise KeyboardInterrupt

        patch.setattr(future, "result", result, raising=False)
        return future

    patch.setattr(link, "submit", submitted)


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("before", "is called off: it had not left"),
        ("after", "was answered before it was interrupted: it is carried out"),
    ],
)
async def test_an_interrupted_command_that_is_known_about_says_so(
    moment: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchboard.requests.CALL_OFF_S", 0.01)
    async with serving() as world, await switchboard.connect(url_of(world), token_of(world, "ben")) as sb:
        blocking = sb.blocking()
        with monkeypatch.context() as patch, pytest.raises(switchboard.Interrupted, match=says) as interrupted:
            impatient(sb._link, moment, patch)
            await asyncio.to_thread(lambda: blocking.create_task(**TASK))

        assert len(world.happened(TaskCreated)) == (1 if moment == "after" else 0)
        with pytest.raises(switchboard.NothingToAsk):
            await asyncio.to_thread(blocking.ask_again, interrupted.value.command_id)


async def test_a_command_whose_answer_is_lost_can_be_asked_about_and_is_carried_out_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("switchboard.requests.PAUSE_S", 0.0)
    async with serving() as world, await switchboard.connect(url_of(world), token_of(world, "ben")) as sb:
        post, lost = sb._link.http.post, 3

        async def torn(*args: Any, **kwargs: Any) -> Any:
            nonlocal lost
            response = await post(*args, **kwargs)
            if lost:
                lost -= 1
                raise httpx.ReadError("the connection broke")
            return response

        monkeypatch.setattr(sb._link.http, "post", torn)
        with pytest.raises(switchboard.Unreachable, match=r"not known whether AddStopWord .* sb\.ask_again\('cmd_"):
            await sb.add_stop_word(word="qwertz")
        await sb.add_stop_word(word="qwertz")

        assert len(world.happened(StopWordAdded)) == 1
        completed = [event for event in world.events if event.kind == "command.completed"]
        assert len(completed) == 1


def test_the_same_command_is_the_same_one_only_where_one_was_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    unanswered, word = UnansweredCommands(), c.AddStopWord(word="enough")
    first, second = unanswered.begin(word, None), unanswered.begin(word, None)
    assert first.id != second.id, "two of the same at once are two"
    for one in (first, second):
        one.sent = True
        unanswered.leave(one)

    again = [unanswered.begin(c.AddStopWord(word="enough"), None) for _ in range(3)]
    assert [one.id for one in again[:2]] == [first.id, second.id]
    assert again[2].id not in {first.id, second.id}
    assert unanswered.begin(c.RemoveStopWord(word="enough"), None).id not in {first.id, second.id}
    again[0].answered = True
    for one in again:
        unanswered.leave(one)
    assert (unanswered.find(first.id), unanswered.find(second.id)) == (None, again[1]), "it may have left before"
    later = time.monotonic() + giving.KEPT_S + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert unanswered.find(second.id) is None
    assert unanswered.begin(word, None).id != second.id


REMOTE = "https://switchboard.example"


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"NO_PROXY": "[::1]", "ALL_PROXY": "http://127.0.0.1:1"}, "NO_PROXY in the environment cannot be read"),
        ({"no_proxy": "::1/128", "all_proxy": "http://127.0.0.1:1"}, "NO_PROXY in the environment cannot be read"),
        ({"NO_PROXY": "::1", "ALL_PROXY": "http://127.0.0.1:1"}, "Nobody answers at"),
        ({"ALL_PROXY": "socks5h://127.0.0.1:1"}, "Nobody answers at"),
        ({"ALL_PROXY": "socks://u:s3cret@127.0.0.1:1"}, "ALL_PROXY in the environment: no proxy"),
        ({"https_proxy": "http://u:s3cr#et@[::1"}, "HTTPS_PROXY in the environment: no proxy"),
        ({"ALL_PROXY": "http://127.0.0.1:99999"}, "Nobody answers at"),
        ({"SSL_CERT_FILE": "/nowhere.pem"}, "SSL_CERT_FILE: no certificates can be read there .No such file"),
        ({"SSL_CERT_FILE": "/dev/null"}, "SSL_CERT_FILE: no certificates can be read there"),
    ],
)
def test_an_environment_that_keeps_from_connecting_is_said_in_a_sentence_and_leaves_no_thread(
    environment: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("all_proxy", "http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(switchboard.Unreachable, match=says) as unreachable:
        switchboard.connect_sync(REMOTE, "swb_secret")

    assert "s3cr" not in str(unreachable.value)
    for thread in threading.enumerate():
        if thread.name == "switchboard":
            thread.join(DEADLINE_S)
            assert not thread.is_alive()


def test_a_socks_proxy_without_its_package_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(switchboard.Unreachable, match="ALL_PROXY: a SOCKS proxy needs the package socksio"):
        switchboard.connect_sync(REMOTE, "swb_secret")


def test_a_port_that_there_is_not_is_no_address() -> None:
    with pytest.raises(switchboard.Unreachable, match="is no address"):
        switchboard.connect_sync("http://127.0.0.1:99999", "swb_secret")
