"""The requests about friend invites."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from kernel.commands.command import (
    Command,
    LeavesToSteam,
    ReachesPlayer,
    check_player,
)
from kernel.ids import SteamId64, TaskId
from kernel.roles import Role


class SendInvite(ReachesPlayer[None], frozen=True, kw_only=True):
    """Ask the player, in the bot's name, to become friends. Only what the invite queue has decided passes its guard."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    task_id: TaskId


class WithdrawInvite(LeavesToSteam[None], frozen=True, kw_only=True):
    """Take back an invite that the player has not answered. Does nothing when there is none."""

    public: ClassVar[bool] = False
    player: SteamId64 = field(name="playerSteamId64")


class DeclineFriendRequest(LeavesToSteam[None], frozen=True, kw_only=True):
    """Decline the invite of somebody who has invited the bot themselves. Does nothing when there is none."""

    public: ClassVar[bool] = False
    player: SteamId64 = field(name="playerSteamId64")


class AllowInvite(Command[None], frozen=True, kw_only=True):
    """Let a player be invited of whom it is not known whether they declined, or who may see a removed bot's invite.

    Only a person may, who has looked. What is known to have been declined or left unanswered, no one lifts.
    """

    role: ClassVar[Role] = Role.OPERATOR
    player: SteamId64 = field(name="playerSteamId64")

    def __post_init__(self) -> None:
        check_player(self.player)
