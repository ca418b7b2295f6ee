"""The requests that plugins, operators and notebooks make: imperative, each carried out by exactly one handler."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import ClassVar, Final

from msgspec import Struct, field

from kernel import plugin_commands, team_commands
from kernel.command import ITEM_LENGTH as ITEM_LENGTH
from kernel.command import LABEL_LENGTH as LABEL_LENGTH
from kernel.command import MAFILE_LENGTH as MAFILE_LENGTH
from kernel.command import TEXT_LENGTH as TEXT_LENGTH
from kernel.command import Command as Command
from kernel.command import LeavesToSteam as LeavesToSteam
from kernel.command import ReachesPlayer as ReachesPlayer
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId, parse_steam_id64
from kernel.plugin_commands import DisablePlugin as DisablePlugin
from kernel.plugin_commands import EnablePlugin as EnablePlugin
from kernel.plugin_commands import ReloadPlugin as ReloadPlugin
from kernel.plugin_commands import SwapAgent as SwapAgent
from kernel.roles import Role
from kernel.rows import AgentOffReason
from kernel.team_commands import AddNote as AddNote
from kernel.team_commands import MarkAllRead as MarkAllRead
from kernel.team_commands import MarkRead as MarkRead
from kernel.team_commands import RemoveCannedReply as RemoveCannedReply
from kernel.team_commands import RemoveNote as RemoveNote
from kernel.team_commands import SaveCannedReply as SaveCannedReply

# ── bots


class AddBotFromMaFile(Command[BotId], frozen=True, kw_only=True):
    """Add a Steam account: its maFile (the JSON object or its text), its sticky proxy, and its password.

    Without a password the maFile must hold a refresh token that is good for a client.
    """

    role: ClassVar[Role] = Role.DEVELOPER
    lane_of: ClassVar[str | None] = "kind"  # two at once could both take the same account or proxy
    ma_file: dict[str, object] | str
    proxy_url: str
    password: str | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.ma_file, str) and len(self.ma_file) > MAFILE_LENGTH:
            raise ValueError(f"maFile: longer than {MAFILE_LENGTH} characters, which no maFile is")
        if len(self.proxy_url) > 512:
            raise ValueError("proxyUrl: longer than 512 characters")
        if self.password is not None and not 0 < len(self.password) <= 256:
            raise ValueError("password: give 1 to 256 characters, or leave the field out")
        if self.label is not None and not 0 < len(self.label.strip()) <= LABEL_LENGTH:
            raise ValueError(f"label: give 1 to {LABEL_LENGTH} characters, or leave the field out")

    def __repr__(self) -> str:
        return f"AddBotFromMaFile(label={self.label!r}, ma_file=…, proxy_url=…, password=…)"


class RemoveBot(Command[None], frozen=True, kw_only=True):
    """Sign the bot out and forget it with its secrets. Its waiting tasks go to other bots, its chats are closed."""

    role: ClassVar[Role] = Role.DEVELOPER
    lane_of: ClassVar[str | None] = "bot_id"
    bot_id: BotId


class ReconnectBot(Command[None], frozen=True, kw_only=True):
    """Give a bot another turn to sign in now, once what kept it out has been mended."""

    role: ClassVar[Role] = Role.DEVELOPER
    lane_of: ClassVar[str | None] = "bot_id"
    bot_id: BotId


class ConnectBot(LeavesToSteam[None], frozen=True, kw_only=True):
    """Sign the bot in, once. Returns when it is usable; what hinders it is told by an event, not raised."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"


class DisconnectBot(LeavesToSteam[None], frozen=True, kw_only=True):
    """Log the bot off. `reason` is the code that its bot.disconnected will bear."""

    public: ClassVar[bool] = False
    reason: str


# ── tasks


class CreateTask(Command[TaskId], frozen=True, kw_only=True):
    """Have a bot talk with a player about an item at a price within a range; both ends are included."""

    role: ClassVar[Role] = Role.OPERATOR
    player: SteamId64 = field(name="playerSteamId64")
    item: str
    price_min: Decimal
    price_max: Decimal
    currency: str
    language: str | None = None

    def __post_init__(self) -> None:
        _check_player(self.player)
        if not 0 < len(self.item.strip()) <= ITEM_LENGTH:
            raise ValueError(f"item: give 1 to {ITEM_LENGTH} characters")
        for name, price in (("priceMin", self.price_min), ("priceMax", self.price_max)):
            if not _is_price(price):
                raise ValueError(f"{name}: a price is a decimal from 0 to 999999999 with at most 8 places, written out")
        if self.price_min > self.price_max:
            raise ValueError("priceMin: is above priceMax; swap them")
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError("currency: give the three capital letters of ISO 4217, such as USD")
        if self.language is not None and not re.fullmatch("[a-z]{2}", self.language):
            raise ValueError("language: give the two small letters of ISO 639-1, such as en or ru")


class DisposeTask(Command[None], frozen=True, kw_only=True):
    """Put an open task away: its invite is withdrawn, its chat is closed, nothing more is said."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "task_id"
    task_id: TaskId
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.reason is not None and len(self.reason) > ITEM_LENGTH:
            raise ValueError(f"reason: at most {ITEM_LENGTH} characters")


# ── invites


class SendInvite(ReachesPlayer[None], frozen=True, kw_only=True):
    """Ask the player, in the bot's name, to become friends. Only what the invite queue has decided passes its guard."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    task_id: TaskId


class WithdrawInvite(LeavesToSteam[None], frozen=True, kw_only=True):
    """Take back an invite that the player has not answered. Does nothing when there is none."""

    public: ClassVar[bool] = False
    player: SteamId64 = field(name="playerSteamId64")


