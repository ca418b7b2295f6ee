/** Addresses: what the page shows as the path of its URL, so that Back, a reload, a new tab and a link come to the same. */
import type { BotId, ChatId, TaskId } from '@/contract/ids'
import {
  chatOpened,
  PANES,
  type Place,
  PLACES,
  shownChats,
  workspace as slice,
  type Workspace,
  workspaceOpened,
} from '@/store/slices/workspace'
import type { Store } from '@/store/store'

/**
 * What an address names within each place, and how it is opened there; `rest` is what stands behind the place: a row, and a
 * query where the place has one.
 */
const PARTS: { readonly [P in Place]: Part } = {
  chats: {
    of: (workspace) => shownChats(workspace).map(encodeURIComponent).join(','),
    open: (workspace, rest, sideBySide) => withChats(workspace, idsIn(rest) as readonly ChatId[], sideBySide),
  },
  tasks: {
    of: ({ task }) => encodeURIComponent(task ?? ''),
    open: (workspace, rest) => ({ ...workspace, task: (idsIn(rest)[0] as TaskId | undefined) ?? null }),
  },
  bots: {
    of: ({ bot }) => encodeURIComponent(bot ?? ''),
    open: (workspace, rest) => ({ ...workspace, bot: (idsIn(rest)[0] as BotId | undefined) ?? null }),
  },
  plugins: { of: () => '', open: (workspace) => workspace },
  reports: {
    of: ({ report }) => report,
    open: (workspace, rest) => ({ ...workspace, report: /^\?./.test(rest) ? rest : '' }),
  },
}

interface Part {
  readonly of: (workspace: Workspace) => string
  readonly open: (workspace: Workspace, rest: string, sideBySide: boolean) => Workspace
}

/** The path for this workspace, such as `/chats/chat_1`. Columns stand side by side as `/chats/chat_1,chat_2`. */
export function addressOf(workspace: Workspace): string {
  return addressAt(workspace.place, PARTS[workspace.place].of(workspace))
}

/** The path of a place, or of one row in it; `rest` is encoded already. */
export function addressAt(place: Place, rest = ''): string {
  return rest === '' || rest.startsWith('?') ? `/${place}${rest}` : `/${place}/${rest}`
}

/**
 * The workspace with what this address names. One that names no place changes nothing. `sideBySide`: whether a single chat
 * stands in a column, which its address does not tell.
 */
export function openedAt(workspace: Workspace, address: string, sideBySide = false): Workspace {
  const [, name, rest = ''] = /^\/([^/?]*)\/?(.*)$/.exec(address) ?? []
  const place = PLACES.find((one) => one === name)
  return place === undefined ? workspace : { ...PARTS[place].open(workspace, rest, sideBySide), place }
}

/** Show what an address names, as a link does. */
export function openAddress(store: Pick<Store, 'getState' | 'dispatch'>, address: string, sideBySide = false): void {
  store.dispatch(workspaceOpened(openedAt(store.getState().workspace, address, sideBySide)))
}

function withChats(workspace: Workspace, chats: readonly ChatId[], sideBySide: boolean): Workspace {
  if (sideBySide || chats.length > 1) {
    const active = workspace.active !== null && chats.includes(workspace.active) ? workspace.active : chats.at(-1)
    return { ...workspace, panes: chats, active: active ?? null, sideBySide: true }
  }
  const alone = { ...workspace, active: null, sideBySide: false }
  return chats[0] === undefined ? alone : slice.reducer({ ...workspace, sideBySide: false }, chatOpened(chats[0]))
}

function idsIn(rest: string): readonly string[] {
  const ids = rest
    .replace(/\/?(?:\?.*)?$/, '')
    .split(',')
    .map(decoded)
    .filter(Boolean)
  return [...new Set(ids)].slice(0, PANES)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
