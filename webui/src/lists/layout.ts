/**
 * Where the groups and rows of a list lie. Heights are fixed, so that a place is a sum and not a measurement: what is in
 * sight of a hundred thousand rows that change twenty times a second is found in a handful of steps.
 */
import type { Group, GroupedRows } from '@/lists/groups'

export const HEADER_PX = 32

export interface Section<R> extends Group<R> {
  readonly folded: boolean
  /** Where its header begins, and where the next section does. */
  readonly top: number
  readonly bottom: number
}

export interface Layout<R> {
  readonly sections: readonly Section<R>[]
  readonly height: number
}

export function layOut<R>(shown: GroupedRows<R>, rowHeight: number, isFolded: (group: string) => boolean): Layout<R> {
  const sections: Section<R>[] = []
  let top = 0
  for (const group of shown.groups) {
    if (group.rows.length === 0) continue
    const folded = isFolded(group.name)
    const bottom = top + HEADER_PX + (folded ? 0 : group.rows.length * rowHeight)
    sections.push({ ...group, folded, top, bottom })
    top = bottom
  }
  return { sections, height: top }
}

export interface Placed<R> {
  readonly row: R
  readonly top: number
}

/** The rows of a section that are at least partly between these two places, and `overscan` more on either side. */
export function rowsBetween<R>(
  section: Section<R>,
  rowHeight: number,
  from: number,
  to: number,
  overscan: number,
): Placed<R>[] {
  if (section.folded) return []
  const start = section.top + HEADER_PX
  const first = Math.max(0, Math.floor((from - start) / rowHeight) - overscan)
  const last = Math.min(section.rows.length, Math.ceil((to - start) / rowHeight) + overscan)
  const placed: Placed<R>[] = []
  for (let index = first; index < last; index += 1) {
    placed.push({ row: section.rows[index]!, top: start + index * rowHeight })
  }
  return placed
}

/** Where the row lies; undefined when it is not shown. */
export function offsetOf<R>(layout: Layout<R>, rowHeight: number, row: R): number | undefined {
  for (const section of layout.sections) {
    const index = section.folded ? -1 : (section.indexOf?.(row) ?? section.rows.indexOf(row))
    if (index >= 0) return section.top + HEADER_PX + index * rowHeight
  }
  return undefined
}
