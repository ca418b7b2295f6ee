"""What happens on the stage: events that the kernel's own reducers accept, with texts as real people write them."""

from __future__ import annotations

import time
from decimal import Decimal
from random import Random
from typing import Final

from kernel import events as e
from kernel.clock import HOUR, MINUTE, Millis
from kernel.codes import KernelRefusal, LeftAlone, Undeclared
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId, new_id
from kernel.reducers import reduce
from kernel.rows import AgentOffReason, Attempt, BotStatus, Chat, Delivery, Message, Sender, TaskStatus
from kernel.state import State
from plugins.assigner.codes import AssignerReason
from plugins.dialogue.codes import ChatEnd, UnsentReason
from plugins.invites.codes import InviteReason
from plugins.steam.codes import SteamReason, SteamRefusal
from plugins.tasks.codes import StandingReason

IN_DOUBT: Final = (
    "The connection broke while the invite was on its way, and Steam's list does not show it. It may have gone out and "
    "been declined, so it is not sent again."
)
ITEMS: Final = (
    "AK-47 | Redline (Field-Tested)", "★ Karambit | Doppler (Factory New)", "AWP | Asiimov (Battle-Scarred)",
    "Desert Eagle | Blaze (Factory New)", "M4A1-S | Printstream (Minimal Wear)", "Ключ от кейса «Клатч» ×20",
    "★ Sport Gloves | Pandora’s Box (Well-Worn)", "Dragonclaw Hook", "Mann Co. Supply Crate Key", "Butterfly Knife",
)  # fmt: skip
TALKS: Final = (
    (
        ("intro", "Hi! This is an automated assistant of TradeDesk. Write STOP at any time and we leave you alone."),
        ("offer", "We are interested in your {item}. Would {low} to {high} {currency} work for you?"),
        (None, "hey, depends. whats your best price"),
        ("offer", "For that condition we can go up to {high} {currency}, paid today."),
        (None, "hmm ok, let me think about it. do you take stickers into account?? it has a Crown foil on it"),
    ),
    (
        ("intro", "Здравствуйте! Пишет автоматический помощник TradeDesk. Напишите СТОП — и мы больше не побеспокоим."),
        ("offer", "Интересует ваш {item}. Готовы обсудить цену от {low} до {high} {currency}?"),
        (None, "привет, а почему так дёшево"),
        (None, "на маркете дороже вообще-то"),
        ("haggle", "Понимаю. Можем поднять до {high} {currency}, оплата сразу после обмена."),
        (None, "а вы точно не бот?"),
    ),
)
FAULTS: Final = (
    (SteamReason.PROXY_UNREACHABLE, "The proxy refused the connection: connection timed out after 10 s."),
    (SteamReason.CM_DISCONNECTED, "Steam asked the bot to use another server."),
    (SteamReason.CM_SILENT, "Steam has not answered for 40 s."),
)
REFUSED: Final = (
    (SteamReason.PASSWORD_WRONG, "Steam does not accept the password.", "Add it again with its present password."),
    (SteamReason.ACCOUNT_LOCKED, "Steam has locked the account.", "Sign in by hand and follow what Steam asks for."),
)  # fmt: skip


