/** The texts of the queue of chats that need a person, in English. */
import { many } from '@/i18n/en/plural'

export const queueTexts = {
  chatGroup: {
    mine: 'Need you: mine',
    nobodys: 'Need you: nobody’s',
    colleagues: 'Need a colleague',
    byHand: 'Wait for the player',
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
      waits: (time: string) => `waits ${time}`,
      trade: () => 'trade to do',
    },
    /** What is behind the chip, as a sentence. */
    why: {
      notSent: 'What we wrote last was not sent.',
      inDoubt: 'A message may not have arrived: send it again or discard it.',
      reversed: 'Steam has reversed the trade.',
      agentOff: 'The agent was switched off because something failed, and nobody leads.',
      waits: 'The player waits for a person.',
      trade: 'The price is agreed, and the trade is to be done.',
    },
    for: (time: string) => `for ${time}`,
    limit: 'Call when a player waits longer than',
    noLimit: 'Never',
    overLimit: (time: string) => `The player has waited ${time}`,
  },
}

export type QueueTexts = typeof queueTexts
