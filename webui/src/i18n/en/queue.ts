/** The texts of the queue of chats that need a person, in English. */
import { many } from '@/i18n/en/plural'

export const queueTexts = {
  chatGroup: {
    mine: 'Need you: mine',
    nobodys: 'Need you: nobody’s',
    colleagues: 'Need a colleague',
    byHand: 'Wait for the player',
    snoozed: 'Snoozed',
    agent: 'Led by the agent',
    closed: 'Closed',
  },
  queue: {
    title: (n: number) => `${many(n, 'chat needs', 'chats need')} you`,
    next: 'Next',
    nobody: 'Nobody waits for you',
    nobodyHint: (led: number) =>
      led === 0
        ? 'You are called when a chat needs a person.'
        : `The agent leads ${many(led, 'chat', 'chats')}. You are called when one needs a person.`,
    /** A chip of one or two words; `for` how long, where that is what matters. */
    chip: {
      notSent: () => 'not sent',
      inDoubt: () => 'may be unsent',
      reversed: () => 'reversed',
      agentOff: () => 'agent off',
      assigned: () => 'handed to you',
      named: () => 'names you',
      waits: (time: string) => `waits ${time}`,
      snoozeDue: () => 'snooze due',
      trade: () => 'trade to do',
    },
    /** What is behind the chip, as a sentence. */
    why: {
      notSent: 'What we wrote last was not sent.',
      inDoubt: 'A message may not have arrived: send it again or discard it.',
      reversed: 'Steam has reversed the trade.',
      agentOff: 'The agent was switched off because something failed, and nobody leads.',
      assigned: 'A colleague has handed this chat over to you.',
      named: 'A colleague names you in a note.',
      waits: 'The player waits for a person.',
      snoozeDue: 'The time is over until which this chat was put off.',
      trade: 'The price is agreed, and the trade is to be done.',
    },
    limit: 'Call when a player waits longer than',
    noLimit: 'Never',
    overLimit: (time: string) => `The player has waited ${time}`,
  },
}

export const deskTexts = {
  desk: {
    snooze: 'Snooze',
    snoozeTitle: 'Put the chat off',
    until: {
      hour: 'For an hour',
      threeHours: 'For three hours',
      evening: 'Until this evening, 18:00',
      tomorrow: 'Until tomorrow, 9:00',
      week: 'For a week, until 9:00',
      player: 'Until the player writes',
    },
    at: 'At a time',
    set: 'Put off',
    snoozed: (who: string, when: string) => `Put off by ${who} until ${when}, or until the player writes.`,
    snoozedOpen: (who: string) => `Put off by ${who} until the player writes.`,
    due: (who: string, when: string) => `${who} had put it off until ${when}.`,
    takeUp: 'Take it up now',
    handOver: 'Hand over',
    handOverTo: 'To whom',
    nobodyElse: 'Nobody else has worked here yet.',
    note: 'A note for them',
    notYours: (who: string) => `${who} leads this chat: take it first.`,
    handed: 'Hand it over',
  },
  standing: {
    title: 'Where the deal stands',
    offered: (prices: string) => `We offered ${prices}`,
    notOffered: (range: string) => `Nothing offered yet, the range is ${range}`,
    asked: (price: string) => `they asked ${price}`,
    notAsked: 'they named no price',
    agreed: (price: string) => `agreed ${price}`,
    stopped: (why: string) => `agent stopped: ${why}`,
    waits: (time: string) => `they wait ${time}`,
  },
}

export type DeskTexts = typeof deskTexts
export type QueueTexts = typeof queueTexts