# ── chats


class ToggleAgent(Command[None], frozen=True, kw_only=True):
    """Take the chat over (`enabled` false) or give it back to the agent (true).

    Once a take-over is answered, the agent says nothing more in that chat.
    """

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "chat_id"
    chat_id: ChatId
    enabled: bool
    take_from: str | None = None
    """The actor who has the chat, to take it from them knowingly. If it is another's by then, that is refused too."""
    why: AgentOffReason | None = None
    """Why no agent is to lead it: for programs, which know. Left out, it is told by who asks."""


class SendMessage(Command[MessageId], frozen=True, kw_only=True):
    """Say something to the player in the bot's name. An operator who writes takes the chat over by it."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    text: str

    def __post_init__(self) -> None:
        if not 0 < len(self.text.strip()) <= TEXT_LENGTH:
            raise ValueError(f"text: give 1 to {TEXT_LENGTH} characters")


class RetryMessage(Command[MessageId], frozen=True, kw_only=True):
    """Say once more what failed or stayed in doubt, in the name of whoever asks. A message is retried at most once.

    Of one in doubt, Steam's history is read before: where it has arrived after all, its own id is the answer.
    """

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "chat_id"
    chat_id: ChatId
    message_id: MessageId


class DiscardMessage(Command[None], frozen=True, kw_only=True):
    """Take back what waits to be sent, or leave what is in doubt as it is: it is not sent, or not sent again."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "chat_id"
    chat_id: ChatId
    message_id: MessageId


class DeliverMessage(ReachesPlayer["Delivered"], frozen=True, kw_only=True):
    """Hand one queued message to Steam. Only what the chat has decided, in its present epoch, passes its guard."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    chat_id: ChatId
    message_id: MessageId
    text: str


class Delivered(Struct, frozen=True, gc=False):
    """What Steam says of a message that it took: its time in seconds, and its number within that second."""

    steam_ts: int
    ordinal: int


class ReadHistory(LeavesToSteam[tuple["HistoryLine", ...]], frozen=True, kw_only=True):
    """What Steam has of a conversation since `since` (seconds since the epoch), oldest first, from both sides."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    player: SteamId64 = field(name="playerSteamId64")
    since: int


class HistoryLine(Struct, frozen=True, gc=False):
    """A line of Steam's own history of a conversation."""

    from_bot: bool
    text: str
    steam_ts: int
    ordinal: int


# ── care for players


class AddDoNotContact(Command[None], frozen=True, kw_only=True):
    """Leave a player alone: open tasks and chats with them end, and nothing is sent to them any more."""

    role: ClassVar[Role] = Role.OPERATOR
    player: SteamId64 = field(name="playerSteamId64")

    def __post_init__(self) -> None:
        _check_player(self.player)


class RemoveDoNotContact(Command[None], frozen=True, kw_only=True):
    """Take a player off the do-not-contact list, by name. Only a person may."""

    role: ClassVar[Role] = Role.OPERATOR
    player: SteamId64 = field(name="playerSteamId64")

    def __post_init__(self) -> None:
        _check_player(self.player)


class AllowInvite(Command[None], frozen=True, kw_only=True):
    """Let a player be invited of whom it is not known whether they declined, or who may see a removed bot's invite.

    Only a person may, who has looked. What is known to have been declined or left unanswered, no one lifts.
    """

    role: ClassVar[Role] = Role.OPERATOR
    player: SteamId64 = field(name="playerSteamId64")

    def __post_init__(self) -> None:
        _check_player(self.player)


class PauseContact(Command[None], frozen=True, kw_only=True):
    """Stop all invites and messages of the whole fleet at once, even while the journal cannot write."""

    only_stops: ClassVar[bool] = True
    role: ClassVar[Role] = Role.OPERATOR
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.reason is not None and len(self.reason) > ITEM_LENGTH:
            raise ValueError(f"reason: at most {ITEM_LENGTH} characters")


class ResumeContact(Command[None], frozen=True, kw_only=True):
    """Let invites and messages go out again."""

    role: ClassVar[Role] = Role.OPERATOR


class AddStopWord(Command[None], frozen=True, kw_only=True):
    """Count one more word or phrase, in any case of letters, as a player's wish to be left alone."""

    role: ClassVar[Role] = Role.OPERATOR
    word: str

    def __post_init__(self) -> None:
        _check_word(self.word)


class RemoveStopWord(Command[None], frozen=True, kw_only=True):
    """No longer count a word that operators added; the built-in ones stay."""

    role: ClassVar[Role] = Role.OPERATOR
    word: str

    def __post_init__(self) -> None:
        _check_word(self.word)


def _check_player(player: str) -> None:
    try:
        parse_steam_id64(player)
    except ValueError as error:
        raise ValueError(f"playerSteamId64: {error}") from None


def _check_word(word: str) -> None:
    if not 1 < len(word.strip()) <= 40:
        raise ValueError("word: give 2 to 40 characters")


def _is_price(price: Decimal) -> bool:
    """Players read it as it is written, so 1E+3 and -0 are none."""
    exponent = price.as_tuple().exponent  # a letter for NaN and infinity
    return isinstance(exponent, int) and -8 <= exponent <= 0 and not price.is_signed() and price < 1_000_000_000


COMMANDS: Final[dict[str, type[Command[object]]]] = {
    name: command
    for words in (globals(), vars(team_commands), vars(plugin_commands))
    for name, command in words.items()
    if isinstance(command, type) and issubclass(command, Command) and command.__module__ == words["__name__"]
}
"""Every kind, in the order of this page; those among our own people and of plugins come last. A plugin may add kinds of
its own by handling them."""
