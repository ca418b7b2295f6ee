/** The page's store: the replica of the server's state, and what belongs to this page alone. */
import { combineReducers, configureStore, createAction, type Reducer, type UnknownAction } from '@reduxjs/toolkit'
import { useDispatch, useSelector, useStore } from 'react-redux'

import { batchArrived, type EventAction } from '@/store/events'
import { fold } from '@/store/fold'
import { emptyReplica, type Replica } from '@/store/replica'
import { claims } from '@/store/slices/claims'
import { connection } from '@/store/slices/connection'
import { past } from '@/store/slices/past'
import { presence } from '@/store/slices/presence'
import { problems } from '@/store/slices/problems'
import { reading } from '@/store/slices/reading'
import { session } from '@/store/slices/session'
import { initialWorkspace, workspace, type Workspace } from '@/store/slices/workspace'

/** A whole snapshot has come. */
export const snapshotArrived = createAction<Replica>('stream/snapshot')

/** Throws IllegalTransition when a batch does not fit: whoever dispatched it asks for a new snapshot. */
function replicaReducer(replica: Replica = emptyReplica(), action: UnknownAction): Replica {
  if (snapshotArrived.match(action)) return action.payload
  if (batchArrived.match(action)) return fold(replica, action.payload)
  return replica
}

/** Lets a slice reduce each event of a batch, in order. */
function eachEvent<S>(slice: Reducer<S>): Reducer<S> {
  return (state, action) =>
    batchArrived.match(action)
      ? action.payload.reduce<S>(
          (before, event: EventAction) => slice(before, event),
          state ?? slice(undefined, action),
        )
      : slice(state, action)
}

const root = combineReducers({
  replica: replicaReducer,
  claims: claims.reducer,
  connection: connection.reducer,
  past: past.reducer,
  presence: presence.reducer,
  reading: reading.reducer,
  session: session.reducer,
  problems: eachEvent(problems.reducer),
  workspace: workspace.reducer,
})

export function createStore(kept: Workspace = initialWorkspace) {
  return configureStore({
    reducer: root,
    preloadedState: { workspace: kept },
    // The checks of development would walk a hundred thousand rows on every batch; tables are immutable by their type.
    middleware: (defaults) => defaults({ immutableCheck: false, serializableCheck: false, thunk: false }),
    devTools: false,
  })
}

export type Store = ReturnType<typeof createStore>
export type RootState = ReturnType<Store['getState']>

export const useAppSelector = useSelector.withTypes<RootState>()
export const useAppDispatch = useDispatch.withTypes<Store['dispatch']>()
export const useAppStore = useStore.withTypes<Store>()
