/** The texts of bulk commands, in English. */
import { many } from '@/i18n/en/plural'

export const bulkTexts = {
  bulk: {
    title: 'Chosen rows',
    chosen: (n: number) => `${n.toLocaleString('en')} chosen`,
    all: (n: number) => `Choose all ${n.toLocaleString('en')}`,
    none: 'Choose none',
    pick: (what: string) => `Choose ${what}`,
    pickGroup: (group: string, n: number) => `Choose all of “${group}”: ${n.toLocaleString('en')}`,
    groups: { todo: 'It will be done to', unfit: 'Left as they are', refused: 'Refused', done: 'Done' },
    preview: (fits: number, unfit: number) =>
      fits === 0
        ? 'It fits none of the chosen: nothing will be done.'
        : unfit === 0
          ? `It fits all ${fits.toLocaleString('en')} that are chosen.`
          : `It fits ${fits.toLocaleString('en')} of the ${(fits + unfit).toLocaleString('en')} chosen.`,
    progress: (done: number, all: number) => `${done.toLocaleString('en')} of ${all.toLocaleString('en')} done.`,
    refusals: (n: number) => `${n.toLocaleString('en')} refused.`,
    stop: 'Stop',
    stopped: 'Stopped.',
    goOn: (n: number) => `Go on with the other ${n.toLocaleString('en')}`,
    cut: (why: string) => `${why} The rest has not been done; go on when the server is there again.`,
    gone: 'It is there no longer.',
    dispose: (n: number) => `Put ${many(n, 'task', 'tasks')} away?`,
    ended: (status: string) => `It has ended already: ${status}.`,
    takeOver: (n: number) => `Take ${many(n, 'chat', 'chats')} over?`,
    takeOverHint: 'The agent says nothing more in them, and you lead them.',
    giveBack: (n: number) => `Give ${many(n, 'chat', 'chats')} back to the agent?`,
    giveBackHint: 'The agent goes on where the dialogue stands.',
    markRead: 'Mark read',
    markReadTitle: (n: number) => `Mark ${many(n, 'chat', 'chats')} as read for you?`,
    markReadHint: 'All that the players have written counts as read by you, up to the last line.',
    close: 'Close',
    closeTitle: (n: number) => `Close ${many(n, 'chat', 'chats')}?`,
    closeHint: 'Their tasks are put away, and nothing more is said to the players.',
    closed: 'The chat is closed.',
    mine: 'You lead it already.',
    theirs: (who: string) => `${who} leads it: take it in the chat itself, where they can be asked.`,
    theirsToGive: (who: string) => `${who} leads it.`,
    agentLeads: 'The agent leads it already.',
    noTask: 'There is no task that an agent could talk about.',
    noTaskToClose: 'There is no task to put away. It ends by itself.',
    nothingUnread: 'Nothing in it is unread.',
    remove: (n: number) => `Remove ${many(n, 'bot', 'bots')}?`,
    reconnect: (n: number) => `Let ${many(n, 'bot', 'bots')} try again now?`,
    reconnectHint: 'Each gets another turn to sign in, as far as the limit on sign-ins allows.',
    onlineAlready: 'It is online.',
    signingIn: 'It is signing in.',
  },
}

export type BulkTexts = typeof bulkTexts
