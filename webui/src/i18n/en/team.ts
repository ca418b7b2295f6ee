/** The texts of what operators share with one another, in English. */
import { many } from '@/i18n/en/plural'

export const teamTexts = {
  lead: {
    takeFrom: (who: string) => `Take from ${who}`,
    takeFromTitle: (who: string) => `Take this chat from ${who}?`,
    takeFromHint: (who: string) =>
      `${who} leads it just now, and sees that you have taken it. What they have sent stays sent; what they are writing stays with them.`,
    tookFirst: (who: string, earlier: string | undefined) =>
      earlier === undefined ? `${who} took this chat first.` : `${who} took this chat first, ${earlier} before you.`,
    has: (who: string) => `${who} leads this chat.`,
    kept: 'What you typed is kept below and was not sent.',
    keeps: 'What you type is kept and not sent.',
    keptDraft: 'Kept as your draft',
    writeNote: (who: string) => `Write ${who} a note`,
    takeAnyway: 'Take it anyway…',
    leaveIt: 'Leave the chat with them',
    notYours: (who: string) => `${who} leads this chat: take it first, then give it back.`,
    besides: (who: string) => `${who} leads this chat, and you may write in it too`,
  },
  notes: {
    title: 'Notes',
    only: 'Only for us: the player never sees a note',
    count: (n: number) => many(n, 'note', 'notes'),
    write: 'Note',
    message: 'Message',
    mode: 'What is written here',
    composer: 'Write a note for your colleagues',
    add: 'Keep the note',
    remove: 'Remove this note',
    show: 'Show all notes',
    hide: 'Show the last note only',
  },
  replies: {
    title: 'Canned replies',
    pick: 'Canned replies: type / and a few letters',
    manage: 'Manage…',
    none: 'No canned reply matches. Esc leaves it as you wrote it.',
    empty: 'There are no canned replies yet',
    emptyHint: 'Keep here what the team says often. In a chat, type / to put one into your message.',
    add: 'New reply',
    edit: 'Change',
    name: 'Title',
    nameHint: 'What you will type after /',
    text: 'Text',
    textHint: 'These are put in from the chat: ',
    save: 'Save',
    remove: 'Remove',
    removeTitle: (title: string) => `Remove “${title}”?`,
    removeHint: 'It is gone for the whole team.',
    savedBy: (who: string, when: string) => `${who}, ${when}`,
    unfilled: (name: string) =>
      `There is nothing to put in for ${name} in this chat: write it yourself, or take it out.`,
    variables: {
      item: 'item',
      priceMin: 'lower price',
      priceMax: 'upper price',
      currency: 'currency',
      agreedPrice: 'agreed price',
      bot: 'bot',
      operator: 'you',
    },
  },
  stopWords: {
    title: 'Stop words',
    hint: 'A player who says one of these is never contacted again, like one who says “stop”. The usual words in English and Russian count without being listed here.',
    empty: 'No words of your own yet',
    emptyHint: 'Add what your players say when they want to be left alone.',
    word: 'A word or a phrase',
    add: 'Add',
    remove: 'No longer count it',
  },
  team: {
    title: 'Colleagues',
    here: (n: number) => `${many(n, 'colleague', 'colleagues')} here`,
    isHere: 'here',
    away: 'in another window',
    typing: 'is writing…',
    areTyping: (names: readonly string[]) =>
      `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} writing to the player…`,
    areLooking: (names: readonly string[]) =>
      `${names.join(', ')} ${names.length === 1 ? 'looks' : 'look'} at this chat`,
  },
  alerts: {
    title: 'Alerts',
    on: 'Alerts are on',
    off: 'Alerts are off',
    sound: 'A sound',
    desktop: 'Notifications of the desktop',
    permission: {
      denied: 'This browser forbids them for this page: allow them in its settings.',
      impossible: 'This browser has them over https only.',
    },
    scope: 'About which chats',
    scopes: { mine: 'My chats', mineAndNobodys: 'Mine and nobody’s' },
    hint: 'When a chat that you are not looking at needs you: a player writes or waits too long, a message was not sent, the agent fails, a deal is agreed; and when a colleague takes your chat.',
    taken: (who: string) => `${who} has taken this chat from you`,
  },
  retried: 'Sent again below',
}

export type TeamTexts = typeof teamTexts