class Script:
    """Writes events; `state` is what they have led to."""

    def __init__(self, seed: int) -> None:
        self.state = State()
        self.written: list[e.Envelope] = []
        self._random = Random(seed)  # noqa: S311 - a scene, no secret
        self._now = Millis(int(time.time() * 1_000) - 14 * HOUR)
        self._numbers = 0
        self._bots: list[BotId] = []
        self._tasks: list[TaskId] = []
        self._chats: list[ChatId] = []

    def write(self, event: e.Event, actor: str = "plugin:scene") -> e.Envelope:
        envelope = e.Envelope.of(self.state.seq + 1, self._now, actor, None, event)
        reduce(self.state, envelope)
        self.written.append(envelope)
        return envelope

    @property
    def now(self) -> Millis:
        """When what is written next happens."""
        return self._now

    def stand_at(self, now: Millis) -> None:
        """What is written next happens then."""
        self._now = now

    def archive(self) -> None:
        """All that has ended leaves the state, and is in the archive alone."""
        chats = [chat.id for chat in self.state.chats.values() if not chat.is_open]
        tasks = [task.id for task in self.state.tasks.values() if not task.is_open]
        for start in range(0, len(chats), 100):
            self.write(e.ChatArchived(chat_ids=tuple(chats[start : start + 100])), "plugin:history")
        for start in range(0, len(tasks), 100):
            self.write(e.TaskArchived(task_ids=tuple(tasks[start : start + 100])), "plugin:history")

    def catch_up(self) -> None:
        """From now on events happen when they are written."""
        self._now = Millis(max(self._now, int(time.time() * 1_000)))

    def open(self, bots: int, tasks: int, chats: int) -> None:
        """Nine hours of work, up to the moment when the curtain rises."""
        step = 9 * HOUR // max(1, bots + tasks * 8)
        for number in range(bots):
            self._bot(number, bots)
            self._now = Millis(self._now + step)
        connected = [bot.id for bot in self.state.bots.values() if bot.status is BotStatus.CONNECTED]
        for number in range(tasks):
            task_id = self._task()
            if not connected or number % 11 == 10:
                self.write(
                    e.TaskWaiting(
                        task_id=task_id, reason=AssignerReason.NO_BOT_CONNECTED, detail="No bot is connected."
                    )
                )
                continue
            bot_id = connected[number % len(connected)]
            self._pass_through(task_id, bot_id, number, talks=number < chats)
            self._now = Millis(self._now + step * self._random.randrange(4, 12))
        self._plugins()
        self.write(e.ErrorLogged(source="steam", message="The CM directory did not answer.", detail="Tried 3 times."))
        self._bots = [bot.id for bot in self.state.bots.values()]
        self._tasks = [task.id for task in self.state.tasks.values()]
        self._chats = [chat.id for chat in self.state.chats.values()]
        self.catch_up()

    def play(self) -> bool:
        """One more thing happens, if there is anybody it can happen to."""
        self.catch_up()
        chat = self._some_chat()
        if chat is None:
            return False
        chance = self._random.random()
        if chance < 0.45:
            said = ("ok", "what about 15?", "ну ладно, давайте", "wait a sec", "когда сможете?", "deal")
            self.say(chat.id, said[self._random.randrange(len(said))])
        elif chance < 0.8 and chat.agent_enabled:
            self.answer(chat.id, "agent:scripted_agent", "Thank you! One moment, I am checking that.", "haggle")
        elif chance < 0.95:
            self._task_moves(self._tasks[self._random.randrange(len(self._tasks))])
        else:
            self._bot_moves(self._bots[self._random.randrange(len(self._bots))])
        return True

    def _task_moves(self, task_id: TaskId) -> None:
        """It fails, if it can; else it is said to wait."""
        if self.state.tasks[task_id].status is TaskStatus.ASSIGNED:
            detail = "The bot may not add friends."
            self.write(
                e.TaskStatusChanged(
                    task_id=task_id, status=TaskStatus.FAILED, reason=Undeclared("limited"), detail=detail
                )
            )
        else:
            self.write(
                e.TaskWaiting(task_id=task_id, reason=InviteReason.INVITE_INTERVAL, detail="One invite a minute.")
            )

    def _bot_moves(self, bot_id: BotId) -> None:
        match self.state.bots[bot_id].status:
            case BotStatus.CONNECTED:
                reason, detail = FAULTS[2]
                self.write(e.BotDisconnected(bot_id=bot_id, reason=reason, detail=detail))
            case BotStatus.CONNECTING:
                self.write(e.BotConnected(bot_id=bot_id))
            case _:
                self.write(e.BotConnecting(bot_id=bot_id))

    def say(self, chat_id: ChatId, text: str) -> None:
        """The player writes."""
        player = self.state.chats[chat_id].player
        message = Message(
            id=MessageId(new_id("msg")), sender=Sender.PLAYER, text=text, ts=self._now, author=f"player:{player}"
        )
        self.write(e.ChatMessageReceived(chat_id=chat_id, message=message), f"player:{player}")

    def answer(
        self,
        chat_id: ChatId,
        author: str,
        text: str,
        step: str | None = None,
        fate: Delivery = Delivery.SENT,
        retry_of: MessageId | None = None,
    ) -> MessageId:
        """The bot writes, and Steam takes it, or what else becomes of it."""
        message = Message(
            id=MessageId(new_id("msg")),
            sender=Sender.BOT,
            text=text,
            ts=self._now,
            author=author,
            delivery=Delivery.QUEUED,
            epoch=self.state.chats[chat_id].epoch,
            step=step,
            attempt=Attempt(),
        )
        named = {"chat_id": chat_id, "message_id": message.id}
        self.write(e.ChatMessageQueued(chat_id=chat_id, message=message, retry_of=retry_of), author)
        if fate is Delivery.IN_DOUBT:
            detail = (
                "Steam did not answer, and its history has not shown this within 120 s. It may or may not have arrived."
            )
            self.write(e.ChatMessageSending(**named))
            self.toggle(chat_id, False, "plugin:dialogue", AgentOffReason.MESSAGE_IN_DOUBT, detail)
            self.write(e.ChatMessageInDoubt(**named, detail=detail))
            task_id = self.state.chats[chat_id].task_id
            if task_id is not None:
                text, step = "It is not known whether a message of the agent's arrived.", "Send it again or discard it."
                self.write(
                    e.TaskWaiting(task_id=task_id, reason=StandingReason.MESSAGE_IN_DOUBT, detail=text, next_step=step)
                )
        elif fate is Delivery.QUEUED:
            detail = "Steam does not take it just now: too much was written in a short time."
            until = Millis(int(time.time() * 1_000) + 3 * HOUR)
            self.write(
                e.ChatMessageWaiting(**named, reason=SteamRefusal.STEAM_BUSY, detail=detail, refusals=2, until=until)
            )
        elif fate is Delivery.FAILED:
            detail = "The bot went offline before Steam had taken the message."
            self.write(
                e.ChatMessageFailed(
                    chat_id=chat_id, message_id=message.id, reason=UnsentReason.BOT_OFFLINE, detail=detail
                )
            )
        else:
            sent = e.ChatMessageSent(
                chat_id=chat_id, message_id=message.id, steam_ts=self._now // 1_000, ordinal=len(self.written) % 7
            )
            self.write(sent)
        return message.id

    def toggle(
        self,
        chat_id: ChatId,
        enabled: bool,
        actor: str,
        why: AgentOffReason = AgentOffReason.OPERATOR,
        detail: str | None = None,
    ) -> None:
        epoch = self.state.chats[chat_id].epoch + 1
        toggled = e.ChatAgentToggled(
            chat_id=chat_id,
            enabled=enabled,
            epoch=epoch,
            reason="givenBack" if enabled else "takenOver",
            why=None if enabled else why,
            detail=detail,
        )
        self.write(toggled, actor)

    def _bot(self, number: int, bots: int) -> None:
        bot_id = BotId(new_id("bot"))
        account = SteamId64(str(76561199000000001 + number))
        self.write(
            e.BotAdded(
                bot_id=bot_id,
                steam_id64=account,
                proxy_url=f"socks5h://eu-{number % 9}.proxies.example:{10_000 + number}",
                label=f"trader-{number + 1:0{len(str(bots))}}" if number % 6 else None,
            ),
            "operator:dima",
        )
        if number % 13 == 12:
            return
        self.write(e.BotConnecting(bot_id=bot_id))
        if number % 17 == 9:
            reason, detail, next_step = REFUSED[number % len(REFUSED)]
            self.write(e.BotAuthFailed(bot_id=bot_id, reason=reason, detail=detail, next_step=next_step))
        elif number % 11 == 7:
            reason, detail = FAULTS[number % len(FAULTS)]
            retry = Millis(int(time.time() * 1_000) + 4 * MINUTE)
            self.write(e.BotDisconnected(bot_id=bot_id, reason=reason, detail=detail, retry_at=retry))
        elif number % 19 != 18:
            self.write(e.BotConnected(bot_id=bot_id))
            if number % 15 == 4:
                until = Millis(int(time.time() * 1_000) + 5 * HOUR)
                self.write(
                    e.BotInvitesBlocked(bot_id=bot_id, until=until, reason=Undeclared("limitExceeded"), detail="…")
                )

    def _task(self) -> TaskId:
        self._numbers += 1
        low = Decimal(self._random.randrange(400, 60_000)).scaleb(-2)
        task_id = TaskId(new_id("task"))
        self.write(
            e.TaskCreated(
                task_id=task_id,
                player=SteamId64(str(76561198000000000 + self._numbers * 7_919)),
                item=ITEMS[self._random.randrange(len(ITEMS))],
                price_min=low,
                price_max=(low * Decimal("1.2")).quantize(Decimal("0.01")),
                currency=("USD", "EUR", "RUB")[self._numbers % 3],
            ),
            "operator:anna" if self._numbers % 3 else "notebook:pricing",
        )
        return task_id

    def _pass_through(self, task_id: TaskId, bot_id: BotId, number: int, *, talks: bool) -> None:
        player = self.state.tasks[task_id].player
        self.write(e.TaskAssigned(task_id=task_id, bot_id=bot_id), "plugin:assigner")
        self.write(e.FriendInviteQueued(task_id=task_id, bot_id=bot_id, player=player))
        if not talks and number % 3 == 0:
            until = Millis(int(time.time() * 1_000) + number % 5 * MINUTE)
            detail = "The bot may invite once a minute."
            self.write(e.TaskWaiting(task_id=task_id, reason=InviteReason.INVITE_INTERVAL, detail=detail, until=until))
            return
        self.write(e.FriendInviteRequested(task_id=task_id, bot_id=bot_id, player=player))
        self.write(e.FriendInviteSent(task_id=task_id, bot_id=bot_id, player=player))
        self.write(e.TaskStatusChanged(task_id=task_id, status=TaskStatus.INVITED))
        if not talks:
            ends = {2: ("declined", "The player declined the invite."), 5: ("inDoubt", IN_DOUBT)}.get(number % 7)
            if ends is not None:
                reason, detail = ends
                self.write(
                    e.FriendInviteFailed(task_id=task_id, bot_id=bot_id, player=player, reason=reason, detail=detail)
                )
                self.write(e.TaskStatusChanged(task_id=task_id, status=TaskStatus.FAILED, reason=reason, detail=detail))
            return
        self.write(e.FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
        self.write(e.TaskStatusChanged(task_id=task_id, status=TaskStatus.ACCEPTED))
        chat_id = ChatId(new_id("chat"))
        self.write(e.ChatStarted(chat_id=chat_id, bot_id=bot_id, player=player, task_id=task_id))
        self._talk(chat_id, task_id, number)

    def _talk(self, chat_id: ChatId, task_id: TaskId, number: int) -> None:
        task = self.state.tasks[task_id]
        words = {"item": task.item, "low": task.price_min, "high": task.price_max, "currency": task.currency}
        talk = TALKS[number % len(TALKS)]
        taken = number % 4 == 1
        for index, (step, text) in enumerate(talk[: 2 + number % len(talk)]):
            self._now = Millis(self._now + self._random.randrange(4_000, 50_000))
            if step is None:
                self.say(chat_id, text)
            else:
                advanced = e.DialogScriptAdvanced(
                    chat_id=chat_id, agent="scripted_agent", step=step, wait_until=Millis(self._now + 4 * HOUR)
                )
                self.write(advanced)
                self.answer(chat_id, "agent:scripted_agent", text.format(**words), step)
            if taken and index == 3:
                who = ("operator:anna", "operator:борис")[number // 4 % 2]
                self.toggle(chat_id, False, who)
                self.answer(chat_id, who, "Hi, Anna here. Let me see what I can do about the price.")
                if number % 8 == 5:
                    text = "We could also swap it for two keys, if that suits you better?"
                    self.answer(chat_id, who, text, fate=Delivery.FAILED)
                elif number % 16 == 1:
                    self.answer(chat_id, who, "One moment, I am asking.", fate=Delivery.QUEUED)
                self.say(chat_id, "nice, a human :) so 3% more and we have a deal?")
        if number % 12 == 4:
            self.answer(chat_id, "agent:scripted_agent", "Are you still there?", "offer", fate=Delivery.IN_DOUBT)
        elif number % 9 == 8:
            outcome = TaskStatus.RESOLVED if number % 2 else TaskStatus.FAILED
            agreed = task.price_max if outcome is TaskStatus.RESOLVED else None
            detail = "Agreed." if agreed else "The player does not want to sell."
            self.write(e.TaskStatusChanged(task_id=task_id, status=outcome, detail=detail, agreed_price=agreed))
            self.write(e.ChatClosed(chat_id=chat_id, reason=ChatEnd.COMPLETED))
        elif number % 23 == 22:
            self.say(chat_id, "stop")
            self.write(e.DoNotContactAdded(player=task.player, reason=LeftAlone.SAID_STOP), f"player:{task.player}")
            self.write(
                e.TaskStatusChanged(task_id=task_id, status=TaskStatus.FAILED, reason=KernelRefusal.DO_NOT_CONTACT)
            )
            self.write(e.ChatClosed(chat_id=chat_id, reason=KernelRefusal.DO_NOT_CONTACT))

    def _some_chat(self) -> Chat | None:
        """One that is open, if one is found soon."""
        for _ in range(40 if self._chats else 0):
            chat = self.state.chats[self._chats[self._random.randrange(len(self._chats))]]
            if chat.is_open:
                return chat
        return None

    def _plugins(self) -> None:
        """Some that run, an agent that could take another's place, and one that is switched off."""
        for name, hook in (("steam", "relationship"), ("scripted_agent", "respond"), ("history", "forget")):
            self.write(e.PluginStarted(name=name, version="0.1.0", code="5c1f0be97a3d2e44", hooks=(hook,)))
        self.write(e.PluginFound(name="llm_agent", version="0.1.0", code="90ab12cd34ef5678", hooks=("respond",)))
        self.write(e.PluginFound(name="price_feed", version="2.1", code="0f9e8d7c6b5a4321"))
        self.write(e.PluginQuarantined(name="price_feed", detail="blocked the event loop for 2.1 s within a minute"))
        detail = "SyntaxError: '(' was never closed (scripted_agent/script.py, line 40)"
        self.write(e.PluginRolledBack(name="scripted_agent", detail=detail))
