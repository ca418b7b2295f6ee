"""Which bots are online: one live client a bot, brought up and down by command, its going told by an event."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

from kernel import causality
from kernel.clock import Millis
from kernel.codes import BotCode, KernelRefusal, OffReason, Undeclared
from kernel.commands import ConnectBot, DisconnectBot, LeavesToSteam
from kernel.context import Context
from kernel.errors import NotSent
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    BotRemoved,
    Envelope,
    ErrorLogged,
    FriendMessageArrived,
    FriendRelationshipChanged,
    Relationship,
)
from kernel.ids import BotId, SteamId64
from kernel.rows import BotStatus
from plugins.steam import absence as absences
from plugins.steam import errors, flaps
from plugins.steam.absence import Absence, FriendsLists, Recent
from plugins.steam.codes import SteamReason, SteamRefusal
from plugins.steam.events import MessageArrived, PersonaTold, RelationshipChanged, SessionEvent
from plugins.steam.friend_requests import FriendRequests
from plugins.steam.personas import PlayerPersonas
from plugins.steam.policy import SECOND, Step, Strikes, Verdict
from plugins.steam.secrets import BotSecrets, SecretStore
from plugins.steam.sessions import BotSession, Sessions
from plugins.steam.standing import AccountStandings
from plugins.steam.standing_messages import StandingTold
from plugins.steam_protocol.relationship import EFriendRelationship

OFFLINE_RETRY: Final = 5_000
"""Milliseconds after which to ask again for a bot that is not online."""
DISK_RETRY: Final = 60_000
"""Milliseconds until the next try after secrets could not be put on disk."""
RELATIONSHIPS: Final = {
    EFriendRelationship.NONE: Relationship.NONE,
    EFriendRelationship.BLOCKED: Relationship.BLOCKED,
    EFriendRelationship.REQUEST_RECIPIENT: Relationship.REQUEST_RECIPIENT,
    EFriendRelationship.FRIEND: Relationship.FRIEND,
    EFriendRelationship.REQUEST_INITIATOR: Relationship.REQUEST_INITIATOR,
    EFriendRelationship.IGNORED: Relationship.IGNORED,
    EFriendRelationship.IGNORED_FRIEND: Relationship.IGNORED,
}
READ_BACK_S: Final = 5.0
"""Wall-clock seconds that a bot's connecting may wait for what it missed; what takes longer is told afterwards."""
READ_BACK_TRIES: Final = 3
_ASKING: Final = frozenset({EFriendRelationship.NONE, EFriendRelationship.REQUEST_RECIPIENT})
_LIVE: Final = (BotStatus.CONNECTING, BotStatus.CONNECTED)


