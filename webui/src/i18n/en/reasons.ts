/** Why bots are off, tasks wait or have ended, and messages were not sent, in English: a text for every code. */
import type { AgentOffReason, BotReason, MessageReason, TaskReason } from '@/contract/enums'

/** Why it is so, and what a person should do, where anybody has to. */
export interface ReasonText {
  readonly why: string
  readonly next?: string
}

const addAgain = 'Remove the bot and add it again with the right password.'
const newMaFile = 'Remove the bot and add it again with a fresh maFile of its account.'
const newProxy = 'Remove the bot and add it again with another proxy.'
const handSignIn = 'Sign in to the account by hand, do what Steam asks for, then let the bot try again.'
const mendSecrets = 'A developer restores the key and the secrets from a backup, or adds the bot again.'

export const botReasons: Readonly<Record<BotReason, ReasonText>> = {
  awaitingTurn: { why: 'It waits for its turn to sign in.' },
  proxyHostBusy: { why: 'Many bots sign in through the host of its proxy; its turn comes after them.' },
  rotated: { why: 'Its time online was up while others were waiting; its turn comes again.' },
  rotatedOut: { why: 'Its time online was up while others were waiting; its turn comes again.' },
  removed: { why: 'The bot is being removed.' },
  restarted: { why: 'The system was started anew; the bot signs in when its turn comes.' },
  stopped: { why: 'The system was stopped; the bot signs in when its turn comes.' },
  interrupted: { why: 'The sign-in was broken off; it is tried again.' },
  signInFailed: { why: 'The sign-in has failed, and the transport did not say why; it is tried again.' },
  signInTimeout: { why: 'The sign-in took too long and was broken off; it is tried again.' },
  'proxy.unreachable': {
    why: 'Its proxy does not answer; the bot tries again by itself.',
    next: 'If that lasts, ask the proxy’s provider.',
  },
  'proxy.targetRefused': {
    why: 'Its proxy answers, but does not let the bot through to Steam; the bot tries again by itself.',
    next: 'If that lasts, ask the proxy’s provider whether Steam is allowed.',
  },
  'proxy.credentialsRefused': {
    why: 'Its proxy does not take the user name and password.',
    next: 'Pay or mend the proxy at its provider and let the bot try again, or add the bot anew with a right address.',
  },
  'proxy.banned': { why: 'Steam bans the address of its proxy.', next: newProxy },
  'steam.unavailable': { why: 'Steam is not available just now; the bot tries again by itself.' },
  'directory.unreachable': { why: 'Steam’s list of servers cannot be had; the bot tries again by itself.' },
  'webApi.unreachable': { why: 'Steam’s web API does not answer; the bot tries again by itself.' },
  'cm.unreachable': { why: 'No server of Steam answers; the bot tries again by itself.' },
  'cm.disconnected': { why: 'The connection to Steam has ended; the bot tries again by itself.' },
  'cm.silent': { why: 'Steam has fallen silent; the bot tries again by itself.' },
  'signIn.deferred': { why: 'Steam does not let it in just now; the bot tries again by itself.' },
  'signIn.throttled': {
    why: 'Too many sign-ins from the address of its proxy: Steam wants a pause. The bot tries again by itself.',
    next: 'Do not press it: each further try makes the wait longer.',
  },
  'signIn.givenUp': { why: 'Steam has refused the sign-in many times without a reason.', next: handSignIn },
  'signIn.rejected': { why: 'Steam does not let the bot in, and trying again would not help.' },
  'signIn.passwordWrong': { why: 'Steam does not take the account’s name or password.', next: addAgain },
  'signIn.passwordNeeded': {
    why: 'Steam takes its stored token no more, and there is no password to get a new one.',
    next: 'Remove the bot and add it again with its password.',
  },
  'signIn.otherAccount': {
    why: 'The login name is of another account than the maFile.',
    next: 'Remove the bot and add it again with the maFile of its own account.',
  },
  'signIn.emailCode': {
    why: 'Steam wants a code from the account’s e-mail.',
    next: 'Put a mobile authenticator on the account, remove the bot and add it again with its maFile.',
  },
  'signIn.personAsked': {
    why: 'Steam wants the sign-in confirmed in the mobile app, which only a person can do.',
    next: 'Put a mobile authenticator on the account, remove the bot and add it again with its maFile.',
  },
  'signIn.mobileCodeNeeded': {
    why: 'Steam wants a mobile code, and the maFile gives none.',
    next: 'Remove the bot and add it again with a maFile that has this account’s shared_secret.',
  },
  'signIn.mobileCodeWrong': {
    why: 'Steam does not take the mobile code: the maFile is of another account, or its authenticator was removed.',
    next: newMaFile,
  },
  'signIn.clockWrong': {
    why: 'Steam refused its code and did not say what time it is: the clock of the server may be off.',
    next: 'A developer sets the clock, or lets the proxy through to Steam’s web API; the bot goes on by itself.',
  },
  'signIn.captcha': {
    why: 'Steam wants a captcha.',
    next: 'Sign in to the account by hand through the bot’s proxy, then let the bot try again.',
  },
  'signIn.tooOld': { why: 'Steam does not take our requests any more.', next: 'A developer updates Switchboard.' },
  'account.inUse': {
    why: 'Another program uses the account.',
    next: 'Stop it; then let the bot try again.',
  },
  'account.cooldown': { why: 'Steam has put the account on a pause; the bot tries again by itself.' },
  'account.banned': { why: 'Steam has banned the account.', next: 'Remove the bot.' },
  'account.unknown': { why: 'Steam knows no account of this name.', next: newMaFile },
  'account.disabled': { why: 'Steam has disabled the account.', next: 'Ask Steam Support, or remove the bot.' },
  'account.locked': {
    why: 'Steam has locked the account.',
    next: 'Unlock it at help.steampowered.com, then let the bot try again.',
  },
  'account.suspended': { why: 'Steam has suspended the account.', next: 'Ask Steam Support, or remove the bot.' },
  'account.deleted': { why: 'The account was deleted.', next: 'Remove the bot.' },
  'account.agreement': { why: 'Steam wants its Subscriber Agreement accepted.', next: handSignIn },
  'secrets.missing': {
    why: 'The bot’s secrets are gone.',
    next: 'Remove the bot and add it again, or a developer restores the data from a backup.',
  },
  'secrets.foreign': { why: 'The bot’s secrets were encrypted with another key.', next: mendSecrets },
  'secrets.tampered': { why: 'The file of the bot’s secrets is damaged.', next: mendSecrets },
  'secrets.keyMissing': { why: 'The key to the bots’ secrets is missing.', next: mendSecrets },
  'secrets.outOfReach': {
    why: 'The folder with the system’s data is not where it was; the bot tries again by itself.',
    next: 'A developer puts the folder back.',
  },
  'secrets.notSaved': {
    why: 'The bot’s new token could not be saved; the bot tries again by itself.',
    next: 'A developer looks at the disk.',
  },
}

