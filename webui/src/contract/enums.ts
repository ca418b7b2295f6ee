// Generated from kernel/ by `python -m webui.contract`: do not edit.

export type BotStatus = "connecting" | "connected" | "disconnected" | "authFailed"
export const BOT_STATUSES: readonly BotStatus[] = ["connecting", "connected", "disconnected", "authFailed"]

export type TaskStatus = "created" | "assigned" | "invited" | "accepted" | "failed" | "disposed" | "resolved"
export const TASK_STATUSES: readonly TaskStatus[] = ["created", "assigned", "invited", "accepted", "failed", "disposed", "resolved"]

export type InviteStatus = "queued" | "requested" | "sent"
export const INVITE_STATUSES: readonly InviteStatus[] = ["queued", "requested", "sent"]

export type InviteRefusal = "declined" | "lapsed" | "inDoubt"
export const INVITE_REFUSALS: readonly InviteRefusal[] = ["declined", "lapsed", "inDoubt"]

/** What may stand in braces in a canned reply: the page puts in what the chat at hand has for it. */
export type ReplyVariable = "item" | "priceMin" | "priceMax" | "currency" | "agreedPrice" | "bot" | "operator"
export const REPLY_VARIABLES: readonly ReplyVariable[] = ["item", "priceMin", "priceMax", "currency", "agreedPrice", "bot", "operator"]

export type PluginStatus = "running" | "stopped" | "quarantined"
export const PLUGIN_STATUSES: readonly PluginStatus[] = ["running", "stopped", "quarantined"]

export type ChatStatus = "open" | "closed"
export const CHAT_STATUSES: readonly ChatStatus[] = ["open", "closed"]

export type Sender = "bot" | "player"
export const SENDERS: readonly Sender[] = ["bot", "player"]

export type Delivery = "queued" | "sending" | "sent" | "inDoubt" | "failed"
export const DELIVERIES: readonly Delivery[] = ["queued", "sending", "sent", "inDoubt", "failed"]

/** Why no agent leads a chat. */
export type AgentOffReason = "operator" | "noTask" | "agentFailed" | "agentSilent" | "notAnswered" | "tooManyLines" | "contactPaused" | "playerAsked" | "sentElsewhere" | "messageInDoubt" | "messageLost" | "historyUnread" | "other"
export const AGENT_OFF_REASONS: readonly AgentOffReason[] = ["operator", "noTask", "agentFailed", "agentSilent", "notAnswered", "tooManyLines", "contactPaused", "playerAsked", "sentElsewhere", "messageInDoubt", "messageLost", "historyUnread", "other"]

/** Whether a person is to be had just now: Steam's EPersonaState. */
export type PersonaState = "offline" | "online" | "busy" | "away" | "snooze" | "lookingToTrade" | "lookingToPlay" | "invisible"
export const PERSONA_STATES: readonly PersonaState[] = ["offline", "online", "busy", "away", "snooze", "lookingToTrade", "lookingToPlay", "invisible"]

/** What Steam holds against an account. */
export type AccountStanding = "limited" | "locked" | "disabled" | "communityBanned" | "vacBanned" | "tradeHeld"
export const ACCOUNT_STANDINGS: readonly AccountStanding[] = ["limited", "locked", "disabled", "communityBanned", "vacBanned", "tradeHeld"]

/** How far a deal has come since its price was agreed; a task without one is agreed, and its trade is to be done. */
export type DealStage = "traded" | "settled" | "reversed" | "fellThrough"
export const DEAL_STAGES: readonly DealStage[] = ["traded", "settled", "reversed", "fellThrough"]

/** Why a person says that nothing comes of a talk. */
export type FailureReason = "priceNotMet" | "stoppedAnswering" | "notInterested" | "itemGone" | "notTrusted" | "other"
export const FAILURE_REASONS: readonly FailureReason[] = ["priceNotMet", "stoppedAnswering", "notInterested", "itemGone", "notTrusted", "other"]

/** Why an agreed deal was never traded. */
export type FallThroughReason = "playerChangedMind" | "playerVanished" | "offerDeclined" | "tradeHold" | "itemSold" | "otherCause"
export const FALL_THROUGH_REASONS: readonly FallThroughReason[] = ["playerChangedMind", "playerVanished", "offerDeclined", "tradeHold", "itemSold", "otherCause"]

/** Why an operator is called to a chat. */
export type MentionReason = "assigned" | "named"
export const MENTION_REASONS: readonly MentionReason[] = ["assigned", "named"]

