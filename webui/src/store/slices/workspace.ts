/** The UI state of this operator in this browser: open chats, drafts, filters, language, alerts. Kept over reloads. */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { BotId, ChatId, TaskId } from '@/contract/ids'

/** In the order of the navigation; each is the first part of an address, which `plugins/api/http/page.py` serves. */
export const PLACES = ['chats', 'tasks', 'bots', 'plugins', 'reports'] as const
export type Place = (typeof PLACES)[number]
export type ChatFilter = 'all' | 'mine' | 'unread' | 'unseen'
export type Language = 'en' | 'ru'

/** The maximum of columns side by side. */
export const PANES = 6

export interface Workspace {
  readonly place: Place
  /** Open chats, left to right. While one stands alone, the others wait for their columns; see `shownChats`. */
  readonly panes: readonly ChatId[]
  /** The pane that the keyboard is about. */
  readonly active: ChatId | null
  readonly sideBySide: boolean
  readonly showTask: boolean
  readonly task: TaskId | null
  readonly bot: BotId | null
  /** Which report is looked at, or which rows of it: a query with its `?`, or empty for the last seven days. */
  readonly report: string
  readonly drafts: Readonly<Record<ChatId, string>>
  /** Apart from messages, so that none goes to a player by mistake. */
  readonly noteDrafts: Readonly<Record<ChatId, string>>
  /** What was sent and has no answer yet: the same words again are the same command. */
  readonly unanswered: Readonly<Record<ChatId, Unanswered>>
  readonly folded: readonly string[]
  readonly chatFilter: ChatFilter
  readonly language: Language | null
  readonly alerts: AlertChoice
}

/** A message or note on its way, or one whose answer got lost. */
export interface Unanswered {
  /** The command's. */
  readonly id: string
  readonly mode: 'message' | 'note'
  readonly text: string
}

/** The alert settings: by which means, and for which chats. */
export interface AlertChoice {
  readonly sound: boolean
  readonly desktop: boolean
  readonly scope: 'mine' | 'mineAndNobodys'
  /** After so many minutes a player waits too long; 0: there is no limit. */
  readonly waitLimit: number
}

/** What can be chosen for it. */
export const WAIT_LIMITS: readonly number[] = [0, 5, 10, 15, 30, 60]
const WAIT_LIMIT = 10

export const initialWorkspace: Workspace = {
  place: 'chats',
  panes: [],
  active: null,
  sideBySide: false,
  showTask: true,
  task: null,
  bot: null,
  report: '',
  drafts: {},
  noteDrafts: {},
  unanswered: {},
  folded: ['chats:closed', 'tasks:resolved', 'tasks:failed', 'tasks:disposed'],
  chatFilter: 'all',
  language: null,
  alerts: { sound: true, desktop: false, scope: 'mineAndNobodys', waitLimit: WAIT_LIMIT },
}

interface Draft {
  readonly chatId: ChatId
  readonly text: string
}

function withDraft(drafts: Workspace['drafts'], { chatId, text }: Draft): Workspace['drafts'] {
  return withEntry(drafts, chatId, text === '' ? null : text)
}

function withEntry<V>(table: Readonly<Record<ChatId, V>>, chatId: ChatId, value: V | null) {
  const { [chatId]: _, ...others } = table
  return value === null ? others : { ...others, [chatId]: value }
}

/** After how long a player waits too long; what a browser has kept that is no limit counts as the usual one. */
export function waitLimitMs({ alerts }: Workspace): number {
  const kept = (alerts as Partial<AlertChoice> | null)?.waitLimit
  const minutes = kept !== undefined && WAIT_LIMITS.includes(kept) ? kept : WAIT_LIMIT
  return minutes === 0 ? Infinity : minutes * 60_000
}

/** The visible chats: all columns, or the single one. */
export function shownChats({ sideBySide, panes, active }: Workspace): readonly ChatId[] {
  if (sideBySide) return panes
  return active === null ? [] : [active]
}

