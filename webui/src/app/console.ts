/** A debug hook: `switchboard.state()` in the browser's console returns the state as this page has it. */
import { toPlain, type Plain } from '@/store/replica'
import type { Store } from '@/store/store'

declare global {
  interface Window {
    readonly switchboard: { readonly state: () => Plain }
  }
}

export function exposeState(store: Store): void {
  Object.defineProperty(window, 'switchboard', { value: { state: () => toPlain(store.getState().replica) } })
}
