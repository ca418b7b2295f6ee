import { ActionIcon, Popover, SegmentedControl, Stack, Tooltip, useMantineColorScheme } from '@mantine/core'
import {
  ChecklistIcon,
  CommentDiscussionIcon,
  DeviceDesktopIcon,
  GraphIcon,
  type Icon,
  MoonIcon,
  PlugIcon,
  QuestionIcon,
  ServerIcon,
  SunIcon,
  UnlinkIcon,
} from '@primer/octicons-react'
import { lazy, Suspense } from 'react'

import styles from '@/app/Shell.module.css'
import { Title } from '@/app/Title'
import type { Chat } from '@/contract/rows'
import { Account } from '@/features/access/Account'
import { ProofDialog } from '@/features/access/ProofDialog'
import { RecoveryCodes } from '@/features/access/RecoveryCodes'
import { SecondFactor } from '@/features/access/SecondFactor'
import { SignInPage } from '@/features/access/SignInPage'
import { Admin } from '@/features/admin/Admin'
import { Alerts } from '@/features/alerts/Alerts'
import { Audit } from '@/features/audit/Audit'
import { AddBots } from '@/features/bots/AddBots'
import { BotPlace } from '@/features/bots/BotPlace'
import { RemoveBot } from '@/features/bots/RemoveBot'
import { ChatList } from '@/features/chats/ChatList'
import { NeedsYou } from '@/features/chats/NeedsYou'
import { ConnectionState } from '@/features/connection/ConnectionState'
import { ContactPaused, ContactSwitch } from '@/features/contact/ContactSwitch'
import { StopWords } from '@/features/contact/StopWords'
import { HelpSheet } from '@/features/help/HelpSheet'
import { Multichat } from '@/features/multichat/Multichat'
import { Palette } from '@/features/palette/Palette'
import { AllowInvite } from '@/features/players/AllowInvite'
import { DoNotContact } from '@/features/players/DoNotContact'
import { PlayerCard } from '@/features/players/PlayerCard'
import { PluginPlace } from '@/features/plugins/PluginPlace'
import { StopPlugin } from '@/features/plugins/StopPlugin'
import { Problems } from '@/features/problems/Problems'
import { CannedReplies } from '@/features/replies/CannedReplies'
import { TodayStrip } from '@/features/reports/TodayStrip'
import { CreateTask } from '@/features/tasks/CreateTask'
import { DisposeTask } from '@/features/tasks/DisposeTask'
import { PastTaskCard } from '@/features/tasks/PastTaskCard'
import { TaskCard } from '@/features/tasks/TaskCard'
import { TaskPlace } from '@/features/tasks/TaskPlace'
import { TeamBar } from '@/features/team/TeamBar'
import { taskIn } from '@/history/useOpenChat'
import { LANGUAGE_CODES, LANGUAGES } from '@/i18n/languages'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { useTableView } from '@/lists/useView'
import { countNeedingMe, QUEUE_GROUPING, queueTable } from '@/queue/queue'
import { addressAt } from '@/store/addresses'
import { languageChosen, type Place, placeChosen, PLACES, shownChats } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { AddressLink } from '@/ui/AddressLink'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorBoundary } from '@/ui/ErrorBoundary'
import { emit } from '@/ui/uiEvents'

const ICONS: Readonly<Record<Place, Icon>> = {
  chats: CommentDiscussionIcon,
  tasks: ChecklistIcon,
  bots: ServerIcon,
  plugins: PlugIcon,
  reports: GraphIcon,
}

/** With the library of charts, which the first screen does not wait for. */
const Reports = lazy(() => import('@/features/reports/Reports'))

