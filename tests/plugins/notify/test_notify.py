"""People are told what needs them, once, at a bearable pace, and never in a player's words unless they asked for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kernel.clock import MINUTE
from kernel.config import check
from kernel.errors import ConfigInvalid
from kernel.events import (
    BotAuthFailed,
    ChatAgentToggled,
    ChatMessageReceived,
    ChatStarted,
    ContactPaused,
    PluginQuarantined,
    TaskAssigned,
    TaskStatusChanged,
)
from kernel.findings import findings
from kernel.ids import ChatId, TaskId, new_chat_id, new_message_id
from kernel.rows import AgentOffReason, Message, Sender, TaskStatus
from kernel.testing import FakeTransport, World
from plugins.journal import Journal
from plugins.notify import Notify
from plugins.notify.codes import SendFault, Severity
from plugins.notify.commands import SendTestNotification
from plugins.notify.config import NotifyConfig
from plugins.notify.events import NotifyTargetFailed
from plugins.notify.wording import Notice
from plugins.steam.codes import SteamReason
from plugins.tasks import Tasks
from tests.plugins.webhooks.test_webhooks import everything

URL = "tgram://123456789:SECRETKEY/42"
ADMIN = "operator:root"


class Phone:
    """Takes the courier's seat: what it is given, and how it answers."""

    def __init__(self) -> None:
        self.got: list[Notice] = []
        self.urls: list[str] = []
        self.fault: SendFault | None = None

    async def send(self, url: str, notice: Notice, severity: Severity) -> SendFault | None:
        self.urls.append(url)
        if self.fault is None:
            self.got.append(notice)
        return self.fault

    @property
    def titles(self) -> list[str]:
        return [one.title.removeprefix("Switchboard: ") for one in self.got]


@pytest.fixture
def url_file(tmp_path: Path) -> Path:
    path = tmp_path / "phone-url"
    path.write_text(URL)
    path.chmod(0o600)
    return path


