"""Somebody's words in every place that holds some, and the search for them in every file of a data folder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import zstandard

from kernel.clock import Millis
from kernel.codes import Undeclared
from kernel.events import (
    AuditRecorded,
    BotFriendRequestsListed,
    ChatAgentToggled,
    ChatNoteAdded,
    DialogScriptCompleted,
    ErrorLogged,
    FriendInviteFailed,
    FriendInviteLeftBehind,
    FriendMessageArrived,
    PlayerPersonaChanged,
    TaskReversed,
    TaskStatusChanged,
    TaskTraded,
    TaskWaiting,
)
from kernel.ids import BotId, ChatId, SteamId64, TaskId, new_note_id
from kernel.personas import Persona
from kernel.rows import AgentOffReason, TaskStatus
from kernel.testing import FakeTransport
from plugins.contact_policy import ContactPolicy
from plugins.history import History
from plugins.journal import Journal
from tests.plugins.contact_policy.scene import Desk, Scene

PLUGINS = (FakeTransport, Journal, ContactPolicy, Desk, History)
WORDS = (
    "zugspitze", "Водопадный", "quartzite", "Ёлочный", "pomegranate", "lighthouse", "wolverine", "marzipan", "obsidian",
    "tangerine", "Nebelhorn", "saxophone", "periwinkle", "cardamom", "6123456789", "saffron",
)  # fmt: skip
"""Each stands in another place that holds a person's words."""


class Past(Scene):
    """A world in which somebody has left their words everywhere, and somebody else has mentioned them."""

    bot: BotId

    def leave_words(self, player: SteamId64) -> tuple[TaskId, ChatId]:
        publish, words = self.world.ctx.publish, iter(WORDS)
        publish(PlayerPersonaChanged(player=player, persona=Persona(name=next(words), avatar="ab" * 20, game="x")))
        task_id, chat_id = self.deal(player, self.bot)
        self.hear(chat_id, f"{next(words)} здесь")
        publish(FriendMessageArrived(bot_id=self.bot, player=player, text=next(words), steam_ts=5, ordinal=0))
        self.queue(chat_id, f"so, {next(words)}?")
        publish(ChatNoteAdded(chat_id=chat_id, note_id=new_note_id(), text=next(words)))
        publish(
            ChatAgentToggled(
                chat_id=chat_id, enabled=False, epoch=2, reason=Undeclared("takenOver"), why=AgentOffReason.OPERATOR,
                detail=next(words), dropped=next(words),
            )
        )  # fmt: skip
        publish(TaskWaiting(task_id=task_id, reason=Undeclared("wait"), detail=next(words), next_step=next(words)))
        script = DialogScriptCompleted(
            chat_id=chat_id, task_id=task_id, agent="a", outcome=TaskStatus.RESOLVED, reason=Undeclared("done"),
            detail=next(words), agreed_price=Decimal(1),
        )  # fmt: skip
        publish(script)
        self.close(chat_id)
        publish(
            TaskStatusChanged(
                task_id=task_id, status=TaskStatus.RESOLVED, detail=next(words), agreed_price=Decimal(1), by_hand=True
            )
        )
        publish(TaskTraded(task_id=task_id, reversible_until=Millis(5), offer_id=WORDS[14], note=next(words)))
        publish(TaskReversed(task_id=task_id, note=next(words)))
        other = self.task(player, self.bot)
        failed = FriendInviteFailed(
            task_id=other, bot_id=self.bot, player=player, reason=Undeclared("lost"), detail=next(words)
        )
        publish(failed)
        self.end_task(other)
        account = self.state.bots[self.bot].steam_id64
        publish(FriendInviteLeftBehind(steam_id64=account, player=player))
        publish(BotFriendRequestsListed(bot_id=self.bot, players=(player,)))
        publish(ErrorLogged(source="x", message=f"no line to {player}"))
        for subject in (player, chat_id, f"timeline-{player}"):
            publish(AuditRecorded(action="x", result="ok", address="", via="", subject=subject), actor="operator:anna")
        return task_id, chat_id

    def mention(self, of: SteamId64) -> ChatId:
        """Somebody else's chat, which stays open, and in which they are spoken of."""
        _, chat_id = self.deal(self.world.player(), self.bot)
        self.hear(chat_id, f"my brother is {of}, quartz collector")
        self.world.ctx.publish(ChatNoteAdded(chat_id=chat_id, note_id=new_note_id(), text=f"as {of}"))
        return chat_id


def everything(data: Path) -> Iterator[tuple[str, bytes]]:
    """Each file's content, also as it is when it is unpacked."""
    for path in data.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
            if path.suffix == ".zst":
                packed = io.BytesIO(path.read_bytes())
                yield path.name, zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True).read()


def traces(data: Path, words: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, bytes_of in everything(data):
        folded = bytes_of.decode("utf-8", "replace").casefold().replace("ё", "е")
        there = [word for word in words if word.casefold().replace("ё", "е") in folded]
        if there:
            found[name] = there
    return found
