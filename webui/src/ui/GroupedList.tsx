import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react'
import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'react'

import type { Shown } from '@/lists/groups'
import { HEADER_PX, layOut, type Placed, placeOf, rowsBetween } from '@/lists/layout'
import styles from '@/ui/GroupedList.module.css'
import { GroupPick, RowPick, usePickKey } from '@/ui/Pick'
import type { Picks } from '@/ui/picks'

/** Rows drawn beyond what is in sight, so that a turn of the wheel finds them there. */
const SPARE = 6

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
  /** Where rows can be chosen, to do something with all of them. */
  readonly picks?: Picks<R>
  /** The row that the keyboard is about, if it is about none that has the focus. */
  readonly current?: string | null
}

/** A list of any length in groups whose headers stay in sight; only what is in sight is drawn. */
export function GroupedList<R>(props: Props<R>) {
  const { shown, rowHeight, label, groupLabel, isFolded, onFold, rowKey, renderRow, handle, picks } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [sight, heardRef] = useSight(scroller, rowHeight)
  const layout = useMemo(() => layOut(shown, rowHeight, isFolded), [shown, rowHeight, isFolded])

  useImperativeHandle(handle, () => ({
    reveal: (row) => {
      const element = scroller.current
      const place = placeOf(layout, rowHeight, row)
      if (element === null || place === undefined) return
      if (place < element.scrollTop + HEADER_PX) element.scrollTop = place - HEADER_PX
      else if (place + rowHeight > element.scrollTop + element.clientHeight) {
        element.scrollTop = place + rowHeight - element.clientHeight
      }
    },
  }))

  const inOrder = () => layout.sections.flatMap(({ rows, folded }) => (folded ? [] : rows))
  usePickKey(scroller, picks, props.current ?? null, inOrder, rowKey)

  const inSight = layout.sections
    .filter(({ top, bottom }) => bottom > sight.top && top < sight.bottom)
    .map((section) => ({ section, rows: rowsBetween(section, rowHeight, sight.top, sight.bottom, SPARE) }))

  // Rows that come and go above move nothing that is being looked at: the first row in sight that is still the same
  // stays where it was.
  const drawn = useRef<readonly Placed<R>[]>([])
  useLayoutEffect(() => {
    const element = scroller.current
    // asked of the element, it would have to lay the page out first, twenty times a second
    const scrollTop = heardRef.current
    if (element !== null && scrollTop > HEADER_PX) {
      for (const { row, top } of drawn.current) {
        const place = top + rowHeight > scrollTop ? placeOf(layout, rowHeight, row) : undefined
        if (place === undefined) continue
        if (place !== top) {
          element.scrollTop += place - top
          heardRef.current += place - top
        }
        break
      }
    }
  }, [layout, rowHeight, heardRef])
  useLayoutEffect(() => {
    drawn.current = inSight.flatMap(({ rows }) => rows)
  })
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="list"
      aria-label={label}
      data-picks={picks === undefined ? undefined : picks.keys.size > 0 ? 'some' : 'none'}
    >
      <div className={styles.all} style={{ height: layout.height }} role="presentation">
        {inSight.map(({ section, rows }) => (
          <div
            key={section.name}
            className={styles.section}
            style={{ top: section.top, height: section.bottom - section.top }}
            role="presentation"
          >
            <div className={styles.header} role="listitem">
              {picks && <GroupPick picks={picks} section={section} label={groupLabel(section.name)} />}
              <button type="button" aria-expanded={!section.folded} onClick={() => onFold(section.name)}>
                {section.folded ? <ChevronRightIcon size={14} /> : <ChevronDownIcon size={14} />}
                {groupLabel(section.name)}
                <span className={styles.count}>{section.rows.length.toLocaleString()}</span>
              </button>
            </div>
            {rows.map(({ row, top }) => (
              <div
                key={rowKey(row)}
                className={styles.row}
                style={{ height: rowHeight, transform: `translateY(${top - section.top}px)` }}
                role="listitem"
                data-key={rowKey(row)}
                data-picked={picks?.has(row) || undefined}
                onClickCapture={(event) => {
                  if (picks === undefined || !(event.shiftKey || event.ctrlKey || event.metaKey)) return
                  event.stopPropagation()
                  if (event.shiftKey) picks.extend(row, inOrder())
                  else picks.toggle(row)
                }}
              >
                {picks && <RowPick picks={picks} row={row} />}
                {renderRow(row)}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}

interface Sight {
  readonly top: number
  readonly bottom: number
}

/** What part of the scroller is in sight, to the row, which changes only when another row comes in; and how far it was scrolled last. */
function useSight(
  scroller: React.RefObject<HTMLDivElement | null>,
  rowHeight: number,
): [Sight, React.RefObject<number>] {
  const heardRef = useRef(0)
  const [sight, setSight] = useState<Sight>({ top: 0, bottom: 0 })
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    let height = element.clientHeight
    const look = () => {
      heardRef.current = element.scrollTop
      const top = Math.floor(heardRef.current / rowHeight) * rowHeight
      const bottom = Math.ceil((heardRef.current + height) / rowHeight) * rowHeight
      setSight((before) => (before.top === top && before.bottom === bottom ? before : { top, bottom }))
    }
    const resized = new ResizeObserver(() => {
      height = element.clientHeight
      look()
    })
    look()
    resized.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      resized.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [scroller, rowHeight])
  return [sight, heardRef]
}
