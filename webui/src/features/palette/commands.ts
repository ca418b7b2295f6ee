/** The commands of the command palette: those that make sense in the current state and that the role allows. */
import { send } from '@/commands/send'
import { reconnect } from '@/connection/follow'
import type { CommandKind } from '@/contract/commands'
import { OPEN_TASKS } from '@/contract/limits'
import type { PluginRow } from '@/contract/rows'
import { botName } from '@/explain/explain'
import { mayAllowInvite } from '@/explain/inviteDoubt'
import { refusalText } from '@/explain/reasons'
import type { PaletteEntry } from '@/features/palette/entry'
import type { Texts } from '@/i18n/en/texts'
import { LANGUAGE_CODES, LANGUAGES } from '@/i18n/languages'
import { openNextNeeded } from '@/queue/next'
import { may } from '@/session/roles'
import { chatClosed, languageChosen, placeChosen, sideBySideChosen, taskShown } from '@/store/slices/workspace'
import type { RootState, Store } from '@/store/store'
import { type UiEvent, emit } from '@/ui/uiEvents'

export type Scheme = 'light' | 'dark' | 'auto'

/** What the palette calls outside the store. */
export interface PaletteActions {
  readonly setScheme: (scheme: Scheme) => void
  /** A command that was given from here was refused. */
  readonly refused: (message: string) => void
}

type Offer = PaletteEntry & { readonly needs?: CommandKind }

/** `all`: also those that are one for each plugin, too many to read through where nobody has named one. */
export function paletteCommands(
  store: Store,
  texts: Texts,
  page: PaletteActions,
  all: boolean,
): readonly PaletteEntry[] {
  const state = store.getState()
  const ofPlugins = all ? state.replica.plugins.rows().flatMap((plugin) => ofPlugin(plugin, texts, page)) : []
  return [...offers(state, store, texts, page), ...ofPlugins].filter(
    ({ needs }) => needs === undefined || may(state.session.role, needs),
  )
}

function offers(state: RootState, store: Store, texts: Texts, page: PaletteActions): readonly Offer[] {
  const { dispatch } = store
  const { keys, places, menu } = texts
  const paused = state.replica.contacts.get('contact')?.paused === true
  return [
    ...ofChats(state, texts, store),
    command('nextNeeded', keys.nextNeeded, () => openNextNeeded(store), { key: 'W' }),
    command('chats', places.chats, () => dispatch(placeChosen('chats')), { key: '1' }),
    command('tasks', places.tasks, () => dispatch(placeChosen('tasks')), { key: '2' }),
    command('bots', places.bots, () => dispatch(placeChosen('bots')), { key: '3' }),
    command('plugins', places.plugins, () => dispatch(placeChosen('plugins')), { key: '4' }),
    command('reports', places.reports, () => dispatch(placeChosen('reports')), { key: '5' }),
    // below the places: none of them is what Enter alone should do
    ...ofChosen(state, texts),
    uiEvent('newTask', texts.task.new, { key: 'N', needs: 'CreateTask' }),
    uiEvent('addBots', texts.bot.add, { needs: 'AddBotFromMaFile' }),
    paused
      ? uiEvent('resumeContact', texts.contact.resume, { needs: 'ResumeContact' })
      : uiEvent('pauseContact', texts.contact.pause, { needs: 'PauseContact' }),
    ...(state.workspace.place === 'chats' ? [] : [uiEvent('cannedReplies', texts.replies.title)]),
    uiEvent('stopWords', texts.stopWords.title),
    ...(globalThis.isSecureContext
      ? [
          command('copyLink', texts.address.copy, () => void navigator.clipboard.writeText(window.location.href), {
            detail: window.location.pathname,
          }),
        ]
      : []),
    command('reconnect', texts.palette.reconnect, reconnect),
    ...(['light', 'dark', 'auto'] as const).map((scheme) =>
      command(scheme, `${menu.theme}: ${menu[scheme]}`, () => page.setScheme(scheme)),
    ),
    ...LANGUAGE_CODES.map((code) =>
      command(code, `${menu.language}: ${LANGUAGES[code].name}`, () => dispatch(languageChosen(code))),
    ),
    ...(state.session.role === 'admin'
      ? [uiEvent('admin', texts.admin.title), uiEvent('audit', texts.audit.title)]
      : []),
    uiEvent('help', keys.title, { key: '?' }),
  ]
}

