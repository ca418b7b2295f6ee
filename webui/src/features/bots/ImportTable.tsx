import { explainReason, refusalText } from '@/explain/reasons'
import styles from '@/features/bots/AddBots.module.css'
import type { ImportRow, ImportState } from '@/features/bots/imports'
import { STANDINGS } from '@/features/bots/imports'
import type { Texts } from '@/i18n/en/texts'
import { useTexts } from '@/i18n/useTexts'

/** A thousand rows say no more than the first of each kind: the rest is in the summary that can be saved. */
const SHOWN = 300

/** The plan or the summary of an import: how many accounts of each kind, and each account with what is to be said of it. */
export function ImportTable(props: {
  readonly state: ImportState
  readonly rows: readonly ImportRow[]
  readonly labels: Readonly<Record<string, string>>
  readonly onLabel?: (file: string, label: string) => void
}) {
  const { state, rows, labels, onLabel } = props
  const texts = useTexts()
  const words = texts.addBots
  const shown = [...rows].sort((one, two) => rank(one) - rank(two)).slice(0, SHOWN)
  return (
    <>
      <ul className={styles.counts} aria-label={words.counts}>
        {STANDINGS.filter((standing) => state.counts[standing] !== undefined).map((standing) => (
          <li key={standing} data-standing={standing}>
            <strong>{state.counts[standing]}</strong> {words.standings[standing]}
          </li>
        ))}
      </ul>
      <p className={styles.lists}>{words.proxiesCounted(state.proxies, state.proxiesTaken, state.proxiesLeft)}</p>
      {state.passedOverCount > 0 && (
        <p className={styles.lists}>
          {words.passedOver(state.passedOverCount)} {state.passedOver.slice(0, 5).join(', ')}
        </p>
      )}
      {state.problems.length > 0 && (
        <ul className={styles.problems} aria-label={words.problems}>
          {state.problems.slice(0, 20).map((problem) => (
            <li key={`${problem.line}${problem.message}`}>{refusalText(problem, texts)}</li>
          ))}
        </ul>
      )}
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th>{words.file}</th>
              <th>{words.account}</th>
              <th>{words.standing}</th>
              <th>{words.proxy}</th>
              <th>{onLabel ? words.label : words.bot}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.file} data-standing={row.standing}>
                <td>{row.file}</td>
                <td>
                  {row.account}
                  {row.steamId64 && <small>{row.steamId64}</small>}
                </td>
                <td>
                  <strong>{words.standings[row.standing]}</strong>
                  {[why(row, texts), ...(row.notes ?? []).map((note) => remark(note, texts))]
                    .filter(Boolean)
                    .map((text) => (
                      <small key={text}>{text}</small>
                    ))}
                </td>
                <td>{row.proxy}</td>
                <td>
                  {onLabel && row.standing === 'new' ? (
                    <input
                      aria-label={`${words.label}: ${row.file}`}
                      maxLength={64}
                      value={labels[row.file] ?? ''}
                      onChange={(event) => onLabel(row.file, event.currentTarget.value)}
                    />
                  ) : (
                    row.botId
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > SHOWN && <p className={styles.lists}>{words.more(rows.length - SHOWN)}</p>}
    </>
  )
}

/** What a person has to act on first. */
function rank(row: ImportRow): number {
  const order = ['refused', 'contradictory', 'unusable', 'withoutPassword', 'withoutProxy', 'added', 'new']
  const at = order.indexOf(row.standing)
  return at < 0 ? order.length : at
}

function why(row: ImportRow, texts: Texts): string {
  if (row.standing === 'duplicate') return texts.serverSpeaks ? (row.message ?? '') : ''
  return row.code ? refusalText({ code: row.code, message: row.message ?? '' }, texts) : (row.message ?? '')
}

/** A remark in the page's language, with the server's own words behind it, which have the names and numbers. */
function remark(note: { readonly code: string; readonly message: string }, texts: Texts): string {
  const { why, said } = explainReason(note.code, note.message, texts.addBots.remarks, note.message, texts)
  return said === undefined || said === why ? why : texts.quoted(why, said)
}
