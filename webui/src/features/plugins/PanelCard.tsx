import type { PanelTable, ShownPanel } from '@/contract/panels'
import { GivingButton } from '@/features/plugins/GivingButton'
import { isFigure, PanelValue } from '@/features/plugins/PanelValue'
import styles from '@/features/plugins/Panels.module.css'
import type { PanelCard } from '@/features/plugins/readPanels'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import cardStyles from '@/ui/Card.module.css'
import { Fact, Facts, Why } from '@/ui/Facts'

/** A plugin's panel, or why it is not shown. `onDone`: a button's command was carried out. */
export function Card({ card: { plugin, panel, fault, detail }, onDone }: { card: PanelCard; onDone: () => void }) {
  const { panel: texts } = useTexts()
  const language = useLanguage()
  return (
    <section className={cardStyles.card} aria-label={texts.of(plugin)}>
      <div className={styles.title}>
        <h2>{panel === null ? texts.broken : panel.title[language]}</h2>
        <span>{plugin}</span>
      </div>
      {fault !== null && <Why tone="bad" why={texts.faults[fault]} said={detail ?? undefined} />}
      {panel !== null && <Content panel={panel} onDone={onDone} />}
    </section>
  )
}

function Content({ panel, onDone }: { panel: ShownPanel; onDone: () => void }) {
  const language = useLanguage()
  return (
    <>
      {panel.fields.length > 0 && (
        <div className={styles.fields}>
          <Facts>
            {panel.fields.map(({ label, value }, place) => (
              <Fact key={place} name={label[language]}>
                <PanelValue value={value} />
              </Fact>
            ))}
          </Facts>
        </div>
      )}
      {panel.tables.map((table, place) => (
        <Table key={place} table={table} />
      ))}
      {panel.buttons.length > 0 && (
        <div className={cardStyles.actions}>
          {panel.buttons.map((button, place) => (
            <GivingButton key={`${place} ${button.kind}`} button={button} onDone={onDone} />
          ))}
        </div>
      )}
    </>
  )
}

function Table({ table: { title, columns, rows } }: { table: PanelTable }) {
  const { panel: texts } = useTexts()
  const language = useLanguage()
  const figures = columns.map((_, place) => rows.some((row) => isFigure(row[place])))
  return (
    <div className={styles.tableArea} tabIndex={0} role="region" aria-label={title[language]}>
      <table className={styles.table}>
        <caption>{title[language]}</caption>
        <thead>
          <tr>
            {columns.map((column, place) => (
              <th key={place} scope="col" data-figures={figures[place] || undefined}>
                {column[language]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={line}>
              {row.map((value, place) => (
                <td key={place} data-figures={figures[place] || undefined}>
                  <PanelValue value={value} />
                </td>
              ))}
            </tr>
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} className={styles.none}>
                {texts.empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}