function ofChats({ workspace, replica }: RootState, { keys }: Texts, { dispatch }: Store): readonly Offer[] {
  if (workspace.place !== 'chats') return []
  const chat = workspace.active === null ? undefined : replica.chats.get(workspace.active)
  return [
    ...(chat?.status !== 'open'
      ? []
      : chat.agentEnabled
        ? [uiEvent('takeOver', keys.take, { key: 'T', needs: 'ToggleAgent' })]
        : [uiEvent('giveBack', keys.give, { key: 'G', needs: 'ToggleAgent' })]),
    uiEvent('cannedReplies', keys.replies, { key: 'Q' }),
    ...(chat === undefined
      ? []
      : [
          uiEvent('write', keys.write, { key: 'R', needs: 'SendMessage' }),
          uiEvent('note', keys.note, { key: 'M', needs: 'AddNote' }),
          uiEvent('snooze', keys.snooze, { key: 'Z', needs: 'SnoozeChat' }),
          ...(chat.status === 'open' ? [uiEvent('handOver', keys.handOver, { key: 'A', needs: 'AssignChat' })] : []),
          command('close', keys.closePane, () => dispatch(chatClosed(chat.id)), { key: 'X' }),
        ]),
    uiEvent('nextUnreadChat', keys.nextUnread, { key: 'U' }),
    uiEvent('nextChat', keys.next, { key: 'J' }),
    uiEvent('previousChat', keys.previous, { key: 'K' }),
    command('sideBySide', keys.sideBySide, () => dispatch(sideBySideChosen(!workspace.sideBySide)), { key: 'S' }),
    command('taskShown', keys.task, () => dispatch(taskShown(!workspace.showTask)), { key: 'I' }),
  ]
}

/** What can be done to the task, the bot and the player that are looked at. Each is asked about before it is done. */
function ofChosen({ workspace, replica }: RootState, texts: Texts): readonly Offer[] {
  const { place } = workspace
  const chat = place === 'chats' && workspace.active !== null ? replica.chats.get(workspace.active) : undefined
  const task = replica.tasks.get((place === 'tasks' ? workspace.task : chat?.taskId) ?? '')
  const bot = place === 'bots' && workspace.bot !== null ? replica.bots.get(workspace.bot) : undefined
  const player = chat?.playerSteamId64 ?? task?.playerSteamId64
  const listed = player !== undefined && (replica.players.get(player)?.doNotContact ?? null) !== null
  return [
    ...(task !== undefined && OPEN_TASKS.includes(task.status)
      ? [
          command('disposeTask', texts.palette.disposeTask, () => emit('disposeTask', task.id), {
            detail: task.item,
            needs: 'DisposeTask',
          }),
        ]
      : []),
    ...(player === undefined
      ? []
      : [
          command(
            'doNotContact',
            listed ? texts.palette.contactAgain : texts.palette.leaveAlone,
            () => emit('doNotContact', player),
            { detail: player, needs: listed ? 'RemoveDoNotContact' : 'AddDoNotContact' },
          ),
          ...(mayAllowInvite(player, replica)
            ? [
                command('allowInvite', texts.palette.allowInvite, () => emit('allowInvite', player), {
                  detail: player,
                  needs: 'AllowInvite',
                }),
              ]
            : []),
        ]),
    ...(bot === undefined
      ? []
      : [
          command('removeBot', texts.palette.removeBot, () => emit('removeBot', bot.id), {
            detail: botName(bot),
            needs: 'RemoveBot',
          }),
        ]),
  ]
}

/** What can be done to a plugin; stopping one is asked about first, where it stands. */
function ofPlugin({ name, status, fixed, hooks }: PluginRow, texts: Texts, page: PaletteActions): readonly Offer[] {
  const give = (kind: 'EnablePlugin' | 'ReloadPlugin') => () =>
    void send(kind, { name }).then((outcome) => {
      if (!outcome.ok) page.refused(refusalText(outcome.error, texts))
    })
  const offer = (kind: 'EnablePlugin' | 'DisablePlugin' | 'ReloadPlugin', label: string, run: () => void) =>
    command(`${kind} ${name}`, `${label}: ${name}`, run, { detail: texts.pluginStatus[status], needs: kind })
  if (status !== 'running') return [offer('EnablePlugin', texts.plugin.enable, give('EnablePlugin'))]
  return [
    ...(hooks.includes('recover') ? [] : [offer('ReloadPlugin', texts.plugin.reload, give('ReloadPlugin'))]),
    ...(fixed ? [] : [offer('DisablePlugin', texts.plugin.disable, () => emit('stopPlugin', name))]),
  ]
}

type More = { readonly key?: string; readonly detail?: string; readonly needs?: CommandKind }

function command(id: string, label: string, run: () => void, more: More = {}): Offer {
  return { id, group: 'commands', label, run, ...more }
}

function uiEvent(name: UiEvent, label: string, more: More = {}): Offer {
  return command(name, label, () => emit(name), more)
}
