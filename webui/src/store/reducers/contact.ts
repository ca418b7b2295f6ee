import type { ReducersOf } from '@/store/reducers/slice'

export const contact: ReducersOf<`contact.${string}` | `stopWord.${string}`> = {
  'contact.paused': (state, _event, { ts, actor }) =>
    state.contacts.update('contact', { paused: true, pausedBy: actor, pausedAt: ts }),

  'contact.resumed': (state) => state.contacts.update('contact', { paused: false, pausedBy: null, pausedAt: null }),

  'stopWord.added': (state, event) => {
    const { stopWords } = state.contacts.get('contact')!
    if (!stopWords.includes(event.word)) state.contacts.update('contact', { stopWords: [...stopWords, event.word] })
  },

  'stopWord.removed': (state, event) => {
    const { stopWords } = state.contacts.get('contact')!
    state.contacts.update('contact', { stopWords: stopWords.filter((word) => word !== event.word) })
  },
}
