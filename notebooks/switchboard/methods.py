"""A typed method for every public command. Drawn from the kernel by `python -m switchboard.contract`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeVar, overload

from kernel import commands as c
from kernel.ids import BotId, MessageId, NoteId, ReplyId, SteamId64, TaskId
from kernel.rows import Bot, Chat, Task
from switchboard import requests as r
from switchboard.requests import Verdict

R = TypeVar("R")


class Commands:
    """Every public command, to be awaited.

    Each takes what names a row as its id or as the row itself. With `dry_run` nothing is carried out, and the answer
    is the `Verdict`. A `command_id` makes sure that the same command given twice is carried out once.
    """

    async def _give(
        self, command: type[c.Command[R]], fields: Mapping[str, object], command_id: str | None, dry_run: bool
    ) -> R | Verdict:
        raise NotImplementedError

    @overload
    async def add_bot_from_ma_file(
        self,
        ma_file: Mapping[str, object] | str | Path,
        proxy_url: str,
        password: str | None = None,
        label: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> BotId: ...
    @overload
    async def add_bot_from_ma_file(
        self,
        ma_file: Mapping[str, object] | str | Path,
        proxy_url: str,
        password: str | None = None,
        label: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def add_bot_from_ma_file(
        self,
        ma_file: Mapping[str, object] | str | Path,
        proxy_url: str,
        password: str | None = None,
        label: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> BotId | Verdict:
        """Add a Steam account: its maFile (the JSON object or its text), its sticky proxy, and its password.

        Without a password the maFile must hold a refresh token that is good for a client.
        """
        return await self._give(
            c.AddBotFromMaFile,
            {"ma_file": r.ma_file(ma_file), "proxy_url": proxy_url, "password": password, "label": label},
            command_id,
            dry_run,
        )

    @overload
    async def remove_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def remove_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def remove_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Sign the bot out and forget it with its secrets. Its waiting tasks go to other bots, its chats are closed."""
        return await self._give(c.RemoveBot, {"bot_id": r.id_of(bot_id)}, command_id, dry_run)

    @overload
    async def reconnect_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def reconnect_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def reconnect_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Give a bot another turn to sign in now, once what kept it out has been mended."""
        return await self._give(c.ReconnectBot, {"bot_id": r.id_of(bot_id)}, command_id, dry_run)

    @overload
    async def create_task(
        self,
        player: str,
        item: str,
        price_min: Decimal | str | int,
        price_max: Decimal | str | int,
        currency: str,
        language: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> TaskId: ...
    @overload
    async def create_task(
        self,
        player: str,
        item: str,
        price_min: Decimal | str | int,
        price_max: Decimal | str | int,
        currency: str,
        language: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def create_task(
        self,
        player: str,
        item: str,
        price_min: Decimal | str | int,
        price_max: Decimal | str | int,
        currency: str,
        language: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> TaskId | Verdict:
        """Have a bot talk with a player about an item at a price within a range; both ends are included."""
        return await self._give(
            c.CreateTask,
            {
                "player": player,
                "item": item,
                "price_min": r.price(price_min),
                "price_max": r.price(price_max),
                "currency": currency,
                "language": language,
            },
            command_id,
            dry_run,
        )

    @overload
    async def dispose_task(
        self,
        task_id: str | Task,
        reason: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    async def dispose_task(
        self, task_id: str | Task, reason: str | None = None, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def dispose_task(
        self, task_id: str | Task, reason: str | None = None, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Put an open task away: its invite is withdrawn, its chat is closed, nothing more is said."""
        return await self._give(c.DisposeTask, {"task_id": r.id_of(task_id), "reason": reason}, command_id, dry_run)

    @overload
    async def resolve_task(
        self,
        task_id: str | Task,
        agreed_price: Decimal | str | int,
        outside_range: bool,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    async def resolve_task(
        self,
        task_id: str | Task,
        agreed_price: Decimal | str | int,
        outside_range: bool,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def resolve_task(
        self,
        task_id: str | Task,
        agreed_price: Decimal | str | int,
        outside_range: bool,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Record by hand that a price is agreed: the task is resolved, and its trade is to be done.

        A price outside the task's range is refused unless `outside_range` says that it is meant.
        """
        return await self._give(
            c.ResolveTask,
            {"task_id": r.id_of(task_id), "agreed_price": r.price(agreed_price), "outside_range": outside_range},
            command_id,
            dry_run,
        )

    @overload
    async def fail_task(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    async def fail_task(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def fail_task(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Record by hand that nothing comes of a talk, and why."""
        return await self._give(
            c.FailTask, {"task_id": r.id_of(task_id), "reason": reason, "note": note}, command_id, dry_run
        )

    @overload
    async def record_trade(
        self,
        task_id: str | Task,
        offer: str | None = None,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    async def record_trade(
        self,
        task_id: str | Task,
        offer: str | None = None,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def record_trade(
        self,
        task_id: str | Task,
        offer: str | None = None,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Record that the trade of a resolved task is done; `offer` is the link or the number of the trade offer."""
        return await self._give(
            c.RecordTrade, {"task_id": r.id_of(task_id), "offer": offer, "note": note}, command_id, dry_run
        )

    @overload
    async def record_fall_through(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    async def record_fall_through(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def record_fall_through(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Record that the trade of a resolved task will not come about, and why."""
        return await self._give(
            c.RecordFallThrough, {"task_id": r.id_of(task_id), "reason": reason, "note": note}, command_id, dry_run
        )

    @overload
    async def record_reversal(
        self, task_id: str | Task, note: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def record_reversal(
        self, task_id: str | Task, note: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def record_reversal(
        self, task_id: str | Task, note: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Record that a trade that was done has been reversed at Steam, and why."""
        return await self._give(c.RecordReversal, {"task_id": r.id_of(task_id), "note": note}, command_id, dry_run)

    @overload
    async def undo_outcome(
        self, task_id: str | Task, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def undo_outcome(
        self, task_id: str | Task, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def undo_outcome(
        self, task_id: str | Task, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take back what was recorded last about a task's outcome by hand, within a minute.

        Where it was the end of the talk, the task is open again: the chat has ended, and another one is begun with no
        agent.
        """
        return await self._give(c.UndoOutcome, {"task_id": r.id_of(task_id)}, command_id, dry_run)

    @overload
    async def allow_invite(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def allow_invite(self, player: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def allow_invite(
        self, player: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Let a player be invited of whom it is not known whether they declined, or who may see a removed bot's invite.

        Only a person may, who has looked. What is known to have been declined or left unanswered, no one lifts.
        """
        return await self._give(c.AllowInvite, {"player": player}, command_id, dry_run)

    @overload
    async def toggle_agent(
        self,
        chat_id: str | Chat,
        enabled: bool,
        take_from: str | None = None,
        why: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    async def toggle_agent(
        self,
        chat_id: str | Chat,
        enabled: bool,
        take_from: str | None = None,
        why: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def toggle_agent(
        self,
        chat_id: str | Chat,
        enabled: bool,
        take_from: str | None = None,
        why: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Take the chat over (`enabled` false) or give it back to the agent (true).

        Once a take-over is answered, the agent says nothing more in that chat.
        """
        return await self._give(
            c.ToggleAgent,
            {"chat_id": r.id_of(chat_id), "enabled": enabled, "take_from": take_from, "why": why},
            command_id,
            dry_run,
        )

    @overload
    async def send_message(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> MessageId: ...
    @overload
    async def send_message(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def send_message(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> MessageId | Verdict:
        """Say something to the player in the bot's name. An operator who writes takes the chat over by it."""
        return await self._give(c.SendMessage, {"chat_id": r.id_of(chat_id), "text": text}, command_id, dry_run)

    @overload
    async def retry_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> MessageId: ...
    @overload
    async def retry_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def retry_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> MessageId | Verdict:
        """Say once more what failed or stayed in doubt, in the name of whoever asks. A message is retried at most once.

        Of one in doubt, Steam's history is read before: where it has arrived after all, its own id is the answer.
        """
        return await self._give(
            c.RetryMessage, {"chat_id": r.id_of(chat_id), "message_id": message_id}, command_id, dry_run
        )

    @overload
    async def discard_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def discard_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def discard_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take back what waits to be sent, or leave what is in doubt as it is: it is not sent, or not sent again."""
        return await self._give(
            c.DiscardMessage, {"chat_id": r.id_of(chat_id), "message_id": message_id}, command_id, dry_run
        )

    @overload
    async def add_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def add_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def add_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Leave a player alone: open tasks and chats with them end, and nothing is sent to them any more."""
        return await self._give(c.AddDoNotContact, {"player": player}, command_id, dry_run)

    @overload
    async def remove_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def remove_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def remove_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take a player off the do-not-contact list, by name. Only a person may."""
        return await self._give(c.RemoveDoNotContact, {"player": player}, command_id, dry_run)

    @overload
    async def forget_player(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> SteamId64: ...
    @overload
    async def forget_player(self, player: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def forget_player(
        self, player: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> SteamId64 | Verdict:
        """Take a person's words and names out of everything that is kept here, for good; they are left alone from then on.

        Open tasks and chats with them end. Who they were stays as a keyed hash, so that nobody contacts them again; it is
        what the command is answered with.
        """
        return await self._give(c.ForgetPlayer, {"player": player}, command_id, dry_run)

    @overload
    async def pause_contact(
        self, reason: str | None = None, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def pause_contact(
        self, reason: str | None = None, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def pause_contact(
        self, reason: str | None = None, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Stop all invites and messages of the whole fleet at once, even while the journal cannot write."""
        return await self._give(c.PauseContact, {"reason": reason}, command_id, dry_run)

    @overload
    async def resume_contact(self, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    async def resume_contact(self, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def resume_contact(self, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Let invites and messages go out again."""
        return await self._give(c.ResumeContact, {}, command_id, dry_run)

    @overload
    async def add_stop_word(
        self, word: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def add_stop_word(self, word: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def add_stop_word(self, word: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Count one more word or phrase, in any case of letters, as a player's wish to be left alone."""
        return await self._give(c.AddStopWord, {"word": word}, command_id, dry_run)

    @overload
    async def remove_stop_word(
        self, word: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def remove_stop_word(
        self, word: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def remove_stop_word(
        self, word: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """No longer count a word that operators added; the built-in ones stay."""
        return await self._give(c.RemoveStopWord, {"word": word}, command_id, dry_run)

    @overload
    async def add_note(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> NoteId: ...
    @overload
    async def add_note(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def add_note(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> NoteId | Verdict:
        """Write something down about a chat, open or closed, for our own people."""
        return await self._give(c.AddNote, {"chat_id": r.id_of(chat_id), "text": text}, command_id, dry_run)

    @overload
    async def remove_note(
        self, chat_id: str | Chat, note_id: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def remove_note(
        self, chat_id: str | Chat, note_id: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def remove_note(
        self, chat_id: str | Chat, note_id: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take a note out of its chat. It stays in the journal."""
        return await self._give(c.RemoveNote, {"chat_id": r.id_of(chat_id), "note_id": note_id}, command_id, dry_run)

    @overload
    async def mark_read(
        self, chat_id: str | Chat, up_to: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def mark_read(
        self, chat_id: str | Chat, up_to: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def mark_read(
        self, chat_id: str | Chat, up_to: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Whoever asks has read the chat up to this line, and with it. A mark never goes back.

        No viewer's: what is read by one who cannot answer is not seen by the team.
        """
        return await self._give(c.MarkRead, {"chat_id": r.id_of(chat_id), "up_to": up_to}, command_id, dry_run)

    @overload
    async def mark_all_read(self, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    async def mark_all_read(self, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def mark_all_read(self, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """All that was said until now counts as read by whoever asks: for one who is new, or has been away."""
        return await self._give(c.MarkAllRead, {}, command_id, dry_run)

    @overload
    async def save_canned_reply(
        self,
        title: str,
        text: str,
        reply_id: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> ReplyId: ...
    @overload
    async def save_canned_reply(
        self,
        title: str,
        text: str,
        reply_id: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def save_canned_reply(
        self,
        title: str,
        text: str,
        reply_id: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> ReplyId | Verdict:
        """Keep words that the team says often; with a `reply_id`, in place of what that one was.

        `{item}`, `{priceMin}` and the other variables stand for what the chat has, in which the reply is used.
        """
        return await self._give(
            c.SaveCannedReply, {"title": title, "text": text, "reply_id": reply_id}, command_id, dry_run
        )

    @overload
    async def remove_canned_reply(
        self, reply_id: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def remove_canned_reply(
        self, reply_id: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def remove_canned_reply(
        self, reply_id: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Offer this canned reply no longer."""
        return await self._give(c.RemoveCannedReply, {"reply_id": reply_id}, command_id, dry_run)

    @overload
    async def snooze_chat(
        self,
        chat_id: str | Chat,
        until: int | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    async def snooze_chat(
        self, chat_id: str | Chat, until: int | None = None, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def snooze_chat(
        self, chat_id: str | Chat, until: int | None = None, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Put the chat off until `until` (UTC milliseconds), or until the player writes, which ends it in any case."""
        return await self._give(c.SnoozeChat, {"chat_id": r.id_of(chat_id), "until": until}, command_id, dry_run)

    @overload
    async def unsnooze_chat(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def unsnooze_chat(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def unsnooze_chat(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take up again what was put off, before its time or after it."""
        return await self._give(c.UnsnoozeChat, {"chat_id": r.id_of(chat_id)}, command_id, dry_run)

    @overload
    async def assign_chat(
        self,
        chat_id: str | Chat,
        to: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    async def assign_chat(
        self,
        chat_id: str | Chat,
        to: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    async def assign_chat(
        self,
        chat_id: str | Chat,
        to: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Hand an open chat over to a colleague, as an actor such as `operator:boris`; `note` is for them.

        They lead it from then on. A chat that its agent leads is taken over for them; a colleague's has to be taken first.
        """
        return await self._give(
            c.AssignChat, {"chat_id": r.id_of(chat_id), "to": to, "note": note}, command_id, dry_run
        )

    @overload
    async def mark_mention_read(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def mark_mention_read(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def mark_mention_read(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Whoever asks was called to the chat, and has seen it."""
        return await self._give(c.MarkMentionRead, {"chat_id": r.id_of(chat_id)}, command_id, dry_run)

    @overload
    async def enable_plugin(
        self, name: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def enable_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def enable_plugin(self, name: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Start an installed plugin with the code that is on disk, and let it run after a restart too."""
        return await self._give(c.EnablePlugin, {"name": name}, command_id, dry_run)

    @overload
    async def disable_plugin(
        self, name: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def disable_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def disable_plugin(
        self, name: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Let a plugin end what it has under way, stop it, and leave it stopped after a restart too."""
        return await self._give(c.DisablePlugin, {"name": name}, command_id, dry_run)

    @overload
    async def dismiss_plugin(
        self, name: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def dismiss_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def dismiss_plugin(
        self, name: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Forget a plugin that is uninstalled, switched off or stopped: it leaves the list, and no start looks for it.

        One that is still installed is listed again at the next start, as one that can be enabled.
        """
        return await self._give(c.DismissPlugin, {"name": name}, command_id, dry_run)

    @overload
    async def reload_plugin(
        self, name: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def reload_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    async def reload_plugin(self, name: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Run a plugin with the code that is on disk now. Where that does not start, what ran before goes on."""
        return await self._give(c.ReloadPlugin, {"name": name}, command_id, dry_run)

    @overload
    async def swap_agent(
        self, old: str, new: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    async def swap_agent(
        self, old: str, new: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    async def swap_agent(
        self, old: str, new: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Have the agent `new` take the place of the agent `old`, which ends the turns that it has begun.

        Where the new one does not start, the old one goes on.
        """
        return await self._give(c.SwapAgent, {"old": old, "new": new}, command_id, dry_run)


class BlockingCommands:
    """Every public command, which returns when it is answered.

    Each takes what names a row as its id or as the row itself. With `dry_run` nothing is carried out, and the answer
    is the `Verdict`. A `command_id` makes sure that the same command given twice is carried out once.
    """

    def _give(
        self, command: type[c.Command[R]], fields: Mapping[str, object], command_id: str | None, dry_run: bool
    ) -> R | Verdict:
        raise NotImplementedError

    @overload
    def add_bot_from_ma_file(
        self,
        ma_file: Mapping[str, object] | str | Path,
        proxy_url: str,
        password: str | None = None,
        label: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> BotId: ...
    @overload
    def add_bot_from_ma_file(
        self,
        ma_file: Mapping[str, object] | str | Path,
        proxy_url: str,
        password: str | None = None,
        label: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def add_bot_from_ma_file(
        self,
        ma_file: Mapping[str, object] | str | Path,
        proxy_url: str,
        password: str | None = None,
        label: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> BotId | Verdict:
        """Add a Steam account: its maFile (the JSON object or its text), its sticky proxy, and its password.

        Without a password the maFile must hold a refresh token that is good for a client.
        """
        return self._give(
            c.AddBotFromMaFile,
            {"ma_file": r.ma_file(ma_file), "proxy_url": proxy_url, "password": password, "label": label},
            command_id,
            dry_run,
        )

    @overload
    def remove_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def remove_bot(self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def remove_bot(self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Sign the bot out and forget it with its secrets. Its waiting tasks go to other bots, its chats are closed."""
        return self._give(c.RemoveBot, {"bot_id": r.id_of(bot_id)}, command_id, dry_run)

    @overload
    def reconnect_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def reconnect_bot(self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def reconnect_bot(
        self, bot_id: str | Bot, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Give a bot another turn to sign in now, once what kept it out has been mended."""
        return self._give(c.ReconnectBot, {"bot_id": r.id_of(bot_id)}, command_id, dry_run)

    @overload
    def create_task(
        self,
        player: str,
        item: str,
        price_min: Decimal | str | int,
        price_max: Decimal | str | int,
        currency: str,
        language: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> TaskId: ...
    @overload
    def create_task(
        self,
        player: str,
        item: str,
        price_min: Decimal | str | int,
        price_max: Decimal | str | int,
        currency: str,
        language: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def create_task(
        self,
        player: str,
        item: str,
        price_min: Decimal | str | int,
        price_max: Decimal | str | int,
        currency: str,
        language: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> TaskId | Verdict:
        """Have a bot talk with a player about an item at a price within a range; both ends are included."""
        return self._give(
            c.CreateTask,
            {
                "player": player,
                "item": item,
                "price_min": r.price(price_min),
                "price_max": r.price(price_max),
                "currency": currency,
                "language": language,
            },
            command_id,
            dry_run,
        )

    @overload
    def dispose_task(
        self,
        task_id: str | Task,
        reason: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    def dispose_task(
        self, task_id: str | Task, reason: str | None = None, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def dispose_task(
        self, task_id: str | Task, reason: str | None = None, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Put an open task away: its invite is withdrawn, its chat is closed, nothing more is said."""
        return self._give(c.DisposeTask, {"task_id": r.id_of(task_id), "reason": reason}, command_id, dry_run)

    @overload
    def resolve_task(
        self,
        task_id: str | Task,
        agreed_price: Decimal | str | int,
        outside_range: bool,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    def resolve_task(
        self,
        task_id: str | Task,
        agreed_price: Decimal | str | int,
        outside_range: bool,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def resolve_task(
        self,
        task_id: str | Task,
        agreed_price: Decimal | str | int,
        outside_range: bool,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Record by hand that a price is agreed: the task is resolved, and its trade is to be done.

        A price outside the task's range is refused unless `outside_range` says that it is meant.
        """
        return self._give(
            c.ResolveTask,
            {"task_id": r.id_of(task_id), "agreed_price": r.price(agreed_price), "outside_range": outside_range},
            command_id,
            dry_run,
        )

    @overload
    def fail_task(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    def fail_task(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def fail_task(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Record by hand that nothing comes of a talk, and why."""
        return self._give(
            c.FailTask, {"task_id": r.id_of(task_id), "reason": reason, "note": note}, command_id, dry_run
        )

    @overload
    def record_trade(
        self,
        task_id: str | Task,
        offer: str | None = None,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    def record_trade(
        self,
        task_id: str | Task,
        offer: str | None = None,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def record_trade(
        self,
        task_id: str | Task,
        offer: str | None = None,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Record that the trade of a resolved task is done; `offer` is the link or the number of the trade offer."""
        return self._give(
            c.RecordTrade, {"task_id": r.id_of(task_id), "offer": offer, "note": note}, command_id, dry_run
        )

    @overload
    def record_fall_through(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    def record_fall_through(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def record_fall_through(
        self,
        task_id: str | Task,
        reason: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Record that the trade of a resolved task will not come about, and why."""
        return self._give(
            c.RecordFallThrough, {"task_id": r.id_of(task_id), "reason": reason, "note": note}, command_id, dry_run
        )

    @overload
    def record_reversal(
        self, task_id: str | Task, note: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def record_reversal(
        self, task_id: str | Task, note: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def record_reversal(
        self, task_id: str | Task, note: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Record that a trade that was done has been reversed at Steam, and why."""
        return self._give(c.RecordReversal, {"task_id": r.id_of(task_id), "note": note}, command_id, dry_run)

    @overload
    def undo_outcome(
        self, task_id: str | Task, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def undo_outcome(
        self, task_id: str | Task, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def undo_outcome(
        self, task_id: str | Task, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take back what was recorded last about a task's outcome by hand, within a minute.

        Where it was the end of the talk, the task is open again: the chat has ended, and another one is begun with no
        agent.
        """
        return self._give(c.UndoOutcome, {"task_id": r.id_of(task_id)}, command_id, dry_run)

    @overload
    def allow_invite(self, player: str, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    def allow_invite(self, player: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def allow_invite(self, player: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Let a player be invited of whom it is not known whether they declined, or who may see a removed bot's invite.

        Only a person may, who has looked. What is known to have been declined or left unanswered, no one lifts.
        """
        return self._give(c.AllowInvite, {"player": player}, command_id, dry_run)

    @overload
    def toggle_agent(
        self,
        chat_id: str | Chat,
        enabled: bool,
        take_from: str | None = None,
        why: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    def toggle_agent(
        self,
        chat_id: str | Chat,
        enabled: bool,
        take_from: str | None = None,
        why: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def toggle_agent(
        self,
        chat_id: str | Chat,
        enabled: bool,
        take_from: str | None = None,
        why: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Take the chat over (`enabled` false) or give it back to the agent (true).

        Once a take-over is answered, the agent says nothing more in that chat.
        """
        return self._give(
            c.ToggleAgent,
            {"chat_id": r.id_of(chat_id), "enabled": enabled, "take_from": take_from, "why": why},
            command_id,
            dry_run,
        )

    @overload
    def send_message(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> MessageId: ...
    @overload
    def send_message(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def send_message(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> MessageId | Verdict:
        """Say something to the player in the bot's name. An operator who writes takes the chat over by it."""
        return self._give(c.SendMessage, {"chat_id": r.id_of(chat_id), "text": text}, command_id, dry_run)

    @overload
    def retry_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> MessageId: ...
    @overload
    def retry_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def retry_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> MessageId | Verdict:
        """Say once more what failed or stayed in doubt, in the name of whoever asks. A message is retried at most once.

        Of one in doubt, Steam's history is read before: where it has arrived after all, its own id is the answer.
        """
        return self._give(c.RetryMessage, {"chat_id": r.id_of(chat_id), "message_id": message_id}, command_id, dry_run)

    @overload
    def discard_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def discard_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def discard_message(
        self, chat_id: str | Chat, message_id: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take back what waits to be sent, or leave what is in doubt as it is: it is not sent, or not sent again."""
        return self._give(
            c.DiscardMessage, {"chat_id": r.id_of(chat_id), "message_id": message_id}, command_id, dry_run
        )

    @overload
    def add_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def add_do_not_contact(self, player: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def add_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Leave a player alone: open tasks and chats with them end, and nothing is sent to them any more."""
        return self._give(c.AddDoNotContact, {"player": player}, command_id, dry_run)

    @overload
    def remove_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def remove_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def remove_do_not_contact(
        self, player: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take a player off the do-not-contact list, by name. Only a person may."""
        return self._give(c.RemoveDoNotContact, {"player": player}, command_id, dry_run)

    @overload
    def forget_player(
        self, player: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> SteamId64: ...
    @overload
    def forget_player(self, player: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def forget_player(
        self, player: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> SteamId64 | Verdict:
        """Take a person's words and names out of everything that is kept here, for good; they are left alone from then on.

        Open tasks and chats with them end. Who they were stays as a keyed hash, so that nobody contacts them again; it is
        what the command is answered with.
        """
        return self._give(c.ForgetPlayer, {"player": player}, command_id, dry_run)

    @overload
    def pause_contact(
        self, reason: str | None = None, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def pause_contact(
        self, reason: str | None = None, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def pause_contact(
        self, reason: str | None = None, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Stop all invites and messages of the whole fleet at once, even while the journal cannot write."""
        return self._give(c.PauseContact, {"reason": reason}, command_id, dry_run)

    @overload
    def resume_contact(self, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    def resume_contact(self, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def resume_contact(self, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Let invites and messages go out again."""
        return self._give(c.ResumeContact, {}, command_id, dry_run)

    @overload
    def add_stop_word(self, word: str, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    def add_stop_word(self, word: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def add_stop_word(self, word: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Count one more word or phrase, in any case of letters, as a player's wish to be left alone."""
        return self._give(c.AddStopWord, {"word": word}, command_id, dry_run)

    @overload
    def remove_stop_word(
        self, word: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def remove_stop_word(self, word: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def remove_stop_word(self, word: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """No longer count a word that operators added; the built-in ones stay."""
        return self._give(c.RemoveStopWord, {"word": word}, command_id, dry_run)

    @overload
    def add_note(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> NoteId: ...
    @overload
    def add_note(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def add_note(
        self, chat_id: str | Chat, text: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> NoteId | Verdict:
        """Write something down about a chat, open or closed, for our own people."""
        return self._give(c.AddNote, {"chat_id": r.id_of(chat_id), "text": text}, command_id, dry_run)

    @overload
    def remove_note(
        self, chat_id: str | Chat, note_id: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def remove_note(
        self, chat_id: str | Chat, note_id: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def remove_note(
        self, chat_id: str | Chat, note_id: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take a note out of its chat. It stays in the journal."""
        return self._give(c.RemoveNote, {"chat_id": r.id_of(chat_id), "note_id": note_id}, command_id, dry_run)

    @overload
    def mark_read(
        self, chat_id: str | Chat, up_to: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def mark_read(
        self, chat_id: str | Chat, up_to: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def mark_read(
        self, chat_id: str | Chat, up_to: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Whoever asks has read the chat up to this line, and with it. A mark never goes back.

        No viewer's: what is read by one who cannot answer is not seen by the team.
        """
        return self._give(c.MarkRead, {"chat_id": r.id_of(chat_id), "up_to": up_to}, command_id, dry_run)

    @overload
    def mark_all_read(self, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    def mark_all_read(self, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def mark_all_read(self, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """All that was said until now counts as read by whoever asks: for one who is new, or has been away."""
        return self._give(c.MarkAllRead, {}, command_id, dry_run)

    @overload
    def save_canned_reply(
        self,
        title: str,
        text: str,
        reply_id: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> ReplyId: ...
    @overload
    def save_canned_reply(
        self,
        title: str,
        text: str,
        reply_id: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def save_canned_reply(
        self,
        title: str,
        text: str,
        reply_id: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> ReplyId | Verdict:
        """Keep words that the team says often; with a `reply_id`, in place of what that one was.

        `{item}`, `{priceMin}` and the other variables stand for what the chat has, in which the reply is used.
        """
        return self._give(c.SaveCannedReply, {"title": title, "text": text, "reply_id": reply_id}, command_id, dry_run)

    @overload
    def remove_canned_reply(
        self, reply_id: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def remove_canned_reply(
        self, reply_id: str, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def remove_canned_reply(
        self, reply_id: str, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Offer this canned reply no longer."""
        return self._give(c.RemoveCannedReply, {"reply_id": reply_id}, command_id, dry_run)

    @overload
    def snooze_chat(
        self,
        chat_id: str | Chat,
        until: int | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    def snooze_chat(
        self, chat_id: str | Chat, until: int | None = None, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def snooze_chat(
        self, chat_id: str | Chat, until: int | None = None, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Put the chat off until `until` (UTC milliseconds), or until the player writes, which ends it in any case."""
        return self._give(c.SnoozeChat, {"chat_id": r.id_of(chat_id), "until": until}, command_id, dry_run)

    @overload
    def unsnooze_chat(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def unsnooze_chat(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def unsnooze_chat(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Take up again what was put off, before its time or after it."""
        return self._give(c.UnsnoozeChat, {"chat_id": r.id_of(chat_id)}, command_id, dry_run)

    @overload
    def assign_chat(
        self,
        chat_id: str | Chat,
        to: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> None: ...
    @overload
    def assign_chat(
        self,
        chat_id: str | Chat,
        to: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: Literal[True],
    ) -> Verdict: ...
    def assign_chat(
        self,
        chat_id: str | Chat,
        to: str,
        note: str | None = None,
        *,
        command_id: str | None = None,
        dry_run: bool = False,
    ) -> Verdict | None:
        """Hand an open chat over to a colleague, as an actor such as `operator:boris`; `note` is for them.

        They lead it from then on. A chat that its agent leads is taken over for them; a colleague's has to be taken first.
        """
        return self._give(c.AssignChat, {"chat_id": r.id_of(chat_id), "to": to, "note": note}, command_id, dry_run)

    @overload
    def mark_mention_read(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def mark_mention_read(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: Literal[True]
    ) -> Verdict: ...
    def mark_mention_read(
        self, chat_id: str | Chat, *, command_id: str | None = None, dry_run: bool = False
    ) -> Verdict | None:
        """Whoever asks was called to the chat, and has seen it."""
        return self._give(c.MarkMentionRead, {"chat_id": r.id_of(chat_id)}, command_id, dry_run)

    @overload
    def enable_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    def enable_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def enable_plugin(self, name: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Start an installed plugin with the code that is on disk, and let it run after a restart too."""
        return self._give(c.EnablePlugin, {"name": name}, command_id, dry_run)

    @overload
    def disable_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    def disable_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def disable_plugin(self, name: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Let a plugin end what it has under way, stop it, and leave it stopped after a restart too."""
        return self._give(c.DisablePlugin, {"name": name}, command_id, dry_run)

    @overload
    def dismiss_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    def dismiss_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def dismiss_plugin(self, name: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Forget a plugin that is uninstalled, switched off or stopped: it leaves the list, and no start looks for it.

        One that is still installed is listed again at the next start, as one that can be enabled.
        """
        return self._give(c.DismissPlugin, {"name": name}, command_id, dry_run)

    @overload
    def reload_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[False] = False) -> None: ...
    @overload
    def reload_plugin(self, name: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def reload_plugin(self, name: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Run a plugin with the code that is on disk now. Where that does not start, what ran before goes on."""
        return self._give(c.ReloadPlugin, {"name": name}, command_id, dry_run)

    @overload
    def swap_agent(
        self, old: str, new: str, *, command_id: str | None = None, dry_run: Literal[False] = False
    ) -> None: ...
    @overload
    def swap_agent(self, old: str, new: str, *, command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
    def swap_agent(self, old: str, new: str, *, command_id: str | None = None, dry_run: bool = False) -> Verdict | None:
        """Have the agent `new` take the place of the agent `old`, which ends the turns that it has begun.

        Where the new one does not start, the old one goes on.
        """
        return self._give(c.SwapAgent, {"old": old, "new": new}, command_id, dry_run)
