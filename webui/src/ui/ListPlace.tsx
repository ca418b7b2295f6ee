import { ActionIcon } from '@mantine/core'
import { FilterIcon, UnlinkIcon, XIcon } from '@primer/octicons-react'
import { type ComponentType, type CSSProperties, type ReactNode, useCallback, useMemo, useRef, useState } from 'react'

import type { Tables } from '@/contract/tables'
import { useTexts } from '@/i18n/useTexts'
import type { Grouping, GroupedRows } from '@/lists/groups'
import { useDebounced, useView } from '@/lists/useView'
import { addressAt } from '@/store/addresses'
import { groupFolded } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { EmptyState } from '@/ui/EmptyState'
import { GroupedList, type ListHandle } from '@/ui/GroupedList'
import styles from '@/ui/ListPlace.module.css'
import { SearchField } from '@/ui/SearchField'
import type { RowSelection } from '@/ui/selection'
import { useRowHeight } from '@/ui/useRowHeight'
import { useRowNavigation } from '@/ui/useRowNavigation'

interface Props<T extends 'bots' | 'tasks'> {
  /** The table, and what the texts and the folded groups of the place are called by. */
  readonly name: T
  readonly grouping: Grouping<Tables[T]>
  /** Tells the rows that a search finds; undefined when it finds all. The same function at every render. */
  readonly matcher: (search: string) => ((row: Tables[T]) => boolean) | undefined
  readonly icon: ComponentType<{ size?: number }>
  readonly groupLabel: (group: string) => string
  /** The widths of the columns, and the cells above them. */
  readonly columns: CSSProperties
  readonly head: ReactNode
  readonly renderRow: (row: Tables[T], chosen: boolean) => ReactNode
  /** The button that makes a new row: beside the search, and where there are no rows yet. */
  readonly add: (where: 'tools' | 'empty') => ReactNode
  /** What stands between the search and the rows. */
  readonly strip?: ReactNode
  /** What can be done to the rows that were picked. */
  readonly selection: RowSelection<Tables[T]>
  readonly selectable: boolean
  readonly bulkBar: (shown: GroupedRows<Tables[T]>) => ReactNode
  /** The row that is shown beside the list. */
  readonly chosen: Tables[T] | undefined
  /** The id of the row that is to be shown, though there may be none of it. */
  readonly wanted: string | null
  readonly onChoose: (row: Tables[T] | undefined) => void
  readonly card: (row: Tables[T]) => ReactNode
  readonly cardLabel: string
  /** What is shown in the place of the card where the row that is wanted is none of the list's. */
  readonly absent?: ReactNode
}

/** A list that fills the page: a search, the rows by status, and the chosen one beside them. */
export function ListPlace<T extends 'bots' | 'tasks'>(props: Props<T>) {
  const { name, grouping, matcher, chosen, wanted, onChoose } = props
  const texts = useTexts()
  const dispatch = useAppDispatch()
  const [search, setSearch] = useState('')
  const settled = useDebounced(search)
  const rowHeight = useRowHeight()
  const folded = useAppSelector((state) => state.workspace.folded)
  const known = useAppSelector((state) => state.replica[name].size)
  const shown = useView(
    name,
    grouping,
    useMemo(() => matcher(settled), [matcher, settled]),
  )
  const isFolded = useCallback(
    (group: string) => settled === '' && folded.includes(`${name}:${group}`),
    [name, folded, settled],
  )
  const list = useRef<ListHandle<Tables[T]>>(null)
  const chosenKey = chosen === undefined ? null : grouping.keyOf(chosen)
  useRowNavigation(shown, isFolded, (row) => grouping.keyOf(row) === chosenKey, list, onChoose)
  return (
    <div className={styles.place}>
      <section className={styles.main} aria-label={texts.places[name]} style={props.columns}>
        <div className={styles.tools}>
          <SearchField
            value={search}
            onChange={setSearch}
            placeholder={texts.search[name]}
            clearLabel={texts.search.clear}
          />
          {props.add('tools')}
        </div>
        {props.strip}
        {props.bulkBar(shown)}
        {shown.total > 0 && (
          <div className={styles.head} aria-hidden>
            {props.head}
          </div>
        )}
        <div className={styles.list}>
          {shown.total > 0 ? (
            <GroupedList
              handle={list}
              {...(props.selectable ? { selection: props.selection } : {})}
              current={chosenKey}
              shown={shown}
              rowHeight={rowHeight}
              label={texts.places[name]}
              groupLabel={props.groupLabel}
              isFolded={isFolded}
              onFold={(group) => dispatch(groupFolded(`${name}:${group}`))}
              rowKey={grouping.keyOf}
              addressOf={(row) => addressAt(name, encodeURIComponent(grouping.keyOf(row)))}
              renderRow={(row) => props.renderRow(row, grouping.keyOf(row) === chosenKey)}
            />
          ) : known === 0 ? (
            <EmptyState icon={props.icon} title={texts.empty[name]} hint={texts.empty[`${name}Hint`]}>
              {props.add('empty')}
            </EmptyState>
          ) : (
            <EmptyState icon={FilterIcon} title={texts.empty.nothingFound} hint={texts.empty.nothingFoundHint} />
          )}
        </div>
      </section>
      {(chosen !== undefined || wanted !== null) && (
        <aside className={styles.aside} aria-label={props.cardLabel}>
          <div className={styles.asideHead}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={texts.common.close}
              onClick={() => onChoose(undefined)}
            >
              <XIcon />
            </ActionIcon>
          </div>
          {chosen !== undefined
            ? props.card(chosen)
            : (props.absent ?? (
                <EmptyState icon={UnlinkIcon} title={texts.address.gone} hint={texts.address.goneHint} />
              ))}
        </aside>
      )}
    </div>
  )
}
