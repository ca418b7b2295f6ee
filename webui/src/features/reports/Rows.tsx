import { Button } from '@mantine/core'
import { ArrowLeftIcon, SearchIcon } from '@primer/octicons-react'
import type { ReactNode } from 'react'

import type { FoundLine, PastChat, PastTask } from '@/contract/history'
import { priceRange } from '@/explain/explain'
import { refusalText } from '@/explain/reasons'
import { ExportMenu } from '@/features/reports/Figure'
import figure from '@/features/reports/Figure.module.css'
import { reportAddress, type ReportQuery } from '@/features/reports/reportQuery'
import styles from '@/features/reports/Reports.module.css'
import { lasting, reasonName, whoName } from '@/features/reports/words'
import { pastUrl } from '@/history/ask'
import { usePages } from '@/history/usePast'
import { inMoney } from '@/i18n/numbers'
import { exact, moment } from '@/i18n/time'
import { useTexts } from '@/i18n/useTexts'
import type { TaskStatus } from '@/contract/enums'
import type { SteamId64 } from '@/contract/ids'
import { addressAt } from '@/store/addresses'
import { AddressLink } from '@/ui/AddressLink'
import { EmptyState } from '@/ui/EmptyState'
import { PlayerName } from '@/ui/PlayerName'
import { Refusal } from '@/ui/Refusal'
import { useWords } from '@/ui/useWords'

type Kind = 'tasks' | 'chats' | 'messages'

/** The rows of one number of a report, newest first; each opens its chat, or its task where there was none. */
export function Rows({ query, rows }: { query: ReportQuery; rows: string }) {
  const texts = useTexts()
  const url = pastUrl(rows)
  const kind = rows.split('?')[0] as Kind
  const { records, more, loading, error, go } = usePages<PastTask & PastChat & FoundLine>(url)
  const title = query.of || texts.past.rows[kind]
  return (
    <section className={styles.place} aria-label={texts.places.reports}>
      <header className={styles.bar}>
        <Button
          component={AddressLink}
          to={reportAddress(query)}
          size="xs"
          variant="subtle"
          color="gray"
          leftSection={<ArrowLeftIcon />}
        >
          {texts.report.back}
        </Button>
        <h2>{title}</h2>
        <span className={styles.space} />
        <ExportMenu label={texts.report.exportOf(title)} url={url} file={kind} />
      </header>
      <div className={styles.body}>
        {records.length > 0 && (
          <div className={`${figure.scroll} ${styles.rows}`} role="group" tabIndex={0} aria-label={title}>
            <table className={figure.table}>
              {kind === 'tasks' ? (
                <Tasks records={records} />
              ) : kind === 'chats' ? (
                <Chats records={records} />
              ) : (
                <Lines records={records} />
              )}
            </table>
          </div>
        )}
        {records.length === 0 && !loading && error === undefined && (
          <EmptyState icon={SearchIcon} title={texts.past.none} hint="" />
        )}
        {error && <Refusal message={`${texts.past.failed} ${refusalText(error, texts)}`} />}
        {loading && records.length === 0 && (
          <p className={styles.loading} role="status">
            {texts.past.loading}
          </p>
        )}
        {(more || error !== undefined) && (
          <div className={styles.more}>
            <Button size="xs" variant="default" loading={loading} onClick={go}>
              {error === undefined ? texts.past.more : texts.report.again}
            </Button>
          </div>
        )}
      </div>
    </section>
  )
}

function Head({ names }: { names: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  )
}

const chatAddress = (id: string) => addressAt('chats', encodeURIComponent(id))

/** Where a task is looked at: its chat says more than its card. */
export function taskAddress({ id, chatId }: Pick<PastTask, 'id' | 'chatId'>): string {
  return chatId == null ? addressAt('tasks', encodeURIComponent(id)) : chatAddress(chatId)
}

function Tasks({ records }: { records: readonly PastTask[] }) {
  const { texts, language } = useWords()
  const { report, past, task: own } = texts
  return (
    <>
      <Head
        names={[report.item, own.price, own.agreed, own.player, past.status, report.reason, past.created, past.ended]}
      />
      <tbody>
        {records.map((task) => (
          <tr key={task.id}>
            <th scope="row">
              <AddressLink className={figure.count} to={taskAddress(task)}>
                <bdi>{task.item}</bdi>
              </AddressLink>
            </th>
            <td>{priceRange(task)}</td>
            <td>{task.agreedPrice == null ? '–' : inMoney(task.agreedPrice, language)}</td>
            <td>
              <PlayerName steamId64={task.playerSteamId64 as SteamId64} />
            </td>
            <td>{texts.taskStatus[task.status as TaskStatus]}</td>
            <td>{task.reason == null ? '' : reasonName(task.reason, texts)}</td>
            <When ts={task.createdAt} />
            <When ts={task.endedAt} />
          </tr>
        ))}
      </tbody>
    </>
  )
}

function Chats({ records }: { records: readonly PastChat[] }) {
  const { texts } = useWords()
  const { past, task: own, bot } = texts
  return (
    <>
      <Head names={[own.player, own.bot, past.agent, past.operator, past.lines, past.started, past.closed]} />
      <tbody>
        {records.map((chat) => (
          <tr key={chat.id}>
            <th scope="row">
              <AddressLink className={figure.count} to={chatAddress(chat.id)}>
                <PlayerName steamId64={chat.playerSteamId64 as SteamId64} />
              </AddressLink>
            </th>
            <td>{chat.botLabel ?? chat.botSteamId64 ?? bot.account}</td>
            <td>{chat.agent == null ? '–' : whoName(chat.agent, texts)}</td>
            <td>{chat.operator == null ? '–' : whoName(chat.operator, texts)}</td>
            <td>{chat.lines}</td>
            <When ts={chat.startedAt} />
            <When ts={chat.closedAt} />
          </tr>
        ))}
      </tbody>
    </>
  )
}

function Lines({ records }: { records: readonly FoundLine[] }) {
  const { texts } = useWords()
  const { past, task: own } = texts
  return (
    <>
      <Head names={[past.line, past.who, own.player, past.waited, past.when]} />
      <tbody>
        {records.map((line) => (
          <tr key={line.seq}>
            <th scope="row">
              <AddressLink className={figure.count} to={chatAddress(line.chatId)}>
                <bdi>{line.text}</bdi>
              </AddressLink>
            </th>
            <td>{whoName(line.from === 'player' ? 'player:' : line.author, texts)}</td>
            <td>
              <PlayerName steamId64={line.playerSteamId64 as SteamId64} />
            </td>
            <td>{line.waitedMs == null ? '–' : lasting(line.waitedMs, texts)}</td>
            <When ts={line.ts} />
          </tr>
        ))}
      </tbody>
    </>
  )
}

function When({ ts }: { ts: number | null | undefined }): ReactNode {
  const { language, now } = useWords()
  if (ts == null) return <td>–</td>
  return <td title={exact(ts, language)}>{moment(ts, now, language)}</td>
}
