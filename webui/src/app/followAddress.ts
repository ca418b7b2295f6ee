/** Keeps the address bar and the workspace together: what is chosen is a step in the history, and Back goes where it was. */
import { addressOf, openAddress } from '@/store/addresses'
import { shownChats, type Workspace } from '@/store/slices/workspace'
import type { Store } from '@/store/store'

/** What the history keeps with an address. */
interface Entry {
  /** Whether a chat that stands alone stands in a column. */
  readonly sideBySide: boolean
  /** The address from which this one was gone to, in this page. */
  readonly from: string | null
}

/** Returns what ends it. */
export function followAddress(store: Store): () => void {
  let { workspace } = store.getState()
  let shown = addressOf(workspace)
  let { me } = store.getState().session
  // Back was asked for, and its popstate has not come yet
  let leaving = false

  // what stands behind the # is a one-time link's, and the sign-in form's to read
  write('replaceState', shown + window.location.hash, entryOf(workspace, entryNow().from))

  const follow = (restored: boolean) => {
    if (leaving) return
    const address = addressOf(workspace)
    const { from, sideBySide } = entryNow()
    if (restored) {
      // what was shown last time is no step of anybody's
      shown = address
      write('replaceState', address + window.location.hash, entryOf(workspace, from))
    } else if (address === shown) {
      const entry = entryOf(workspace, from)
      if (entry.sideBySide !== sideBySide) write('replaceState', address, entry)
    } else if (from === address && shown.startsWith(`${address}/`)) {
      // what is closed is left the way it was come to, so that Back does not open it again
      leaving = true
      shown = address
      window.history.back()
    } else {
      const before = shown
      shown = address
      write('pushState', address, entryOf(workspace, before))
    }
  }
  const unsubscribe = store.subscribe(() => {
    const state = store.getState()
    const restored = state.session.me !== me
    me = state.session.me
    if (state.workspace === workspace) return
    workspace = state.workspace
    follow(restored)
  })
  const arrive = () => {
    shown = window.location.pathname + window.location.search
    if (leaving) {
      leaving = false
      follow(false) // something else may have been chosen meanwhile
    } else {
      openAddress(store, shown, entryNow().sideBySide)
    }
  }
  window.addEventListener('popstate', arrive)
  return () => {
    unsubscribe()
    window.removeEventListener('popstate', arrive)
  }
}

/** Whether a chat alone stands in a column is the history's to tell; where several stand side by side, the address does. */
function entryOf(workspace: Workspace, from: string | null): Entry {
  return { sideBySide: workspace.sideBySide && shownChats(workspace).length < 2, from }
}

function entryNow(): Entry {
  const { sideBySide, from } = (window.history.state ?? {}) as Partial<Entry>
  return { sideBySide: sideBySide === true, from: typeof from === 'string' ? from : null }
}

function write(how: 'pushState' | 'replaceState', address: string, state: Entry): void {
  try {
    window.history[how](state, '', address)
  } catch {
    // browsers refuse more than so many steps in a time, as when a key is held: the last address that they took stays
  }
}
