import { ActionIcon, Button, Menu, Tooltip, VisuallyHidden } from '@mantine/core'
import { DownloadIcon, GraphBarHorizontalIcon, TableIcon } from '@primer/octicons-react'
import { createContext, type ReactNode, use, useId, useState } from 'react'

import type { Count } from '@/contract/history'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/reports/Figure.module.css'
import { filePast, withQuery } from '@/history/ask'
import { inDigits } from '@/i18n/numbers'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { AddressLink } from '@/ui/AddressLink'
import { Refusal } from '@/ui/Refusal'
import { saveFile } from '@/ui/saveFile'

/** A cell: words, or a number whose rows can be looked at, and what those rows are called, or what is drawn for it. */
export type Cell = string | { readonly count: Count; readonly of: string } | { readonly node: ReactNode }

export interface FigureTable {
  readonly head: readonly string[]
  /** The first cell of each row names it. */
  readonly rows: readonly (readonly Cell[])[]
}

interface Props {
  readonly title: string
  readonly hint?: string | undefined
  readonly table: FigureTable
  /** What the server calls the table, for its files; undefined where it has none. */
  readonly name?: string
  /** The chart that shows the same; undefined: the table is what there is to see. */
  readonly chart?: ReactNode
  /** Says that there is nothing, in place of both. */
  readonly none?: string | undefined
  readonly wide?: boolean
}

/** How the figures of one report are linked and saved. */
export interface ReportLinks {
  readonly url: string
  readonly days: string
  readonly addressOf: (count: Count, of: string) => string
}

export const Links = createContext<ReportLinks>({ url: '', days: '', addressOf: () => '' })

/** A chart with the table behind it: always there for screen readers, and for everybody by its button. */
export function Figure({ title, hint, table, name, chart, none, wide = false }: Props) {
  const texts = useTexts()
  const heading = useId()
  const [asTable, setAsTable] = useState(false)
  const shown = none === undefined && (chart === undefined || asTable)
  return (
    <section className={styles.figure} data-wide={wide || undefined} aria-labelledby={heading}>
      <header>
        <h3 id={heading}>{title}</h3>
        <span className={styles.hint}>{hint}</span>
        {none === undefined && chart !== undefined && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            aria-pressed={asTable}
            leftSection={asTable ? <GraphBarHorizontalIcon size={14} /> : <TableIcon size={14} />}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? texts.report.chart : texts.report.table}
          </Button>
        )}
        {none === undefined && name !== undefined && <Export name={name} title={title} />}
      </header>
      {none !== undefined && <p className={styles.none}>{none}</p>}
      {none === undefined && chart !== undefined && !asTable && (
        <>
          {chart}
          <VisuallyHidden>
            <FigureTable table={table} title={title} linked={false} />
          </VisuallyHidden>
        </>
      )}
      {shown && <FigureTable table={table} title={title} linked />}
    </section>
  )
}

/** Numbers stand right, under their heads; the first column names the row. */
function FigureTable({ table, title, linked }: { table: FigureTable; title: string; linked: boolean }) {
  const drawn = (
    <table className={styles.table} aria-label={title}>
      <thead>
        <tr>
          {table.head.map((text) => (
            <th key={text} scope="col">
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((cells, row) => (
          <tr key={row}>
            {cells.map((cell, column) =>
              column === 0 ? (
                <th key={column} scope="row">
                  <Value cell={cell} linked={linked} />
                </th>
              ) : (
                <td key={column}>
                  <Value cell={cell} linked={linked} />
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
  if (!linked) return drawn
  // whoever has no pointer moves what is wider than its place by keys
  return (
    <div className={styles.scroll} role="group" tabIndex={0} aria-label={title}>
      {drawn}
    </div>
  )
}

function Value({ cell, linked }: { cell: Cell; linked: boolean }) {
  const language = useLanguage()
  if (typeof cell === 'string') return <bdi>{cell}</bdi>
  if ('node' in cell) return cell.node
  if (!linked) return inDigits(cell.count.n, language)
  return <CountLink count={cell.count} of={cell.of} />
}

/** A number, and the way to its rows. */
export function CountLink({ count, of }: { count: Count; of: string }) {
  const language = useLanguage()
  const { addressOf } = use(Links)
  const digits = inDigits(count.n, language)
  return (
    <AddressLink className={styles.count} to={addressOf(count, of)} aria-label={`${of}: ${digits}`}>
      {digits}
    </AddressLink>
  )
}

/** One table of the report as a file. */
function Export({ name, title }: { name: string; title: string }) {
  const texts = useTexts()
  const { url, days } = use(Links)
  return (
    <ExportMenu
      label={texts.report.exportOf(title)}
      url={withQuery(url, { table: name })}
      file={`report-${name}-${days}`}
    />
  )
}

interface ExportProps {
  readonly label: string
  readonly url: string
  /** The file's name, without what comes after its dot. */
  readonly file: string
}

/** The answer to that question, saved as CSV or NDJSON. */
export function ExportMenu({ label, url, file }: ExportProps) {
  const texts = useTexts()
  const [refused, setRefused] = useState<string>()
  const [saving, setSaving] = useState(false)
  const save = async (format: 'csv' | 'ndjson') => {
    setSaving(true)
    const answer = await filePast(url, format)
    setSaving(false)
    setRefused(answer.ok ? undefined : refusalText(answer.error, texts))
    if (answer.ok) saveFile(answer.value, `${file}.${format}`)
  }
  return (
    <>
      <Menu position="bottom-end">
        <Tooltip label={label}>
          <Menu.Target>
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={label} loading={saving}>
              <DownloadIcon size={14} />
            </ActionIcon>
          </Menu.Target>
        </Tooltip>
        <Menu.Dropdown>
          {(['csv', 'ndjson'] as const).map((format) => (
            <Menu.Item key={format} onClick={() => void save(format)}>
              {format.toUpperCase()}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Refusal message={refused} onClose={() => setRefused(undefined)} closeLabel={texts.common.close} />
    </>
  )
}