export const taskReasons: Readonly<Record<TaskReason, ReasonText>> = {
  noBotConnected: { why: 'No bot is online.', next: 'Add a bot, or mend those that cannot sign in.' },
  botsBusy: { why: 'Every bot that is online has its queue full: the first with room takes the task.' },
  inviteInterval: { why: 'A bot sends at most one invite a minute; this one waits for its turn.' },
  invitePending: { why: 'Its bot has another invite on its way; this one waits for that.' },
  inviteLost: { why: 'What became of the invite was lost in a crash; Steam will tell when the bot is back.' },
  awaitingPlayer: { why: 'The player has not answered the friend invite yet.' },
  awaitingAnswer: { why: 'The player has not answered in the chat yet; then the agent takes its turn.' },
  agentsTurn: {
    why: 'It is the agent’s turn. If none takes it, the agent is switched off and a person is called.',
    next: 'If it takes long, take the chat over.',
  },
  agentOff: {
    why: 'The agent was switched off, and nobody leads the chat.',
    next: 'Take the chat over and write, or give it back to the agent.',
  },
  ledByHand: {
    why: 'One of us leads the chat by hand.',
    next: 'Write to the player, give the chat back, or put the task away.',
  },
  messageUnderWay: { why: 'A message to the player is on its way.' },
  messageInDoubt: {
    why: 'It is not known whether a message has reached the player.',
    next: 'Look into the chat on Steam, then send it again or discard it.',
  },
  chatEnded: {
    why: 'The chat has ended, and nobody has said how the deal came out.',
    next: 'Record the deal, or why none came about.',
  },
  botAway: {
    why: 'Its bot is offline; it goes on when the bot is back.',
    next: 'Look at the bot. Put away, the task leaves the player to another one.',
  },
  botKeptOut: { why: 'Its bot cannot sign in.', next: 'Mend the bot: its card says how. Or put the task away.' },
  unexplained: {
    why: 'Nobody has said why it waits, or its time has passed and nothing came of it.',
    next: 'A developer looks at the list of plugins: assigner, invites and dialogue must run.',
  },
  botOffline: { why: 'Its bot is offline: the task waits for its return, or for another bot.' },
  botAuthFailed: { why: 'Its bot cannot sign in: the task goes to another.' },
  botRemoved: { why: 'Its bot was removed.' },
  botInvitesBlocked: { why: 'Steam takes no invites from its bot: the task goes to another.' },
  contactPaused: { why: 'All contact is paused; the invite goes out once somebody resumes it.' },
  inDoubt: {
    why: 'It is not known whether the invite went out, and it is not sent again.',
    next: 'Look at the player’s profile; if they may be asked again, allow one more invite and make a new task.',
  },
  lapsed: { why: 'The player did not answer the invite in time.' },
  declined: { why: 'The player said no.' },
  disposed: { why: 'Somebody put it away.' },
  agreed: { why: 'The player agreed.' },
  priceOutOfRange: { why: 'The player’s price is outside of ours.' },
  noAnswer: { why: 'The player did not answer.' },
  notUnderstood: { why: 'The script did not understand the player.', next: 'Reading the chat may help.' },
  agreedByHand: { why: 'One of us recorded the deal.' },
  priceNotMet: { why: 'The player wants another price.' },
  stoppedAnswering: { why: 'The player stopped answering.' },
  notInterested: { why: 'The player does not want to trade.' },
  itemGone: { why: 'The player does not have the item any more.' },
  notTrusted: { why: 'The player is not to be trusted.' },
  other: { why: 'Nothing comes of it.' },
  playerChangedMind: { why: 'The player changed their mind after the deal.' },
  playerVanished: { why: 'The player did not come to the trade.' },
  offerDeclined: { why: 'The player declined the trade offer.' },
  itemSold: { why: 'The item was sold to somebody else.' },
  otherCause: { why: 'The trade did not come about.' },
  tradeHold: { why: 'Steam holds the trade back.' },
}

