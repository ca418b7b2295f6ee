import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react'
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type Ref, useCallback, useImperativeHandle, useMemo, useRef } from 'react'

import type { Shown } from '@/lists/view'
import styles from '@/ui/GroupedList.module.css'

const HEADER_PX = 32

export interface ListHandle<R> {
  /** Bring a row into sight. */
  readonly reveal: (row: R) => void
}

interface Props<R> {
  readonly shown: Shown<R>
  readonly rowHeight: number
  readonly label: string
  readonly groupLabel: (group: string) => ReactNode
  readonly isFolded: (group: string) => boolean
  readonly onFold: (group: string) => void
  readonly rowKey: (row: R) => string
  readonly renderRow: (row: R) => ReactNode
  readonly handle?: Ref<ListHandle<R>>
}

interface Segment<R> {
  readonly name: string
  readonly rows: readonly R[]
  readonly folded: boolean
  /** The index of its header among all items. */
  readonly start: number
}

/** A list of any length in groups whose headers stay in sight; only what is in sight is drawn. */
export function GroupedList<R>(props: Props<R>) {
  const { shown, rowHeight, label, groupLabel, isFolded, onFold, rowKey, renderRow, handle } = props
  const scroller = useRef<HTMLDivElement>(null)
  const segments = useMemo(() => {
    const laid: Segment<R>[] = []
    let start = 0
    for (const { name, rows } of shown.groups) {
      if (rows.length === 0) continue
      const folded = isFolded(name)
      laid.push({ name, rows, folded, start })
      start += 1 + (folded ? 0 : rows.length)
    }
    return { laid, count: start }
  }, [shown, isFolded])

  const segmentAt = (index: number) => segments.laid.findLast((segment) => segment.start <= index)!

  // eslint-disable-next-line react-hooks/incompatible-library -- it returns functions that must not be memoized, and are not
  const virtual = useVirtualizer({
    count: segments.count,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (segmentAt(index).start === index ? HEADER_PX : rowHeight),
    getItemKey: (index) => {
      const segment = segmentAt(index)
      const row = segment.rows[index - segment.start - 1]
      return row === undefined || segment.start === index ? `group ${segment.name}` : rowKey(row)
    },
    overscan: 6,
    rangeExtractor: useCallback(
      (range: Range) => {
        const header = segments.laid.findLast((segment) => segment.start <= range.startIndex)
        const indexes = defaultRangeExtractor(range)
        return header === undefined || indexes.includes(header.start) ? indexes : [header.start, ...indexes]
      },
      [segments],
    ),
  })

  useImperativeHandle(handle, () => ({
    reveal: (row) => {
      for (const segment of segments.laid) {
        const index = segment.folded ? -1 : segment.rows.indexOf(row)
        if (index >= 0) virtual.scrollToIndex(segment.start + 1 + index, { align: 'auto' })
      }
    },
  }))

  const items = virtual.getVirtualItems()
  const top = segments.laid.findLast((segment) => segment.start <= (virtual.range?.startIndex ?? 0))
  return (
    <div ref={scroller} className={styles.scroller} role="list" aria-label={label} tabIndex={-1}>
      <div className={styles.all} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const segment = segmentAt(item.index)
          const isHeader = segment.start === item.index
          const row = segment.rows[item.index - segment.start - 1]
          const sticky = isHeader && segment === top
          return (
            <div
              key={item.key}
              role="listitem"
              className={sticky ? styles.sticky : styles.item}
              style={sticky ? { height: item.size } : { height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {isHeader || row === undefined ? (
                <button
                  type="button"
                  className={styles.header}
                  aria-expanded={!segment.folded}
                  onClick={() => onFold(segment.name)}
                >
                  {segment.folded ? <ChevronRightIcon size={14} /> : <ChevronDownIcon size={14} />}
                  {groupLabel(segment.name)}
                  <span className={styles.count}>{segment.rows.length.toLocaleString()}</span>
                </button>
              ) : (
                renderRow(row)
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