export const workspace = createSlice({
  name: 'workspace',
  initialState: initialWorkspace,
  reducers: {
    /** All of it: from an address, or from what was kept. */
    workspaceOpened: (_, action: PayloadAction<Workspace>) => action.payload,
    placeChosen: (state, action: PayloadAction<Place>) => ({ ...state, place: action.payload }),

    /** Show a chat: in a column of its own where several stand side by side, otherwise alone. */
    chatOpened: (state, action: PayloadAction<ChatId>) => {
      const id = action.payload
      if (state.panes.includes(id)) return { ...state, place: 'chats' as const, active: id }
      const index = state.active === null ? -1 : state.panes.indexOf(state.active)
      const roomy = state.panes.length < PANES && (state.sideBySide || index < 0)
      const panes = roomy ? [...state.panes, id] : state.panes.with(Math.max(index, 0), id)
      return { ...state, place: 'chats' as const, panes, active: id }
    },
    chatClosed: (state, action: PayloadAction<ChatId>) => {
      const index = state.panes.indexOf(action.payload)
      const panes = state.panes.filter((id) => id !== action.payload)
      const neighbour = state.sideBySide ? (panes[Math.min(index, panes.length - 1)] ?? null) : null
      const active = state.active === action.payload ? neighbour : state.active
      return { ...state, panes, active }
    },
    chatActivated: (state, action: PayloadAction<ChatId>) =>
      state.active === action.payload ? state : { ...state, active: action.payload },
    sideBySideChosen: (state, action: PayloadAction<boolean>) => ({
      ...state,
      sideBySide: action.payload,
      active: action.payload ? (state.active ?? state.panes.at(-1) ?? null) : state.active,
    }),

    taskShown: (state, action: PayloadAction<boolean>) => ({ ...state, showTask: action.payload }),
    taskChosen: (state, action: PayloadAction<TaskId | null>) => ({ ...state, task: action.payload }),
    botChosen: (state, action: PayloadAction<BotId | null>) => ({ ...state, bot: action.payload }),

    draftWritten: (state, action: PayloadAction<Draft>) => ({
      ...state,
      drafts: withDraft(state.drafts, action.payload),
    }),
    noteWritten: (state, action: PayloadAction<Draft>) => ({
      ...state,
      noteDrafts: withDraft(state.noteDrafts, action.payload),
    }),

    /** Sent, or answered: `unanswered` is null then. */
    answerAwaited: (state, { payload }: PayloadAction<{ chatId: ChatId; unanswered: Unanswered | null }>) => ({
      ...state,
      unanswered: withEntry(state.unanswered, payload.chatId, payload.unanswered),
    }),
    /** All that is half written in a chat, as another window has it. */
    draftAdopted: (
      state,
      {
        payload: { chatId, draft },
      }: PayloadAction<{
        chatId: ChatId
        draft: { readonly message: string; readonly note: string; readonly unanswered: Unanswered | null }
      }>,
    ) => ({
      ...state,
      drafts: withDraft(state.drafts, { chatId, text: draft.message }),
      noteDrafts: withDraft(state.noteDrafts, { chatId, text: draft.note }),
      unanswered: withEntry(state.unanswered, chatId, draft.unanswered),
    }),

    groupFolded: (state, action: PayloadAction<string>) => ({
      ...state,
      folded: state.folded.includes(action.payload)
        ? state.folded.filter((group) => group !== action.payload)
        : [...state.folded, action.payload],
    }),
    chatFilterChosen: (state, action: PayloadAction<ChatFilter>) => ({ ...state, chatFilter: action.payload }),
    alertsChosen: (state, action: PayloadAction<Partial<AlertChoice>>) => ({
      ...state,
      alerts: { ...state.alerts, ...action.payload },
    }),
    languageChosen: (state, action: PayloadAction<Language>) => ({ ...state, language: action.payload }),
  },
})

export const {
  workspaceOpened,
  placeChosen,
  chatOpened,
  chatClosed,
  chatActivated,
  sideBySideChosen,
  taskShown,
  taskChosen,
  botChosen,
  draftWritten,
  noteWritten,
  answerAwaited,
  draftAdopted,
  groupFolded,
  chatFilterChosen,
  alertsChosen,
  languageChosen,
} = workspace.actions
