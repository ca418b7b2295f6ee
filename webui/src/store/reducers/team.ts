import { IllegalTransition, type ReducersOf } from '@/store/reducers/slice'

export const team: ReducersOf<`operator.${string}` | `cannedReply.${string}`> = {
  'operator.caughtUp': (state, _event, { ts, actor }) => state.operators.put(actor, { actor, caughtUpAt: ts }),

  'cannedReply.saved': (state, event, { ts, actor }) =>
    state.replies.put(event.replyId, {
      id: event.replyId,
      title: event.title,
      text: event.text,
      savedAt: ts,
      savedBy: actor,
    }),

  'cannedReply.removed': (state, event) => {
    if (!state.replies.has(event.replyId)) throw new IllegalTransition(`there is no canned reply ${event.replyId}`)
    state.replies.drop(event.replyId)
  },
}
