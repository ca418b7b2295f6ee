/** Keeps the workspace of whoever is signed in, in this browser, and takes it away from the page when that is somebody else. */
import type { ChatId } from '@/contract/ids'
import { draftKey, draftOf, readDraft, restoreWorkspace, storeDraft, storeSettings } from '@/store/keptStorage'
import { identified } from '@/store/slices/session'
import { draftAdopted, initialWorkspace, type Workspace, workspaceOpened } from '@/store/slices/workspace'
import type { Store } from '@/store/store'

const DELAY_MS = 300

/** `addressed`: the page was opened by an address, which says what is shown. Returns what ends it. */
export function keepWorkspace(store: Store, addressed: boolean): () => void {
  const stopped = new AbortController()
  const { signal } = stopped
  let me: string | undefined
  let kept = store.getState().workspace
  let opened = kept
  let timer: ReturnType<typeof setTimeout> | undefined

  const write = () => {
    clearTimeout(timer)
    timer = undefined
    const { workspace } = store.getState()
    if (me === undefined || workspace === kept) return
    storeSettings(me, workspace)
    for (const chatId of changedDrafts(kept, workspace)) storeDraft(me, chatId, draftOf(workspace, chatId))
    kept = workspace
  }
  const show = (workspace: Workspace) => {
    kept = workspace
    store.dispatch(workspaceOpened(workspace))
  }
  const signIn = (actor: string) => {
    const before = store.getState().workspace
    const stored = restoreWorkspace(actor)
    const first = me === undefined
    me = actor
    // what is shown stays where an address or a click has said so; so does what was typed before it was known who this is
    const stays = addressed || !first || whereOf(before) !== whereOf(opened)
    show(stays ? { ...stored, ...shownOf(before) } : stored)
    addressed = true
    if (!first) return
    for (const [chatId, text] of Object.entries(before.drafts)) {
      store.dispatch(
        draftAdopted({ chatId: chatId as ChatId, draft: { ...draftOf(stored, chatId as ChatId), message: text } }),
      )
    }
  }
  const signOut = () => {
    write()
    me = undefined
    addressed = true
    const { workspace } = store.getState()
    store.dispatch(identified(undefined))
    show({ ...initialWorkspace, language: workspace.language, ...shownOf(workspace) })
    opened = store.getState().workspace
  }

  const unsubscribe = store.subscribe(() => {
    const { session, connection, workspace } = store.getState()
    if (connection.phase === 'signedOut') {
      if (me !== undefined) signOut()
    } else if (session.me !== undefined && session.me !== me) {
      if (me !== undefined) write()
      signIn(session.me)
    } else if (workspace !== kept && me !== undefined) {
      timer ??= setTimeout(write, DELAY_MS)
    }
  })
  window.addEventListener('pagehide', write, { signal })
  // what another window of mine has written, where this one has not gone on by itself
  window.addEventListener(
    'storage',
    ({ key, oldValue, newValue }) => {
      const prefix = me === undefined ? undefined : draftKey(me, '')
      if (key === null || prefix === undefined || !key.startsWith(prefix)) return
      const chatId = key.slice(prefix.length) as ChatId
      const { at: _, ...before } = readDraft(oldValue)
      const { at: __, ...draft } = readDraft(newValue)
      if (JSON.stringify(draftOf(store.getState().workspace, chatId)) !== JSON.stringify(before)) return
      store.dispatch(draftAdopted({ chatId, draft }))
    },
    { signal },
  )
  return () => {
    stopped.abort()
    unsubscribe()
    clearTimeout(timer)
  }
}

/** What an address tells of a workspace. */
function shownOf({ place, panes, active, sideBySide, task, bot, report }: Workspace) {
  return { place, panes, active, sideBySide, task, bot, report }
}

function whereOf(workspace: Workspace): string {
  return JSON.stringify(shownOf(workspace))
}

function changedDrafts(before: Workspace, now: Workspace): readonly ChatId[] {
  if (before.drafts === now.drafts && before.noteDrafts === now.noteDrafts && before.unanswered === now.unanswered) {
    return []
  }
  const chats = [before, now].flatMap(({ drafts, noteDrafts, unanswered }) =>
    [drafts, noteDrafts, unanswered].flatMap((table) => Object.keys(table)),
  ) as ChatId[]
  return [...new Set(chats)].filter((id) => JSON.stringify(draftOf(before, id)) !== JSON.stringify(draftOf(now, id)))
}
