"""The requests that plugins, operators and notebooks make: imperative, each carried out by exactly one handler."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import ClassVar, Final, Generic, TypeVar

from msgspec import Struct, field

from kernel.ids import BotId, ChatId, MessageId, NoteId, ReplyId, SteamId64, TaskId, parse_steam_id64
from kernel.roles import Role
from kernel.rows import ReplyVariable

R_co = TypeVar("R_co", covariant=True)

ITEM_LENGTH: Final = 200
TEXT_LENGTH: Final = 2_000
"""Characters of a message that an operator writes; the transport may cut it into several of Steam's."""
LABEL_LENGTH: Final = 64
MAFILE_LENGTH: Final = 64 * 1024


class Command(Struct, Generic[R_co], frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A request whose handler returns an `R_co`. Its class name is its kind on the wire.

    `outgoing` marks what reaches a player: the router brings the decision to disk first, and asks the guards at the
    last moment before its handler runs. `public` commands may come from outside the process, from whoever has the
    `role` that they take. `lane_of` names the field whose value orders commands of one kind: with the same value they
    are carried out one after another.
    """

    outgoing: ClassVar[bool] = False
    public: ClassVar[bool] = True
    role: ClassVar[Role] = Role.DEVELOPER
    lane_of: ClassVar[str | None] = None

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def lane(self) -> tuple[str, str] | None:
        """Commands of one lane never overlap."""
        return (self.kind, getattr(self, self.lane_of)) if self.lane_of else None


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


class ConnectBot(Command[None], frozen=True, kw_only=True):
    """Sign the bot in, once. Returns when it is usable; what hinders it is told by an event, not raised."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    bot_id: BotId


class DisconnectBot(Command[None], frozen=True, kw_only=True):
    """Log the bot off. `reason` is the code that its bot.disconnected will bear."""

    public: ClassVar[bool] = False
    bot_id: BotId
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


class SendInvite(Command[None], frozen=True, kw_only=True):
    """Ask the player, in the bot's name, to become friends. Only what the invite queue has decided passes its guard."""

    outgoing: ClassVar[bool] = True
    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    task_id: TaskId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")


class WithdrawInvite(Command[None], frozen=True, kw_only=True):
    """Take back an invite that the player has not answered. Does nothing when there is none."""

    public: ClassVar[bool] = False
    bot_id: BotId
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


class SendMessage(Command[MessageId], frozen=True, kw_only=True):
    """Say something to the player in the bot's name. An operator who writes takes the chat over by it."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    text: str

    def __post_init__(self) -> None:
        if not 0 < len(self.text.strip()) <= TEXT_LENGTH:
            raise ValueError(f"text: give 1 to {TEXT_LENGTH} characters")


class RetryMessage(Command[MessageId], frozen=True, kw_only=True):
    """Say once more what failed, in the name of whoever asks, as by SendMessage. A message is retried at most once."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "chat_id"
    chat_id: ChatId
    message_id: MessageId


class DeliverMessage(Command["Delivered"], frozen=True, kw_only=True):
    """Hand one queued message to Steam. Only what the chat has decided, in its present epoch, passes its guard."""

    outgoing: ClassVar[bool] = True
    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    chat_id: ChatId
    message_id: MessageId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    text: str


class Delivered(Struct, frozen=True, gc=False):
    """What Steam says of a message that it took: its time in seconds, and its number within that second."""

    steam_ts: int
    ordinal: int


class ReadHistory(Command[tuple["HistoryLine", ...]], frozen=True, kw_only=True):
    """What Steam has of a conversation since `since` (seconds since the epoch), oldest first, from both sides."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    bot_id: BotId
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


class PauseContact(Command[None], frozen=True, kw_only=True):
    """Stop all invites and messages of the whole fleet at once."""

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


# ── among ourselves: no player is told of these


class AddNote(Command[NoteId], frozen=True, kw_only=True):
    """Write something down about a chat, open or closed, for our own people."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    text: str

    def __post_init__(self) -> None:
        if not 0 < len(self.text.strip()) <= TEXT_LENGTH:
            raise ValueError(f"text: give 1 to {TEXT_LENGTH} characters")


class RemoveNote(Command[None], frozen=True, kw_only=True):
    """Take a note out of its chat. It stays in the journal."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    note_id: NoteId


class MarkRead(Command[None], frozen=True, kw_only=True):
    """Whoever asks has read the chat up to this line, and with it. A mark never goes back.

    No viewer's: what is read by one who cannot answer is not seen by the team.
    """

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    up_to: MessageId


class MarkAllRead(Command[None], frozen=True, kw_only=True):
    """All that was said until now counts as read by whoever asks: for one who is new, or has been away."""

    role: ClassVar[Role] = Role.OPERATOR


class SaveCannedReply(Command[ReplyId], frozen=True, kw_only=True):
    """Keep words that the team says often; with a `reply_id`, in place of what that one was.

    `{item}`, `{priceMin}` and the other variables stand for what the chat has, in which the reply is used.
    """

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "kind"  # two at once could both take the same title
    title: str
    text: str
    reply_id: ReplyId | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.title.strip()) <= LABEL_LENGTH:
            raise ValueError(f"title: give 1 to {LABEL_LENGTH} characters")
        if not 0 < len(self.text.strip()) <= TEXT_LENGTH:
            raise ValueError(f"text: give 1 to {TEXT_LENGTH} characters")
        for name in re.findall(r"\{(\w+)\}", self.text):
            if name not in set(ReplyVariable):
                known = ", ".join(f"{{{variable}}}" for variable in ReplyVariable)
                raise ValueError(f"text: there is no {{{name}}} to put in; there are {known}")


class RemoveCannedReply(Command[None], frozen=True, kw_only=True):
    """Offer this canned reply no longer."""

    role: ClassVar[Role] = Role.OPERATOR
    reply_id: ReplyId


# ── plugins, while the system runs


class EnablePlugin(Command[None], frozen=True, kw_only=True):
    """Start an installed plugin with the code that is on disk, and let it run after a restart too."""

    role: ClassVar[Role] = Role.DEVELOPER
    name: str


class DisablePlugin(Command[None], frozen=True, kw_only=True):
    """Let a plugin end what it has under way, stop it, and leave it stopped after a restart too."""

    role: ClassVar[Role] = Role.DEVELOPER
    name: str


class ReloadPlugin(Command[None], frozen=True, kw_only=True):
    """Run a plugin with the code that is on disk now. Where that does not start, what ran before goes on."""

    role: ClassVar[Role] = Role.DEVELOPER
    name: str


class SwapAgent(Command[None], frozen=True, kw_only=True):
    """Have the agent `new` take the place of the agent `old`, which ends the turns that it has begun.

    Where the new one does not start, the old one goes on.
    """

    role: ClassVar[Role] = Role.DEVELOPER
    old: str
    new: str


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
    command.__name__: command for command in Command.__subclasses__() if command.__module__ == __name__
}
"""Every kind, in the order of this page. A plugin may add kinds of its own by handling them."""
