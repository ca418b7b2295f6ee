/** Persists the workspace in localStorage. Without storage the page works, and forgets. */
import { initialWorkspace, type Workspace } from '@/store/slices/workspace'
import type { Store } from '@/store/store'

const KEY = 'switchboard.workspace.1'
const DELAY_MS = 300

export function restoreWorkspace(): Workspace {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Workspace>
    return { ...initialWorkspace, ...kept }
  } catch {
    return initialWorkspace
  }
}

export function persistWorkspace(store: Store): void {
  let kept = store.getState().workspace
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = () => {
    clearTimeout(timer)
    timer = undefined
    try {
      localStorage.setItem(KEY, JSON.stringify(kept))
    } catch {
      // a full or forbidden storage: nothing that the operator could do about it
    }
  }
  store.subscribe(() => {
    const { workspace } = store.getState()
    if (workspace === kept) return
    kept = workspace
    timer ??= setTimeout(write, DELAY_MS)
  })
  window.addEventListener('pagehide', write)
}
