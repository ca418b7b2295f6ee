import type { ItemFigures } from '@/contract/history'
import { CountLink, type FigureTable } from '@/features/reports/Figure'
import styles from '@/features/reports/PriceRanges.module.css'
import { inMoney, inPercent } from '@/i18n/numbers'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import type { Texts } from '@/i18n/en/texts'
import type { Language } from '@/store/slices/workspace'

/** As many as have room; the table has all. */
export const ITEMS_DRAWN = 12
const WIDTH = 400
const HEIGHT = 30

/** Where in its range each item was agreed: places can be compared across items, prices cannot. */
export function PriceRanges({ items }: { items: readonly ItemFigures[] }) {
  const texts = useTexts()
  const language = useLanguage()
  const several = new Set(items.map(({ currency }) => currency)).size > 1
  return (
    <div className={styles.ranges}>
      <div className={`${styles.row} ${styles.head}`} aria-hidden>
        <span />
        <span />
        <span className={styles.scale}>
          <span>{texts.report.floor}</span>
          <span>{texts.report.middle}</span>
          <span>{texts.report.ceiling}</span>
        </span>
        <span />
        <span>{texts.report.median}</span>
        <span>{texts.report.deals}</span>
      </div>
      {items.slice(0, ITEMS_DRAWN).map((one) => (
        <div key={`${one.item} ${one.currency}`} className={styles.row}>
          <span className={styles.item} title={one.item}>
            <bdi>{shortItem(one.item)}</bdi> {several && <small>{one.currency}</small>}
          </span>
          <span className={styles.end}>{inMoney(one.lowest, language, { short: true })}</span>
          <Range figures={one} />
          <span className={styles.start}>{inMoney(one.highest, language, { short: true })}</span>
          <span className={styles.median}>{one.median == null ? '–' : inMoney(one.median, language)}</span>
          <span className={styles.deals}>
            <CountLink count={one.agreed} of={one.item} />
          </span>
        </div>
      ))}
    </div>
  )
}

/** A dot for each twentieth of the range in which there were deals, the larger the more; the median's place is a bar. */
function Range({ figures: { places, place, below = 0, above = 0 } }: { figures: ItemFigures }) {
  const texts = useTexts()
  const most = Math.max(1, ...places)
  return (
    <svg className={styles.range} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
      {below + above > 0 && <title>{texts.report.outside(below, above)}</title>}
      <rect className={styles.ground} x={0} y={9} width={WIDTH} height={12} />
      <line className={styles.middle} x1={WIDTH / 2} x2={WIDTH / 2} y1={0} y2={HEIGHT} />
      {places.map((deals, step) =>
        deals === 0 ? null : (
          <line
            key={step}
            className={styles.dot}
            // a line of no length with round ends is a dot that stays round, however wide the drawing is
            x1={((step + 0.5) * WIDTH) / places.length}
            x2={((step + 0.5) * WIDTH) / places.length}
            y1={HEIGHT / 2}
            y2={HEIGHT / 2}
            strokeWidth={5 + 7 * Math.sqrt(deals / most)}
          />
        ),
      )}
      {place != null && (
        <line
          className={styles.mark}
          x1={WIDTH * clamped(place)}
          x2={WIDTH * clamped(place)}
          y1={HEIGHT / 2 - 9}
          y2={HEIGHT / 2 + 9}
        />
      )}
    </svg>
  )
}

export function priceTable(items: readonly ItemFigures[], texts: Texts, language: Language): FigureTable {
  const { report } = texts
  return {
    head: [
      report.item,
      report.currency,
      report.floor,
      report.ceiling,
      report.median,
      report.place,
      report.sum,
      report.below,
      report.above,
      report.deals,
    ],
    rows: items.map(({ item, currency, lowest, highest, median, place, sum, below = 0, above = 0, agreed }) => [
      item,
      currency,
      inMoney(lowest, language),
      inMoney(highest, language),
      median == null ? '–' : inMoney(median, language),
      place == null ? '–' : inPercent(place, 1),
      inMoney(sum, language),
      String(below),
      String(above),
      { count: agreed, of: item },
    ]),
  }
}

const clamped = (place: number) => Math.min(1, Math.max(0, place))

const WEARS: Readonly<Record<string, string>> = {
  'Factory New': 'FN',
  'Minimal Wear': 'MW',
  'Field-Tested': 'FT',
  'Well-Worn': 'WW',
  'Battle-Scarred': 'BS',
}

/** An item without its kind where it has a name of its own, and with its wear in letters, which is never cut. */
export function shortItem(item: string): string {
  const wear = Object.keys(WEARS).find((name) => item.endsWith(`(${name})`))
  const named = wear === undefined ? item : item.slice(0, -wear.length - 2).trim()
  const name = named.includes(' | ') ? named.slice(named.indexOf(' | ') + 3) : named
  return wear === undefined ? name : `${name} ${WEARS[wear]!}`
}