/** The layout of the page: top bar, navigation, the chosen place, and all dialogs. */
export function Shell() {
  const texts = useTexts()
  const phase = useAppSelector((state) => state.connection.phase)
  // what this browser keeps is the account's: it is shown when it is known whose
  const loaded = useAppSelector(
    ({ replica, connection, session }) => (replica.seq > 0 || connection.phase === 'live') && session.asked,
  )
  const place = useAppSelector((state) => state.workspace.place)
  return (
    <div className={styles.shell}>
      <Title />
      <TopBar />
      <ContactPaused />
      <Rail place={place} />
      <main className={styles.main}>
        {phase === 'signedOut' ? (
          <SignInPage />
        ) : !loaded && phase === 'stale' ? (
          <EmptyState icon={UnlinkIcon} title={texts.connection.unreachable} hint={texts.connection.unreachableHint} />
        ) : !loaded ? (
          <EmptyState icon={CommentDiscussionIcon} title="Switchboard" hint={texts.connection.loading} />
        ) : (
          <ErrorBoundary
            key={place}
            fallback={<EmptyState icon={QuestionIcon} title={texts.crash.title} hint={texts.crash.hint} />}
          >
            {place === 'chats' && <Chats />}
            {place === 'tasks' && (
              <TaskPlace
                strip={<TodayStrip />}
                pastCard={(id) => <PastTaskCard key={id} id={id} />}
                card={(task) => <TaskCard key={task.id} task={task} />}
              />
            )}
            {place === 'bots' && <BotPlace />}
            {place === 'plugins' && <PluginPlace />}
            {place === 'reports' && (
              <Suspense>
                <Reports />
              </Suspense>
            )}
          </ErrorBoundary>
        )}
      </main>
      <CreateTask />
      <AddBots />
      <CannedReplies />
      <StopWords />
      <DisposeTask />
      <RemoveBot />
      <DoNotContact />
      <AllowInvite />
      <StopPlugin />
      <Audit />
      <Admin />
      <SecondFactor />
      <RecoveryCodes />
      <ProofDialog />
      <HelpSheet />
      <Palette />
    </div>
  )
}

function Chats() {
  // where there is room for one of them alone, the first steps stand in the chats' place
  const open = useAppSelector((state) => shownChats(state.workspace).length > 0 || state.replica.chats.size === 0)
  return (
    <div className={styles.chats} data-open={open || undefined}>
      <div className={styles.column}>
        <ChatList />
      </div>
      <div className={styles.stage}>
        <Multichat aside={(chat) => <Aside chat={chat} />} idle={<NeedsYou />} />
      </div>
    </div>
  )
}

function Aside({ chat }: { chat: Chat }) {
  const task = useAppSelector((state) => taskIn(state, chat))
  const past = useAppSelector((state) => task !== undefined && !state.replica.tasks.has(task.id))
  return (
    <>
      {task && <TaskCard key={task.id} task={task} inChat past={past} />}
      <PlayerCard key={chat.playerSteamId64} steamId64={chat.playerSteamId64} />
    </>
  )
}

function Rail({ place }: { place: Place }) {
  const texts = useTexts()
  const dispatch = useAppDispatch()
  return (
    <nav className={styles.rail}>
      {PLACES.map((name) => {
        const Icon = ICONS[name]
        return (
          <AddressLink
            key={name}
            to={addressAt(name)}
            aria-current={name === place ? 'page' : undefined}
            // as it was left
            onOpen={() => dispatch(placeChosen(name))}
          >
            <Icon size={20} />
            <span>{texts.places[name]}</span>
            {name === 'chats' && <Badge />}
          </AddressLink>
        )
      })}
    </nav>
  )
}

/** How many chats need this operator. */
function Badge() {
  const texts = useTexts()
  const count = countNeedingMe(useTableView(queueTable, QUEUE_GROUPING))
  if (count === 0) return null
  return (
    <span className={styles.badge} role="img" aria-label={texts.queue.title(count)} title={texts.queue.title(count)}>
      {count > 99 ? '99+' : count}
    </span>
  )
}

function TopBar() {
  const texts = useTexts()
  const phase = useAppSelector((state) => state.connection.phase)
  return (
    <section className={styles.bar} aria-label="Switchboard" data-stale={phase === 'stale' || undefined}>
      <img className={styles.logo} src="/favicon.svg" alt="" width={22} height={22} />
      <h1 className={styles.brand}>Switchboard</h1>
      <ConnectionState />
      <span className={styles.space} />
      <TeamBar />
      {phase !== 'signedOut' && <ContactSwitch />}
      <Alerts />
      <Problems />
      <Account />
      <Settings />
      <Tooltip label={texts.menu.help}>
        <ActionIcon variant="subtle" color="gray" aria-label={texts.menu.help} onClick={() => emit('help')}>
          <QuestionIcon />
        </ActionIcon>
      </Tooltip>
    </section>
  )
}

const SCHEMES = { light: SunIcon, dark: MoonIcon, auto: DeviceDesktopIcon }

function Settings() {
  const texts = useTexts()
  const language = useLanguage()
  const dispatch = useAppDispatch()
  // Switching transitions off for a moment would take a style element, which the security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const Scheme = SCHEMES[colorScheme]
  const name = `${texts.menu.theme}, ${texts.menu.language}`
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" title={name} aria-label={name}>
          <Scheme />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={texts.menu.theme}
            value={colorScheme}
            onChange={setColorScheme}
            data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: texts.menu[value] }))}
          />
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={texts.menu.language}
            value={language}
            onChange={(value) => dispatch(languageChosen(value))}
            data={LANGUAGE_CODES.map((value) => ({ value, label: LANGUAGES[value].name }))}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
