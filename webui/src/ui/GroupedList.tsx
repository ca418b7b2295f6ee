import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react'
import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'react'

import { inDigits } from '@/i18n/numbers'
import { useLanguage } from '@/i18n/useTexts'
import type { GroupedRows } from '@/lists/groups'
import { HEADER_PX, layOut, type Placed, offsetOf, rowsBetween } from '@/lists/layout'
import styles from '@/ui/GroupedList.module.css'
import type { RowSelection } from '@/ui/selection'
import { GroupCheckbox, RowCheckbox, useSelectShortcut } from '@/ui/SelectionCheckbox'

/** Rows rendered beyond the viewport on each side, so that scrolling finds them there. */
const OVERSCAN = 6

export interface ListHandle<R> {
  /** Bring a row into sight. */
  readonly reveal: (row: R) => void
}

interface Props<R> {
  readonly shown: GroupedRows<R>
  readonly rowHeight: number
  readonly label: string
  readonly groupLabel: (group: string) => ReactNode
  readonly isFolded: (group: string) => boolean
  readonly onFold: (group: string) => void
  readonly rowKey: (row: R) => string
  readonly renderRow: (row: R) => ReactNode
  readonly handle?: Ref<ListHandle<R>>
  /** Where rows can be chosen, to do something with all of them. */
  readonly selection?: RowSelection<R>
  /** Where a row is shown by itself: the middle button opens it in a tab of its own. */
  readonly addressOf?: (row: R) => string
  /** The row that the keyboard is about, if it is about none that has the focus. */
  readonly current?: string | null
}

/** A virtualized list of any length, in groups with sticky headers: only the rows in the viewport are rendered. */
export function GroupedList<R>(props: Props<R>) {
  const { shown, rowHeight, label, groupLabel, isFolded, onFold, rowKey, renderRow, handle, selection, addressOf } =
    props
  const language = useLanguage()
  const scroller = useRef<HTMLDivElement>(null)
  const [viewport, scrollTopRef] = useViewport(scroller, rowHeight)
  const layout = useMemo(() => layOut(shown, rowHeight, isFolded), [shown, rowHeight, isFolded])

  useImperativeHandle(handle, () => ({
    reveal: (row) => {
      const element = scroller.current
      const place = offsetOf(layout, rowHeight, row)
      if (element === null || place === undefined) return
      if (place < element.scrollTop + HEADER_PX) element.scrollTop = place - HEADER_PX
      else if (place + rowHeight > element.scrollTop + element.clientHeight) {
        element.scrollTop = place + rowHeight - element.clientHeight
      }
    },
  }))

  const inOrder = () => layout.sections.flatMap(({ rows, folded }) => (folded ? [] : rows))
  useSelectShortcut(scroller, selection, props.current ?? null, inOrder, rowKey)

  const inSight = layout.sections
    .filter(({ top, bottom }) => bottom > viewport.top && top < viewport.bottom)
    .map((section) => ({ section, rows: rowsBetween(section, rowHeight, viewport.top, viewport.bottom, OVERSCAN) }))

  // Rows that come and go above move nothing that is being looked at: the first row in sight that is still the same
  // stays where it was.
  const drawn = useRef<readonly Placed<R>[]>([])
  useLayoutEffect(() => {
    const element = scroller.current
    // asked of the element, it would have to lay the page out first, twenty times a second
    const scrollTop = scrollTopRef.current
    if (element !== null && scrollTop > HEADER_PX) {
      for (const { row, top } of drawn.current) {
        const place = top + rowHeight > scrollTop ? offsetOf(layout, rowHeight, row) : undefined
        if (place === undefined) continue
        if (place !== top) {
          element.scrollTop += place - top
          scrollTopRef.current += place - top
        }
        break
      }
    }
  }, [layout, rowHeight, scrollTopRef])
  useLayoutEffect(() => {
    drawn.current = inSight.flatMap(({ rows }) => rows)
  })
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="list"
      aria-label={label}
      data-picks={selection === undefined ? undefined : selection.keys.size > 0 ? 'some' : 'none'}
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
              {selection && <GroupCheckbox selection={selection} section={section} label={groupLabel(section.name)} />}
              <button type="button" aria-expanded={!section.folded} onClick={() => onFold(section.name)}>
                {section.folded ? <ChevronRightIcon size={14} /> : <ChevronDownIcon size={14} />}
                {groupLabel(section.name)}
                <span className={styles.count}>{inDigits(section.rows.length, language)}</span>
              </button>
            </div>
            {rows.map(({ row, top }) => (
              <div
                key={rowKey(row)}
                className={styles.row}
                style={{ height: rowHeight, transform: `translateY(${top - section.top}px)` }}
                role="listitem"
                data-key={rowKey(row)}
                data-picked={selection?.has(row) || undefined}
                // else the middle button would scroll the page on some systems
                onMouseDown={(event) => event.button === 1 && event.preventDefault()}
                onAuxClick={({ button }) => {
                  if (button === 1 && addressOf) window.open(addressOf(row), '_blank', 'noopener')
                }}
                onClickCapture={(event) => {
                  if (selection === undefined || !(event.shiftKey || event.ctrlKey || event.metaKey)) return
                  event.stopPropagation()
                  if (event.shiftKey) selection.extend(row, inOrder())
                  else selection.toggle(row)
                }}
              >
                {selection && <RowCheckbox selection={selection} row={row} />}
                {renderRow(row)}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}

interface Viewport {
  readonly top: number
  readonly bottom: number
}

/** The viewport, rounded to whole rows so that it changes only when another row comes in; and the last scroll offset. */
function useViewport(
  scroller: React.RefObject<HTMLDivElement | null>,
  rowHeight: number,
): [Viewport, React.RefObject<number>] {
  const scrollTopRef = useRef(0)
  const [viewport, setViewport] = useState<Viewport>({ top: 0, bottom: 0 })
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    let height = element.clientHeight
    const look = () => {
      scrollTopRef.current = element.scrollTop
      const top = Math.floor(scrollTopRef.current / rowHeight) * rowHeight
      const bottom = Math.ceil((scrollTopRef.current + height) / rowHeight) * rowHeight
      setViewport((before) => (before.top === top && before.bottom === bottom ? before : { top, bottom }))
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
  return [viewport, scrollTopRef]
}