@pytest.fixture(autouse=True)
async def one_thread() -> None:
    """What is asked of the disk is done in order, so that waiting for the last is waiting for all."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))


def world(url_file: Path, phone: Phone, target: dict[str, Any] | None = None, **settings: Any) -> World:
    class Phoned(Notify):
        def make_courier(self, config: NotifyConfig) -> Phone:
            return phone

    table = {
        "public_url": "https://pm.example",
        "targets": {"phone": {"url": f"file:{url_file}", **(target or {})}},
        **settings,
    }
    data, config = url_file.parent / "data", {"notify": table}
    return World(Journal, FakeTransport, Tasks, data=data, config=config, named={"notify": Phoned})


async def until(running: World, reached: Callable[[], bool], seconds: int = 300) -> None:
    """Let seconds pass until it is so; what the disk is asked for is done within each."""
    for _ in range(seconds):
        if reached():
            return
        await running.clock.advance(1_000)
        await running.ctx.committed()
        await asyncio.to_thread(str)
    raise AssertionError("not reached")


async def pass_by(running: World, minutes: int) -> None:
    """Let minutes pass in which nothing should happen."""
    for _ in range(4 * minutes):
        await running.clock.advance(MINUTE // 4)
        await asyncio.to_thread(str)


def talk(running: World, text: str = "my card is 4111") -> ChatId:
    """A player writes in a chat that no agent leads."""
    chat = new_chat_id()
    bot = running.add_bot()
    running.ctx.publish(ChatStarted(chat_id=chat, bot_id=bot, player=running.player(), agent_enabled=False))
    hear(running, chat, text)
    return chat


def hear(running: World, chat: ChatId, text: str) -> None:
    message = Message(
        id=new_message_id(), sender=Sender.PLAYER, text=text, ts=running.clock.now(), author="player:1", delivery=None
    )
    running.ctx.publish(ChatMessageReceived(chat_id=chat, message=message))


def agree(running: World, task: TaskId) -> None:
    running.ctx.publish(TaskAssigned(task_id=task, bot_id=running.add_bot()))
    for status in (TaskStatus.INVITED, TaskStatus.ACCEPTED):
        running.ctx.publish(TaskStatusChanged(task_id=task, status=status))
    price = Decimal("11.50")
    running.ctx.publish(TaskStatusChanged(task_id=task, status=TaskStatus.RESOLVED, agreed_price=price))


async def test_each_reason_is_told_with_a_link_and_in_nobodys_words(
    url_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = Phone()
    async with world(url_file, phone, per_minute=20) as running:
        chat, bot = talk(running), running.add_bot()
        agree(running, await running.create_task())
        running.ctx.publish(
            BotAuthFailed(bot_id=bot, reason=SteamReason.TOKEN_REJECTED, detail="bad SECRET", next_step="sign in")
        )
        running.ctx.publish(ContactPaused(reason="quiet"))
        running.ctx.publish(PluginQuarantined(name="assigner", detail="it saw 4111"))
        await until(running, lambda: len(phone.got) >= 4)
        assert "A player waits for a person" not in phone.titles, "not before its time"
        await until(running, lambda: len(phone.got) >= 5, 700)
        await pass_by(running, 20)

        assert sorted(phone.titles) == [
            "A bot has stopped for good",
            "A deal is agreed",
            "A player waits for a person",
            "A plugin was switched off",
            "Contact with players is paused",
        ]
        bodies = "\n".join(one.body for one in phone.got)
        assert f"https://pm.example/chats/{chat}" in bodies and "11.50 USD" in bodies and bot in bodies
        assert "4111" not in bodies and "SECRET" not in bodies
        assert phone.urls == [URL] * 5
        panel, said = running.plugin(Notify).panel(), [repr(one) for one in running.events]
    assert "SECRETKEY" not in "\n".join((everything(url_file.parent / "data"), *said, repr(panel), caplog.text))


async def test_who_waits_is_told_once_and_again_when_they_wait_anew(url_file: Path) -> None:
    phone = Phone()
    async with world(url_file, phone, words=True, needs_person_minutes=5) as running:
        chat = talk(running)
        await until(running, lambda: len(phone.got) == 1, 400)
        assert "“my card is 4111”" in phone.got[0].body and "for 5 min" in phone.got[0].body
        await pass_by(running, 30)
        assert len(phone.got) == 1
    phone = Phone()
    async with world(url_file, phone, words=True, needs_person_minutes=5) as running:
        await pass_by(running, 30)
        assert phone.got == [], "a restart tells nobody twice"
        running.ctx.publish(ChatAgentToggled(chat_id=chat, enabled=True, epoch=2, reason=AgentOffReason.OTHER))
        await until(running, lambda: not running.plugin(Notify).outbox.kept.told)
        off = ChatAgentToggled(
            chat_id=chat, enabled=False, epoch=3, reason=AgentOffReason.PLAYER_ASKED, why=AgentOffReason.PLAYER_ASKED
        )
        running.ctx.publish(off)
        await until(running, lambda: len(phone.got) == 1, 400)
        assert chat in phone.got[0].body


async def test_what_could_not_be_told_is_kept_over_a_restart_and_comes_together(url_file: Path) -> None:
    phone = Phone()
    async with world(url_file, phone, per_minute=2) as running:
        phone.fault = SendFault.REFUSED
        running.ctx.publish(PluginQuarantined(name="assigner", detail="x"))
        await until(running, lambda: len(running.happened(NotifyTargetFailed)) == 1)
        for _ in range(3):
            running.ctx.publish(ContactPaused(reason=None))
        outbox = running.data / "notify" / "outbox.json"
        await until(running, lambda: outbox.read_bytes().count(b'"reason"') == 4)
        (told,) = running.happened(NotifyTargetFailed)
        assert (told.target, told.fault) == ("phone", SendFault.REFUSED)
    phone = Phone()
    async with world(url_file, phone, per_minute=2) as running:
        await until(running, lambda: len(phone.got) == 1)
        await pass_by(running, 10)
        assert phone.titles == ["4 alerts"] and "assigner" in phone.got[0].body


async def test_a_target_gets_only_what_it_is_for(url_file: Path) -> None:
    phone = Phone()
    async with world(url_file, phone, {"least": "critical"}) as running:
        running.ctx.publish(ContactPaused(reason=None))
        running.ctx.publish(PluginQuarantined(name="assigner", detail="x"))
        await until(running, lambda: len(phone.got) == 1)
        assert phone.titles == ["A plugin was switched off"]


async def test_a_test_says_whether_it_got_through(url_file: Path) -> None:
    phone = Phone()
    async with world(url_file, phone) as running:
        await running.execute(SendTestNotification(target="phone"), actor=ADMIN)
        assert phone.titles == ["Test"]
        phone.fault = SendFault.LATE
        refused = await running.refusal(SendTestNotification(target="phone"), actor=ADMIN, late=True)
        assert refused.code == "notificationNotSent" and "late" in refused.message
        assert (await running.refusal(SendTestNotification(target="x"), actor=ADMIN)).code == "unknownTarget"
        url_file.chmod(0o644)  # noqa: ASYNC240
        refused = await running.refusal(SendTestNotification(target="phone"), actor=ADMIN, late=True)
        assert "invalidUrl" in refused.message, "a URL that others may read is not used"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"targets": {"phone": {"url": URL}}}, "url: write env:NAME_OF_A_VARIABLE or file:"),
        ({"targets": {"My Phone": {"url": "env:X"}}}, "targets: 'My Phone' is no name"),
        ({"public_url": "pm.example"}, "public_url: write it as"),
        ({"quiet_from": "22:00"}, "give both, or neither"),
        ({"quiet_from": "25:00", "quiet_to": "07:00"}, "quiet_from: write a time"),
        ({"zone": "Mars/Base"}, "there is no time zone 'Mars/Base'"),
        ({"allowed_networks": ["x"]}, "'x' is no network"),
    ],
)
def test_a_config_that_cannot_be_is_refused_in_words(table: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        check({"kernel": {"plugins": ["notify"]}, "notify": table}, {"notify": Notify})
    assert says in str(refused.value) and "SECRETKEY" not in str(refused.value)


def test_a_url_that_is_not_where_it_should_be_is_found_before_a_start() -> None:
    available: Any = {"notify": Notify}
    config = check(
        {"kernel": {"plugins": ["notify"]}, "notify": {"targets": {"phone": {"url": "env:NO_SUCH"}}}}, available
    )
    assert "[notify] targets.phone.url: there is no URL in env:NO_SUCH; put it there, then enable the plugin" in (
        findings(config, available)
    )