/** Whom a refusal of Steam's binds: the others go on. */
export type Binds = "player" | "account" | "request"
export const BINDSES: readonly Binds[] = ["player", "account", "request"]

export type Role = "metrics" | "viewer" | "operator" | "developer" | "admin"
export const ROLES: readonly Role[] = ["metrics", "viewer", "operator", "developer", "admin"]

/** Why a bot is off. What a command was refused for may stand there too. */
export type BotReason = "restarted" | "stopped" | "awaitingTurn" | "proxyHostBusy" | "rotated" | "rotatedOut" | "removed" | "signInFailed" | "signInTimeout" | "interrupted" | "proxy.unreachable" | "proxy.targetRefused" | "proxy.credentialsRefused" | "proxy.banned" | "steam.unavailable" | "directory.unreachable" | "webApi.unreachable" | "cm.unreachable" | "cm.disconnected" | "cm.silent" | "signIn.deferred" | "signIn.throttled" | "signIn.rejected" | "signIn.givenUp" | "signIn.passwordWrong" | "signIn.passwordNeeded" | "signIn.otherAccount" | "signIn.emailCode" | "signIn.personAsked" | "signIn.mobileCodeNeeded" | "signIn.mobileCodeWrong" | "signIn.clockWrong" | "signIn.captcha" | "signIn.tooOld" | "account.inUse" | "account.cooldown" | "account.banned" | "account.unknown" | "account.disabled" | "account.locked" | "account.suspended" | "account.deleted" | "account.agreement" | "secrets.missing" | "secrets.foreign" | "secrets.tampered" | "secrets.keyMissing" | "secrets.notSaved" | "secrets.outOfReach"
export const BOT_REASONS: readonly BotReason[] = ["restarted", "stopped", "awaitingTurn", "proxyHostBusy", "rotated", "rotatedOut", "removed", "signInFailed", "signInTimeout", "interrupted", "proxy.unreachable", "proxy.targetRefused", "proxy.credentialsRefused", "proxy.banned", "steam.unavailable", "directory.unreachable", "webApi.unreachable", "cm.unreachable", "cm.disconnected", "cm.silent", "signIn.deferred", "signIn.throttled", "signIn.rejected", "signIn.givenUp", "signIn.passwordWrong", "signIn.passwordNeeded", "signIn.otherAccount", "signIn.emailCode", "signIn.personAsked", "signIn.mobileCodeNeeded", "signIn.mobileCodeWrong", "signIn.clockWrong", "signIn.captcha", "signIn.tooOld", "account.inUse", "account.cooldown", "account.banned", "account.unknown", "account.disabled", "account.locked", "account.suspended", "account.deleted", "account.agreement", "secrets.missing", "secrets.foreign", "secrets.tampered", "secrets.keyMissing", "secrets.notSaved", "secrets.outOfReach"]

/** Why a task waits, or how it has ended. What its invite was refused for may stand there too. */
export type TaskReason = "botOffline" | "botRemoved" | "contactPaused" | "agreed" | "declined" | "priceOutOfRange" | "noAnswer" | "notUnderstood" | "lapsed" | "inDoubt" | "priceNotMet" | "stoppedAnswering" | "notInterested" | "itemGone" | "notTrusted" | "other" | "playerChangedMind" | "playerVanished" | "offerDeclined" | "tradeHold" | "itemSold" | "otherCause" | "noBotConnected" | "botsBusy" | "inviteInterval" | "invitePending" | "inviteLost" | "awaitingPlayer" | "botAuthFailed" | "botInvitesBlocked" | "awaitingAnswer" | "agentsTurn" | "agentOff" | "ledByHand" | "messageUnderWay" | "messageInDoubt" | "chatEnded" | "botAway" | "botKeptOut" | "unexplained" | "disposed" | "agreedByHand"
export const TASK_REASONS: readonly TaskReason[] = ["botOffline", "botRemoved", "contactPaused", "agreed", "declined", "priceOutOfRange", "noAnswer", "notUnderstood", "lapsed", "inDoubt", "priceNotMet", "stoppedAnswering", "notInterested", "itemGone", "notTrusted", "other", "playerChangedMind", "playerVanished", "offerDeclined", "tradeHold", "itemSold", "otherCause", "noBotConnected", "botsBusy", "inviteInterval", "invitePending", "inviteLost", "awaitingPlayer", "botAuthFailed", "botInvitesBlocked", "awaitingAnswer", "agentsTurn", "agentOff", "ledByHand", "messageUnderWay", "messageInDoubt", "chatEnded", "botAway", "botKeptOut", "unexplained", "disposed", "agreedByHand"]

