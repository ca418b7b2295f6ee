/** For a developer's eyes: `switchboard.state()` in the browser's console is the state as this page has it. */
import { plain, type Plain } from '@/store/replica'
import type { Store } from '@/store/store'

declare global {
  interface Window {
    readonly switchboard: { readonly state: () => Plain }
  }
}

export function openConsole(store: Store): void {
  Object.defineProperty(window, 'switchboard', { value: { state: () => plain(store.getState().replica) } })
}
