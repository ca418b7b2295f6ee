"""The requests about bots: added, removed, signed in and out."""

from __future__ import annotations

from typing import ClassVar

from kernel.codes import BotCode
from kernel.commands.command import (
    LABEL_LENGTH,
    MAFILE_LENGTH,
    Command,
    LeavesToSteam,
)
from kernel.ids import BotId
from kernel.roles import Role
from kernel.texts import check_text


class AddBotFromMaFile(Command[BotId], frozen=True, kw_only=True):
    """Add a Steam account: its maFile (the JSON object or its text), its sticky proxy, and its password.

    Without a password the maFile must hold a refresh token that is good for a client.
    """

    role: ClassVar[Role] = Role.DEVELOPER
    secret_fields: ClassVar[frozenset[str]] = frozenset({"ma_file", "proxy_url", "password"})
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
        if self.label is not None:
            check_text("label", self.label, LABEL_LENGTH, one_line=True)

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
    reason: BotCode