/** Why a message waits or was not sent, where that is not what its delivery was refused for. */
export type MessageReason = "unanswered" | "inDoubt" | "discardedInDoubt" | "takenOver" | "chatClosed" | "botOffline" | "botRemoved" | "interrupted" | "discarded" | "wroteElsewhere" | "arrivedAfterAll"
export const MESSAGE_REASONS: readonly MessageReason[] = ["unanswered", "inDoubt", "discardedInDoubt", "takenOver", "chatClosed", "botOffline", "botRemoved", "interrupted", "discarded", "wroteElsewhere", "arrivedAfterAll"]

/** What a command, or a request of the page, is refused for. */
export type RefusalCode = "invalidCommand" | "invalidJson" | "unknownCommand" | "idReused" | "noHandler" | "changing" | "handlerFailed" | "guardFailed" | "guardMissing" | "rejected" | "laneFull" | "notDurable" | "notKnown" | "notOnDiskYet" | "unknownPlugin" | "alreadyRunning" | "notRunning" | "notWhileRunning" | "fixedPlugin" | "notAnAgent" | "isGuard" | "pluginBroken" | "inConfig" | "personsOnly" | "stopping" | "unknownBot" | "botOffline" | "botRemoved" | "invitesBlocked" | "messagesHeld" | "inviteRefused" | "fleetInviteLimit" | "unknownChat" | "archived" | "unknownMessage" | "messageUnderWay" | "chatClosed" | "playerBusy" | "contactPaused" | "doNotContact" | "ownBot" | "stillUnderWay" | "deniesProgram" | "tooManyUnanswered" | "tooManyLines" | "unauthorized" | "disabled" | "badCredentials" | "badLink" | "weakPassword" | "nameTaken" | "invalidName" | "invalidForm" | "changedMeanwhile" | "lastAdmin" | "noSuchOperator" | "noSuchToken" | "fileUnreadable" | "dataFolderGone" | "notSignedIn" | "notSignedInByPassword" | "tooManyAttempts" | "busy" | "crossSite" | "wrongHost" | "tooManyRequests" | "tooManyCommands" | "tooLarge" | "bodyTimeout" | "internal" | "invalidEnvelope" | "roleTooLow" | "badCode" | "codeUsed" | "clockOff" | "signInExpired" | "proofNeeded" | "secondFactorOff" | "secondFactorRequired" | "noSecondFactor" | "notBegun" | "keyRefused" | "keysNotHere" | "noSuchKey" | "tooManyKeys" | "notListed" | "noOpenTask" | "notRequested" | "inviteRefusedBefore" | "inviteInDoubt" | "nothingInDoubt" | "noticeMissing" | "tooManyStopWords" | "noSuchStopWord" | "alreadyTaken" | "takenOver" | "ownedByPerson" | "noTask" | "notFailed" | "alreadyRetried" | "tooManyQueued" | "messageInDoubt" | "beingSent" | "nothingToDiscard" | "notQueued" | "notAsQueued" | "botOnline" | "noWords" | "tooManyWords" | "queryTooLong" | "historyBusy" | "historyNotReady" | "notInArchive" | "invalidRange" | "inviteNotDecided" | "inviteInterval" | "invitePending" | "unknownTarget" | "notificationNotSent" | "botNotFound" | "wordsUnheard" | "botExists" | "proxyTaken" | "secretsNotSaved" | "password.missing" | "archive.damaged" | "archive.encrypted" | "archive.kind" | "archive.path" | "archive.tooLarge" | "import.notFound" | "import.notReady" | "import.tooLarge" | "maFile.contradictory" | "maFile.encrypted" | "maFile.invalidField" | "maFile.missingField" | "maFile.notJson" | "maFile.notObject" | "maFile.notText" | "maFile.several" | "maFile.steamIdMissing" | "maFile.tooLarge" | "maFile.wrongPasskey" | "proxy.credentials" | "proxy.doubtful" | "proxy.host" | "proxy.malformed" | "proxy.port" | "proxy.scheme" | "proxy.sameExit" | "proxyCheckRunning" | "proxy.missing" | "passwords.malformed" | "steamBusy" | "botBlocksPlayer" | "playerBlocksBot" | "playerIgnoresBot" | "playerFriendsFull" | "playerBanned" | "playerNotFound" | "playerDeleted" | "notFriends" | "limitedAccount" | "messageTooLong" | "messageRefused" | "messagesLimited" | "historyRefused" | "withdrawRefused" | "unknownTask" | "taskEnded" | "noTalkYet" | "priceOutsideRange" | "nothingAgreed" | "tradeRecorded" | "nothingTraded" | "nothingToUndo" | "tooLateToUndo" | "unknownNote" | "unknownReply" | "titleTaken" | "tooManyReplies" | "unknownOperator" | "ledByColleague" | "noTimeToCome" | "unknownEndpoint" | "webhookUnsigned" | "webhookFailed" | "unknownEvent"
export const REFUSAL_CODES: readonly RefusalCode[] = ["invalidCommand", "invalidJson", "unknownCommand", "idReused", "noHandler", "changing", "handlerFailed", "guardFailed", "guardMissing", "rejected", "laneFull", "notDurable", "notKnown", "notOnDiskYet", "unknownPlugin", "alreadyRunning", "notRunning", "notWhileRunning", "fixedPlugin", "notAnAgent", "isGuard", "pluginBroken", "inConfig", "personsOnly", "stopping", "unknownBot", "botOffline", "botRemoved", "invitesBlocked", "messagesHeld", "inviteRefused", "fleetInviteLimit", "unknownChat", "archived", "unknownMessage", "messageUnderWay", "chatClosed", "playerBusy", "contactPaused", "doNotContact", "ownBot", "stillUnderWay", "deniesProgram", "tooManyUnanswered", "tooManyLines", "unauthorized", "disabled", "badCredentials", "badLink", "weakPassword", "nameTaken", "invalidName", "invalidForm", "changedMeanwhile", "lastAdmin", "noSuchOperator", "noSuchToken", "fileUnreadable", "dataFolderGone", "notSignedIn", "notSignedInByPassword", "tooManyAttempts", "busy", "crossSite", "wrongHost", "tooManyRequests", "tooManyCommands", "tooLarge", "bodyTimeout", "internal", "invalidEnvelope", "roleTooLow", "badCode", "codeUsed", "clockOff", "signInExpired", "proofNeeded", "secondFactorOff", "secondFactorRequired", "noSecondFactor", "notBegun", "keyRefused", "keysNotHere", "noSuchKey", "tooManyKeys", "notListed", "noOpenTask", "notRequested", "inviteRefusedBefore", "inviteInDoubt", "nothingInDoubt", "noticeMissing", "tooManyStopWords", "noSuchStopWord", "alreadyTaken", "takenOver", "ownedByPerson", "noTask", "notFailed", "alreadyRetried", "tooManyQueued", "messageInDoubt", "beingSent", "nothingToDiscard", "notQueued", "notAsQueued", "botOnline", "noWords", "tooManyWords", "queryTooLong", "historyBusy", "historyNotReady", "notInArchive", "invalidRange", "inviteNotDecided", "inviteInterval", "invitePending", "unknownTarget", "notificationNotSent", "botNotFound", "wordsUnheard", "botExists", "proxyTaken", "secretsNotSaved", "password.missing", "archive.damaged", "archive.encrypted", "archive.kind", "archive.path", "archive.tooLarge", "import.notFound", "import.notReady", "import.tooLarge", "maFile.contradictory", "maFile.encrypted", "maFile.invalidField", "maFile.missingField", "maFile.notJson", "maFile.notObject", "maFile.notText", "maFile.several", "maFile.steamIdMissing", "maFile.tooLarge", "maFile.wrongPasskey", "proxy.credentials", "proxy.doubtful", "proxy.host", "proxy.malformed", "proxy.port", "proxy.scheme", "proxy.sameExit", "proxyCheckRunning", "proxy.missing", "passwords.malformed", "steamBusy", "botBlocksPlayer", "playerBlocksBot", "playerIgnoresBot", "playerFriendsFull", "playerBanned", "playerNotFound", "playerDeleted", "notFriends", "limitedAccount", "messageTooLong", "messageRefused", "messagesLimited", "historyRefused", "withdrawRefused", "unknownTask", "taskEnded", "noTalkYet", "priceOutsideRange", "nothingAgreed", "tradeRecorded", "nothingTraded", "nothingToUndo", "tooLateToUndo", "unknownNote", "unknownReply", "titleTaken", "tooManyReplies", "unknownOperator", "ledByColleague", "noTimeToCome", "unknownEndpoint", "webhookUnsigned", "webhookFailed", "unknownEvent"]
