"""The requests that plugins, operators and notebooks make: imperative, each carried out by exactly one handler."""

from __future__ import annotations

from typing import Final

from kernel.commands import bots, chats, contact, deals, desk, invites, plugins, tasks, team
from kernel.commands.bots import AddBotFromMaFile as AddBotFromMaFile
from kernel.commands.bots import ConnectBot as ConnectBot
from kernel.commands.bots import DisconnectBot as DisconnectBot
from kernel.commands.bots import ReconnectBot as ReconnectBot
from kernel.commands.bots import RemoveBot as RemoveBot
from kernel.commands.chats import Delivered as Delivered
from kernel.commands.chats import DeliverMessage as DeliverMessage
from kernel.commands.chats import DiscardMessage as DiscardMessage
from kernel.commands.chats import HistoryLine as HistoryLine
from kernel.commands.chats import ReadHistory as ReadHistory
from kernel.commands.chats import RetryMessage as RetryMessage
from kernel.commands.chats import SendMessage as SendMessage
from kernel.commands.chats import ToggleAgent as ToggleAgent
from kernel.commands.command import ITEM_LENGTH as ITEM_LENGTH
from kernel.commands.command import LABEL_LENGTH as LABEL_LENGTH
from kernel.commands.command import MAFILE_LENGTH as MAFILE_LENGTH
from kernel.commands.command import TEXT_LENGTH as TEXT_LENGTH
from kernel.commands.command import Command as Command
from kernel.commands.command import LeavesToSteam as LeavesToSteam
from kernel.commands.command import ReachesPlayer as ReachesPlayer
from kernel.commands.contact import AddDoNotContact as AddDoNotContact
from kernel.commands.contact import AddStopWord as AddStopWord
from kernel.commands.contact import ForgetPlayer as ForgetPlayer
from kernel.commands.contact import PauseContact as PauseContact
from kernel.commands.contact import RemoveDoNotContact as RemoveDoNotContact
from kernel.commands.contact import RemoveStopWord as RemoveStopWord
from kernel.commands.contact import ResumeContact as ResumeContact
from kernel.commands.deals import DEAL_NOTE_LENGTH as DEAL_NOTE_LENGTH
from kernel.commands.deals import FailTask as FailTask
from kernel.commands.deals import RecordFallThrough as RecordFallThrough
from kernel.commands.deals import RecordReversal as RecordReversal
from kernel.commands.deals import RecordTrade as RecordTrade
from kernel.commands.deals import ResolveTask as ResolveTask
from kernel.commands.deals import UndoOutcome as UndoOutcome
from kernel.commands.desk import AssignChat as AssignChat
from kernel.commands.desk import MarkMentionRead as MarkMentionRead
from kernel.commands.desk import SnoozeChat as SnoozeChat
from kernel.commands.desk import UnsnoozeChat as UnsnoozeChat
from kernel.commands.invites import AllowInvite as AllowInvite
from kernel.commands.invites import DeclineFriendRequest as DeclineFriendRequest
from kernel.commands.invites import SendInvite as SendInvite
from kernel.commands.invites import WithdrawInvite as WithdrawInvite
from kernel.commands.plugins import DisablePlugin as DisablePlugin
from kernel.commands.plugins import DismissPlugin as DismissPlugin
from kernel.commands.plugins import EnablePlugin as EnablePlugin
from kernel.commands.plugins import ReloadPlugin as ReloadPlugin
from kernel.commands.plugins import SwapAgent as SwapAgent
from kernel.commands.tasks import CreateTask as CreateTask
from kernel.commands.tasks import DisposeTask as DisposeTask
from kernel.commands.team import AddNote as AddNote
from kernel.commands.team import MarkAllRead as MarkAllRead
from kernel.commands.team import MarkRead as MarkRead
from kernel.commands.team import RemoveCannedReply as RemoveCannedReply
from kernel.commands.team import RemoveNote as RemoveNote
from kernel.commands.team import SaveCannedReply as SaveCannedReply

COMMANDS: Final[dict[str, type[Command[object]]]] = {
    name: command
    for module in (bots, tasks, deals, invites, chats, contact, team, desk, plugins)
    for name, command in vars(module).items()
    if isinstance(command, type) and issubclass(command, Command) and command.__module__ == module.__name__
}
"""Every kind, slice by slice. A plugin may add kinds of its own by handling them."""