export const messageReasons: Readonly<Record<MessageReason, ReasonText>> = {
  takenOver: { why: 'Not sent: the agent no longer led this chat.' },
  chatClosed: { why: 'Not sent: the chat was closed before.' },
  botOffline: { why: 'Not sent: the bot is offline.', next: 'Send it again when the bot is back.' },
  botRemoved: { why: 'Not sent: the bot was removed.' },
  interrupted: { why: 'Not sent: the system stopped in the middle of the agent’s turn, which was taken anew.' },
  unanswered: { why: 'Steam has not answered yet; its history is asked whether the player has it.' },
  inDoubt: {
    why: 'It may or may not have arrived.',
    next: 'Look into the chat on Steam before you send it again.',
  },
  discarded: { why: 'Not sent: somebody took it back.' },
  discardedInDoubt: { why: 'It may or may not have arrived; somebody decided not to send it again.' },
  wroteElsewhere: { why: 'Not sent: somebody wrote the same words with another Steam client.' },
  arrivedAfterAll: { why: 'Not sent: the first one had arrived after all.' },
}

/** Why a message has not left yet. What a command is refused for may stand there too. */
export const waitingReasons: Readonly<Record<string, ReasonText>> = {
  botOffline: { why: 'The bot is offline: this goes out when it is back.' },
  contactPaused: { why: 'All contact is paused: this goes out once somebody resumes it.' },
  steamBusy: { why: 'Steam has not taken it yet.' },
  guardMissing: { why: 'A guard is not running, and without it nothing goes out: this goes out when it is.' },
  noHandler: { why: 'The plugin that sends it is not running: this goes out when it is.' },
  notDurable: { why: 'The server cannot write to its disk: this goes out when it can.' },
}

/** Why no agent leads a chat, as part of a sentence. */
export const agentOffReasons: Readonly<Record<AgentOffReason, string>> = {
  operator: 'the agent was switched off',
  noTask: 'there is no task',
  agentFailed: 'the agent could not go on',
  agentSilent: 'no agent took its turn',
  notAnswered: 'the player does not answer and the agent has written enough',
  tooManyLines: 'the agent has written as much as it may within an hour',
  contactPaused: 'contact was paused',
  playerAsked: 'the player wants to talk with a person',
  sentElsewhere: 'somebody wrote as the bot with another Steam client',
  messageInDoubt: 'a message may not have arrived',
  messageLost: 'a message of the agent’s was not sent',
  historyUnread: 'what the player wrote meanwhile could not be read back',
  other: 'the agent was switched off',
}
