"""The facts that plugins tell each other: frozen, past tense, under the names of SPEC.md section 4."""

from __future__ import annotations

from typing import Final

from kernel.events import (
    audit,
    bots,
    chats,
    contact,
    deals,
    desk,
    friends,
    invites,
    personas,
    plugins,
    system,
    tasks,
    team,
)
from kernel.events.audit import AuditRecorded as AuditRecorded
from kernel.events.audit import EventWithheld as EventWithheld
from kernel.events.bots import BotAdded as BotAdded
from kernel.events.bots import BotAuthFailed as BotAuthFailed
from kernel.events.bots import BotConnected as BotConnected
from kernel.events.bots import BotConnecting as BotConnecting
from kernel.events.bots import BotDisconnected as BotDisconnected
from kernel.events.bots import BotFriendRequestsListed as BotFriendRequestsListed
from kernel.events.bots import BotInvitesBlocked as BotInvitesBlocked
from kernel.events.bots import BotMessagesHeld as BotMessagesHeld
from kernel.events.bots import BotRemoved as BotRemoved
from kernel.events.bots import BotStandingChanged as BotStandingChanged
from kernel.events.chats import ChatAgentToggled as ChatAgentToggled
from kernel.events.chats import ChatArchived as ChatArchived
from kernel.events.chats import ChatClosed as ChatClosed
from kernel.events.chats import ChatMessageEchoed as ChatMessageEchoed
from kernel.events.chats import ChatMessageFailed as ChatMessageFailed
from kernel.events.chats import ChatMessageInDoubt as ChatMessageInDoubt
from kernel.events.chats import ChatMessageQueued as ChatMessageQueued
from kernel.events.chats import ChatMessageReceived as ChatMessageReceived
from kernel.events.chats import ChatMessageSending as ChatMessageSending
from kernel.events.chats import ChatMessageSent as ChatMessageSent
from kernel.events.chats import ChatMessageUnanswered as ChatMessageUnanswered
from kernel.events.chats import ChatMessageWaiting as ChatMessageWaiting
from kernel.events.chats import ChatStarted as ChatStarted
from kernel.events.chats import DialogScriptAdvanced as DialogScriptAdvanced
from kernel.events.chats import DialogScriptCompleted as DialogScriptCompleted
from kernel.events.contact import ContactPaused as ContactPaused
from kernel.events.contact import ContactResumed as ContactResumed
from kernel.events.contact import DoNotContactAdded as DoNotContactAdded
from kernel.events.contact import DoNotContactRemoved as DoNotContactRemoved
from kernel.events.contact import PlayerArchived as PlayerArchived
from kernel.events.contact import PlayerForgotten as PlayerForgotten
from kernel.events.contact import PlayerInviteAllowed as PlayerInviteAllowed
from kernel.events.contact import StopWordAdded as StopWordAdded
from kernel.events.contact import StopWordRemoved as StopWordRemoved
from kernel.events.deals import TaskFellThrough as TaskFellThrough
from kernel.events.deals import TaskOutcomeUndone as TaskOutcomeUndone
from kernel.events.deals import TaskReversed as TaskReversed
from kernel.events.deals import TaskSettled as TaskSettled
from kernel.events.deals import TaskTraded as TaskTraded
from kernel.events.desk import ChatAssigned as ChatAssigned
from kernel.events.desk import ChatMentioned as ChatMentioned
from kernel.events.desk import ChatMentionRead as ChatMentionRead
from kernel.events.desk import ChatSnoozed as ChatSnoozed
from kernel.events.desk import ChatSnoozeExpired as ChatSnoozeExpired
from kernel.events.desk import ChatUnsnoozed as ChatUnsnoozed
from kernel.events.envelope import Envelope as Envelope
from kernel.events.envelope import Event as Event
from kernel.events.envelope import Retired as Retired
from kernel.events.envelope import Split as Split
from kernel.events.envelope import UnknownEvent as UnknownEvent
from kernel.events.friends import FriendMessageArrived as FriendMessageArrived
from kernel.events.friends import FriendRelationshipChanged as FriendRelationshipChanged
from kernel.events.friends import Relationship as Relationship
from kernel.events.invites import FriendInviteAccepted as FriendInviteAccepted
from kernel.events.invites import FriendInviteFailed as FriendInviteFailed
from kernel.events.invites import FriendInviteLeftBehind as FriendInviteLeftBehind
from kernel.events.invites import FriendInviteQueued as FriendInviteQueued
from kernel.events.invites import FriendInviteRefused as FriendInviteRefused
from kernel.events.invites import FriendInviteRequested as FriendInviteRequested
from kernel.events.invites import FriendInviteSent as FriendInviteSent
from kernel.events.invites import FriendInviteTakenBack as FriendInviteTakenBack
from kernel.events.personas import PlayerPersonaChanged as PlayerPersonaChanged
from kernel.events.plugins import PluginDisabled as PluginDisabled
from kernel.events.plugins import PluginDismissed as PluginDismissed
from kernel.events.plugins import PluginEnabled as PluginEnabled
from kernel.events.plugins import PluginFacts as PluginFacts
from kernel.events.plugins import PluginFound as PluginFound
from kernel.events.plugins import PluginQuarantined as PluginQuarantined
from kernel.events.plugins import PluginReloaded as PluginReloaded
from kernel.events.plugins import PluginRolledBack as PluginRolledBack
from kernel.events.plugins import PluginStarted as PluginStarted
from kernel.events.plugins import PluginStopped as PluginStopped
from kernel.events.plugins import PluginSwapped as PluginSwapped
from kernel.events.system import ClockResumed as ClockResumed
from kernel.events.system import ClockStepped as ClockStepped
from kernel.events.system import CommandCompleted as CommandCompleted
from kernel.events.system import ErrorLogged as ErrorLogged
from kernel.events.system import LiveShellClosed as LiveShellClosed
from kernel.events.system import LiveShellOpened as LiveShellOpened
from kernel.events.system import LiveShellRan as LiveShellRan
from kernel.events.system import SystemStarted as SystemStarted
from kernel.events.system import SystemStopped as SystemStopped
from kernel.events.tasks import TaskArchived as TaskArchived
from kernel.events.tasks import TaskAssigned as TaskAssigned
from kernel.events.tasks import TaskCreated as TaskCreated
from kernel.events.tasks import TaskStatusChanged as TaskStatusChanged
from kernel.events.tasks import TaskWaiting as TaskWaiting
from kernel.events.team import CannedReplyRemoved as CannedReplyRemoved
from kernel.events.team import CannedReplySaved as CannedReplySaved
from kernel.events.team import ChatNoteAdded as ChatNoteAdded
from kernel.events.team import ChatNoteRemoved as ChatNoteRemoved
from kernel.events.team import ChatRead as ChatRead
from kernel.events.team import OperatorCaughtUp as OperatorCaughtUp

KINDS: Final[dict[str, type[Event]]] = {
    event.kind: event
    for module in (bots, friends, tasks, deals, invites, chats, contact, personas, team, desk, plugins, system, audit)
    for event in vars(module).values()
    if isinstance(event, type) and issubclass(event, Event) and not issubclass(event, Retired) and "kind" in vars(event)
    if event.__module__ == module.__name__
}
"""Every kind of the kernel's, slice by slice. Plugins bring their own; see `kernel.codec`."""
RETIRED: Final[tuple[type[Retired], ...]] = chats.RETIRED
"""The forms that earlier versions wrote."""