class Connections:
    """Holds the live clients. Who is online when is not decided here."""

    def __init__(self, ctx: Context, store: SecretStore, sessions: Sessions, unseen_s: float) -> None:
        """`unseen_s`: wall-clock seconds in which a bot has to be back for nobody to hear that it was away."""
        self._ctx = ctx
        self._store = store
        self._sessions = sessions
        self._unseen_s = unseen_s
        self._clients: dict[BotId, BotSession] = {}
        self._attempts: dict[BotId, asyncio.Task[None]] = {}
        self._strikes: dict[BotId, Strikes] = {}
        self._since: dict[BotId, Millis] = {}  # when the live session began, by what has elapsed of the run
        self._resuming: dict[BotId, asyncio.Task[None]] = {}
        self._standings = AccountStandings(ctx)
        self._personas = PlayerPersonas(ctx, self._ask_for_personas)
        self._requests = FriendRequests(ctx, self._friends_of)
        self._lists = FriendsLists()
        self._recent = Recent()
        self.unheard: Final = absences.Unheard()
        """What people wrote to a session that ended before it had caught up."""
        self._known_until: dict[BotId, int] = {}  # unix seconds; of bots that have been online in this process

    def start(self) -> None:
        for bot in self._ctx.state.bots.values():
            if bot.status in _LIVE:
                self._tell_off(bot.id, OffReason.RESTARTED, "The system was started anew.", self._ctx.clock.now())
        self._ctx.handle(ConnectBot, self.connect)
        self._ctx.handle(DisconnectBot, self.disconnect)
        self._ctx.subscribe(BotRemoved, self._released)
        self._personas.start()
        self._ctx.subscribe(BotConnected, lambda _, event: self._requests.look(event.bot_id))

    async def stop(self) -> None:
        """Log everyone off, at once and side by side."""
        attempts = [*self._attempts.values(), *self._resuming.values()]
        for attempt in attempts:
            attempt.cancel()
        endings = await asyncio.gather(*map(self._log_off, list(self._clients)), return_exceptions=True)
        if attempts:
            await asyncio.wait(attempts)
        for ending in endings:
            if isinstance(ending, Exception):
                self._ctx.contain("log off", ending)
        for bot in list(self._ctx.state.bots.values()):
            if bot.status in _LIVE:
                self._tell_off(bot.id, OffReason.STOPPED, "The system was stopped.", self._ctx.clock.now())

    def client(self, command: LeavesToSteam[Any]) -> BotSession:
        """The live client of the bot that the command is about.

        It is had for a `LeavesToSteam` alone, so that no request passes by the barrier and the guards. Raises NotSent.
        """
        client = self._clients.get(command.bot_id)
        if client is None:
            text = f"The bot {command.bot_id} is not connected."
            raise NotSent(KernelRefusal.BOT_OFFLINE, text, retry_after=OFFLINE_RETRY)
        return client

    def relationship(self, bot_id: BotId, player: SteamId64) -> Relationship | None:
        """How the two stand by the bot's list of friends; None while it is offline."""
        client = self._clients.get(bot_id)
        return relationship_of(client.relationship(int(player))) if client is not None else None

    def heard_until(self, bot_id: BotId) -> int | None:
        """The unix second up to which all that was written to the bot has been told; None for a bot that is gone."""
        bot = self._ctx.state.bots.get(bot_id)
        if bot is None:
            return None
        known = self._known_until.get(bot_id)
        if known is not None:
            return known
        if bot_id not in self._clients:
            return absences.last_known(self._ctx.state, bot)
        now = self._ctx.clock.now() // SECOND
        return min(now, self._sessions.second() or now) - absences.OVERLAP_S

    def exit_of(self, bot_id: BotId) -> str | None:
        """The address by which Steam sees the bot; None while it is offline."""
        client = self._clients.get(bot_id)
        return client.public_ip if client is not None else None

    async def connect(self, command: ConnectBot) -> None:
        """One attempt. Whatever it comes to is told by an event."""
        bot_id = command.bot_id
        if bot_id not in self._ctx.state.bots:
            raise NotSent(SteamRefusal.BOT_NOT_FOUND, f"There is no bot {bot_id}.", field="botId", again=False)
        if bot_id in self._clients or bot_id in self._resuming:
            return
        self._ctx.publish(BotConnecting(bot_id=bot_id))
        # the session outlives whoever asked for it, and what it hears is its own
        with causality.acting(causality.Origin()):
            attempt = asyncio.create_task(self._attempt(bot_id), name=f"steam: sign in {bot_id}")
        self._attempts[bot_id] = attempt
        try:
            await attempt
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if own is not None and own.cancelling():
                raise  # not the attempt was called off, but whoever waits for it
        finally:
            del self._attempts[bot_id]

    async def disconnect(self, command: DisconnectBot) -> None:
        """Log off, or call off the attempt that is under way."""
        bot_id = command.bot_id
        bot = self._ctx.state.bots.get(bot_id)
        if bot is not None and bot.status in _LIVE:
            self._tell_off(bot_id, command.reason, "The bot was logged off.", None)
        for under_way in (self._attempts, self._resuming):
            if bot_id in under_way:
                under_way[bot_id].cancel()
        await self._log_off(bot_id)

    async def _client_of(self, bot_id: BotId, absence: Absence) -> BotSession:
        """Sign the bot in with what is kept of it."""

        async def save(secrets: BotSecrets) -> None:
            if bot_id not in self._ctx.state.bots:
                return  # removed meanwhile, and its secrets with it
            await asyncio.to_thread(self._store.save, bot_id, secrets)

        secrets = self._store.load(bot_id)
        if secrets is None:
            text = "this bot's secrets are gone; remove the bot and add it again"
            raise errors.SecretsUnreadable(SteamReason.SECRETS_MISSING, text)
        return await self._sessions.open(bot_id, secrets, save=save, on_event=absence.hear)

    def _absence_of(self, bot_id: BotId) -> Absence:
        return Absence(lambda event: self._hear(bot_id, event), self.unheard, bot_id)

    async def _attempt(self, bot_id: BotId) -> None:
        absence = self._absence_of(bot_id)
        try:
            client = await self._client_of(bot_id, absence)
            await self._catch_up(bot_id, client, absence)
        except errors.PersonNeeded as error:
            self._tell_stopped(bot_id, error)
        except errors.Unavailable as error:
            self._tell_unavailable(bot_id, error)
        except (errors.SecretsUnreadable, errors.InputInvalid) as error:
            self._tell_stopped(bot_id, error)
        except OSError as error:  # a disk that does not take the new token
            self._tell_off(
                bot_id, SteamReason.SECRETS_NOT_SAVED, f"the bot's secrets: {error}", self._after(DISK_RETRY)
            )
        except BaseException:
            bot = self._ctx.state.bots.get(bot_id)
            if bot is not None and bot.status is BotStatus.CONNECTING:  # else somebody has told why
                self._tell_off(
                    bot_id, SteamReason.INTERRUPTED, "The sign-in was broken off.", self._after(OFFLINE_RETRY)
                )
            raise

    async def _catch_up(self, bot_id: BotId, client: BotSession, absence: Absence) -> None:
        """Read back what the bot has missed and tell it; only then is it connected. Raises `Disconnected`."""
        since = self._missed_since(bot_id)
        reading = asyncio.create_task(absences.missed(client, since), name=f"steam: read back {bot_id}")
        try:
            await asyncio.wait((reading, client.closed), timeout=READ_BACK_S, return_when=asyncio.FIRST_COMPLETED)
            if client.closed.done():
                raise client.closed.result() or errors.Disconnected("the session was dropped")
        except BaseException:
            reading.cancel()
            self._ctx.spawn(client.log_off(), f"log off {bot_id}")
            raise
        self._take(bot_id, client)
        in_time = reading.done() and reading.exception() is None
        self._tell_missed(bot_id, client, absence, reading.result() if in_time else [])
        self._ctx.publish(BotConnected(bot_id=bot_id, steam_ts=self._sessions.second()))
        if not in_time:
            self._known_until[bot_id] = since  # until then nothing after it is known for sure
            self._ctx.spawn(self._catch_up_later(bot_id, client, since, reading), f"read back {bot_id} later")

    async def _catch_up_later(
        self, bot_id: BotId, client: BotSession, since: int, reading: asyncio.Task[list[MessageArrived]]
    ) -> None:
        """The bot is online already; what it has missed comes when Steam gives it."""
        for failures in range(READ_BACK_TRIES):
            try:
                missed = await (reading if failures == 0 else absences.missed(client, since))
            except errors.RequestFailed as error:
                failure = error
                await self._ctx.clock.sleep(OFFLINE_RETRY << failures)
            else:
                if self._clients.get(bot_id) is client:
                    self._known_until.pop(bot_id, None)
                for message in absences.in_order(self._news(bot_id, missed)):
                    self._hear(bot_id, message)
                return
            if self._clients.get(bot_id) is not client:
                return  # gone again; its next session reads from the same moment on
        text = f"What was written to {bot_id} while it was away could not be read back; look into its chats on Steam."
        self._ctx.publish(ErrorLogged(source=self._ctx.name, message=text, detail=str(failure)))

    def _missed_since(self, bot_id: BotId) -> int:
        """From which unix second on not everything is known."""
        known = self._known_until.get(bot_id)
        bot = self._ctx.state.bots[bot_id]
        if known is None:
            return absences.last_known(self._ctx.state, bot)
        return max(known, absences.archived_until(self._ctx.state, bot))  # it may be earlier, by a clock that was set

    def _tell_missed(self, bot_id: BotId, client: BotSession, absence: Absence, missed: list[MessageArrived]) -> None:
        before = self._lists.of(bot_id)
        if before is None:
            before = absences.invited(self._ctx.state, bot_id, client.friends)
        absence.end(before, client.friends, self._news(bot_id, missed))

    def _news(self, bot_id: BotId, said: list[MessageArrived]) -> list[MessageArrived]:
        account = self._ctx.state.bots[bot_id].steam_id64
        return absences.news(self._ctx.state, account, self._recent.news(bot_id, said))

    def _take(self, bot_id: BotId, client: BotSession) -> None:
        self._clients[bot_id] = client
        self._since[bot_id] = self._ctx.clock.elapsed()
        self._known_until.pop(bot_id, None)
        client.closed.add_done_callback(lambda closed: self._closed(bot_id, client, closed.result()))

    def _gone(self, bot_id: BotId, client: BotSession) -> None:
        """Remember how things stood when the bot went off."""
        self._lists.keep(bot_id, client.friends)
        self._known_until.setdefault(bot_id, self._ctx.clock.now() // SECOND - absences.OVERLAP_S)

    def _closed(self, bot_id: BotId, client: BotSession, reason: errors.TransportError | None) -> None:
        if self._clients.get(bot_id) is not client:
            return  # logged off by our own wish, which has been told
        del self._clients[bot_id]
        self._gone(bot_id, client)
        lived = self._ctx.clock.elapsed() - self._since.pop(bot_id)
        if self._unseen_s and flaps.is_short(reason, lived) and len(self._resuming) < flaps.AT_ONCE:
            with causality.acting(causality.Origin()):
                resuming = asyncio.create_task(self._resume(bot_id, reason), name=f"steam: resume {bot_id}")
            self._resuming[bot_id] = resuming
            resuming.add_done_callback(lambda _: self._resuming.pop(bot_id, None))
            return
        self._tell_closed(bot_id, reason)

    async def _resume(self, bot_id: BotId, reason: errors.TransportError | None) -> None:
        """Bring the bot back before anybody misses it; where that fails, tell why it went in the first place."""
        absence = self._absence_of(bot_id)
        client: BotSession | None = None
        try:
            async with asyncio.timeout(self._unseen_s):
                client = await self._client_of(bot_id, absence)
                missed = await absences.missed(client, self._missed_since(bot_id))
        except (errors.TransportError, OSError, TimeoutError) as error:
            self._ctx.log.info("%s was not back in a moment: %s", bot_id, error)
            if client is not None:
                await client.log_off()
            self._tell_closed(bot_id, reason)
            return
        except BaseException:  # called off
            if client is not None:
                self._ctx.spawn(client.log_off(), f"log off {bot_id}")
            raise
        if client.closed.done():
            self._tell_closed(bot_id, client.closed.result() or reason)
            return
        self._take(bot_id, client)
        self._tell_missed(bot_id, client, absence, missed)

    def _tell_closed(self, bot_id: BotId, reason: errors.TransportError | None) -> None:
        verdict = self._counted(bot_id, reason)
        if verdict is not None and verdict.step is Step.STOP:
            return
        back_off = reason.back_off_ms if isinstance(reason, errors.Unavailable) else OFFLINE_RETRY
        code = reason.code if reason is not None else errors.Disconnected.code
        self._tell_off(bot_id, code, str(reason or "The connection ended."), self._after(back_off))

    def _tell_unavailable(self, bot_id: BotId, error: errors.Unavailable) -> None:
        verdict = self._counted(bot_id, error)
        if verdict is None or verdict.step is not Step.STOP:
            back_off = verdict.back_off_ms if verdict is not None else error.back_off_ms
            self._tell_off(bot_id, error.code, str(error), self._after(back_off))

    def _counted(self, bot_id: BotId, reason: errors.TransportError | None) -> Verdict | None:
        """What Steam has said, if it said it; a `STOP`, since it says so or has said no too often, is told here."""
        verdict = getattr(reason, "verdict", None)
        if not isinstance(verdict, Verdict):
            return None
        strikes = self._strikes.setdefault(bot_id, Strikes())
        verdict = strikes.count(verdict, self._ctx.clock.elapsed())
        if verdict.step is Step.STOP:
            if verdict.last_advice:
                strikes.forget()
            self._tell_stopped(bot_id, errors.SignInRejected(str(verdict), verdict))
        return verdict

    async def _log_off(self, bot_id: BotId) -> None:
        client = self._clients.pop(bot_id, None)
        self._since.pop(bot_id, None)
        if client is not None:
            self._gone(bot_id, client)
            await client.log_off()

    def _released(self, envelope: Envelope, event: BotRemoved) -> None:
        self._strikes.pop(event.bot_id, None)
        self._lists.forget(event.bot_id)
        self._recent.forget(event.bot_id)
        self.unheard.take(event.bot_id)
        self._known_until.pop(event.bot_id, None)
        for under_way in (self._attempts, self._resuming):
            if event.bot_id in under_way:
                under_way[event.bot_id].cancel()
        if event.bot_id in self._clients:
            self._ctx.spawn(self._log_off(event.bot_id), f"log off {event.bot_id}")

    def _hear(self, bot_id: BotId, event: SessionEvent) -> None:
        """What the session reports becomes a fact for everyone; its inner life does not."""
        if bot_id not in self._ctx.state.bots:
            return
        if isinstance(event, RelationshipChanged):
            player = SteamId64(str(event.steam_id64))
            if EFriendRelationship.REQUEST_RECIPIENT in (event.before, event.after):
                self._requests.look(bot_id)
            if {event.before, event.after} <= _ASKING and not self._personas.concerns(bot_id, player):
                return  # a stranger asks, or has thought better of it: the list tells of that, and in bounds
            told = relationship_of(event.after)
            word = told if told is not None else Undeclared(f"efriend{event.after}")
            changed = FriendRelationshipChanged(bot_id=bot_id, player=player, relationship=word)
            self._ctx.publish(changed, actor=None if told is Relationship.REQUEST_INITIATOR else f"player:{player}")
        elif isinstance(event, StandingTold):
            self._standings.hear(bot_id, event)
        elif isinstance(event, PersonaTold):
            self._personas.hear(bot_id, event)
        elif isinstance(event, MessageArrived):
            self._recent.note(bot_id, event)
            player = SteamId64(str(event.steam_id64))
            arrived = FriendMessageArrived(
                bot_id=bot_id,
                player=player,
                text=event.text,
                steam_ts=event.timestamp,
                ordinal=event.ordinal,
                from_bot=event.echo,
            )
            self._ctx.publish(arrived, actor=None if event.echo else f"player:{player}")

    def _friends_of(self, bot_id: BotId) -> Mapping[int, int] | None:
        client = self._clients.get(bot_id)
        return client.friends if client is not None else None

    def _ask_for_personas(self, bot_id: BotId, steam_ids: list[int]) -> None:
        """Reads what Steam shows to everybody: it reaches nobody, and where the session has just ended it is let be."""
        client = self._clients.get(bot_id)
        if client is not None:
            with contextlib.suppress(errors.RequestNotSent):
                client.ask_for_personas(steam_ids)

    def _tell_off(self, bot_id: BotId, reason: BotCode, detail: str, retry_at: Millis | None) -> None:
        if bot_id in self._ctx.state.bots:
            self._ctx.publish(BotDisconnected(bot_id=bot_id, reason=reason, detail=detail, retry_at=retry_at))

    def _tell_stopped(self, bot_id: BotId, error: errors.TransportError) -> None:
        verdict = getattr(error, "verdict", None)
        advice = verdict.advice if isinstance(verdict, Verdict) and verdict.advice else str(error)
        if bot_id in self._ctx.state.bots:
            self._ctx.publish(
                BotAuthFailed(bot_id=bot_id, reason=error.code, detail=str(error), next_step=_sentence(advice))
            )

    def _after(self, span: int) -> Millis:
        return Millis(self._ctx.clock.now() + span)


def relationship_of(number: int) -> Relationship | None:
    """The kernel's word for Steam's number; None for one that is not known, which says nothing about the two."""
    try:
        return RELATIONSHIPS[EFriendRelationship(number)]
    except ValueError:
        return None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
