"""What a bot does with a player: invites and messages, whose outcome is known, refused or in doubt."""

from __future__ import annotations

from typing import Final, NoReturn

from kernel.clock import Millis
from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import (
    DeclineFriendRequest,
    Delivered,
    DeliverMessage,
    HistoryLine,
    ReadHistory,
    SendInvite,
    WithdrawInvite,
)
from kernel.context import Context
from kernel.errors import Binds, CommandError, InDoubt, NotSent, RefusedBySteam
from kernel.events import BotInvitesBlocked, FriendInviteSent
from plugins.steam import bbcode
from plugins.steam.codes import SteamRefusal
from plugins.steam.connections import OFFLINE_RETRY, Connections
from plugins.steam.errors import MessageTooLong, RequestFailed, RequestNotSent, RequestRefused
from plugins.steam.events import Said
from plugins.steam.policy import BUSY, Step
from plugins.steam.policy import Context as Place
from plugins.steam_protocol.relationship import EFriendRelationship

BINDS: Final = {Step.GIVE_UP: Binds.PLAYER, Step.HOLD_INVITES: Binds.ACCOUNT, Step.HOLD_MESSAGES: Binds.ACCOUNT}
"""Whom a refusal holds up, by what is to be done about it; of all others nothing is known but that it was refused."""


class BotActions:
    """Carries out what the guards have let through. Each request is with the socket before anything else can run."""

    def __init__(self, ctx: Context, connections: Connections) -> None:
        self._ctx = ctx
        self._connections = connections

    def start(self) -> None:
        self._ctx.handle(SendInvite, self.invite)
        self._ctx.handle(WithdrawInvite, self.withdraw)
        self._ctx.handle(DeclineFriendRequest, self.decline)
        self._ctx.handle(DeliverMessage, self.deliver)
        self._ctx.handle(ReadHistory, self.read_history)

    async def invite(self, command: SendInvite) -> None:
        """Raises NotSent, RefusedBySteam or InDoubt."""
        client = self._connections.client(command)
        self._expect_heard(command)
        try:
            await client.invite(int(command.player))
        except RequestFailed as error:
            if isinstance(error, RequestRefused) and error.verdict.step is Step.HOLD_INVITES:
                self._block_invites(command, error)
            _refuse(error, KernelRefusal.INVITE_REFUSED)
        if command.task_id in self._ctx.state.invites:  # gone already where the player accepted before the answer
            sent = FriendInviteSent(task_id=command.task_id, bot_id=command.bot_id, player=command.player)
            self._ctx.publish(sent)

    async def withdraw(self, command: WithdrawInvite) -> None:
        """Does nothing when there is no invite of ours to take back. Raises NotSent or InDoubt."""
        client = self._connections.client(command)
        if client.relationship(int(command.player)) == EFriendRelationship.REQUEST_INITIATOR:
            try:
                await client.remove_friend(int(command.player))
            except RequestFailed as error:
                _refuse(error, SteamRefusal.WITHDRAW_REFUSED)

    async def decline(self, command: DeclineFriendRequest) -> None:
        """Does nothing when nobody asks. Raises NotSent or InDoubt."""
        client = self._connections.client(command)
        if client.relationship(int(command.player)) == EFriendRelationship.REQUEST_RECIPIENT:
            try:
                await client.remove_friend(int(command.player))
            except RequestFailed as error:
                _refuse(error, SteamRefusal.WITHDRAW_REFUSED)

    async def deliver(self, command: DeliverMessage) -> Delivered:
        """Raises NotSent, RefusedBySteam or InDoubt."""
        client = self._connections.client(command)
        self._expect_heard(command)
        try:
            sent = await client.send_message(int(command.player), command.text)
        except RequestFailed as error:
            _refuse(error, SteamRefusal.MESSAGE_REFUSED)
        return Delivered(sent.timestamp, sent.ordinal)

    async def read_history(self, command: ReadHistory) -> tuple[HistoryLine, ...]:
        """Raises NotSent, RefusedBySteam or InDoubt."""
        client = self._connections.client(command)
        try:
            said = await client.history(int(command.player), command.since)
        except RequestFailed as error:
            _refuse(error, SteamRefusal.HISTORY_REFUSED)
        return tuple(_history_line(line, client.steam_id64) for line in said)

    def _expect_heard(self, command: SendInvite | DeliverMessage) -> None:
        """Raise NotSent while a bot holds words of the player's back that nobody has heard: they may say stop."""
        bot_id = self._connections.unheard.bot_with_words_of(int(command.player))
        if bot_id is not None:
            text = f"The player has written to {bot_id}, which is still reading what was written to it before."
            raise NotSent(SteamRefusal.WORDS_UNHEARD, text)

    def _block_invites(self, command: SendInvite, error: RequestRefused) -> NoReturn:
        verdict = error.verdict
        until = Millis(self._ctx.clock.now() + verdict.back_off_ms)
        blocked = BotInvitesBlocked(
            bot_id=command.bot_id, until=until, reason=Undeclared(verdict.name), detail=str(verdict)
        )
        self._ctx.publish(blocked)
        raise RefusedBySteam(
            KernelRefusal.INVITES_BLOCKED, str(verdict), binds=Binds.ACCOUNT, retry_after=verdict.back_off_ms
        ) from error


def _refuse(error: RequestFailed, code: SteamRefusal | KernelRefusal) -> NoReturn:
    """Say in the kernel's words what has become of a request; `code` is for a refusal that has none of its own."""
    raise _outcome(error, code) from error


def _outcome(error: RequestFailed, code: SteamRefusal | KernelRefusal) -> CommandError:
    if isinstance(error, MessageTooLong):
        return NotSent(SteamRefusal.MESSAGE_TOO_LONG, str(error), field="text", again=False)
    if isinstance(error, RequestNotSent):
        return NotSent(KernelRefusal.BOT_OFFLINE, str(error), retry_after=OFFLINE_RETRY)
    if isinstance(error, RequestRefused):
        verdict = error.verdict
        binds = BINDS.get(verdict.step, Binds.REQUEST)
        unable = verdict.result in BUSY
        busy = unable or verdict.context is not Place.INVITE
        own = SteamRefusal.STEAM_BUSY if binds is Binds.REQUEST and busy else verdict.refusal or code
        return RefusedBySteam(own, str(error), binds=binds, retry_after=verdict.back_off_ms or None, unable=unable)
    return InDoubt(KernelRefusal.IN_DOUBT, str(error))


def _history_line(line: Said, account: int) -> HistoryLine:
    """Markup in a player's line is named as when it arrives; our own lines stay as they were sent."""
    ours = line.sender == account
    return HistoryLine(ours, line.text if ours else bbcode.shown("", line.text), line.timestamp, line.ordinal)
