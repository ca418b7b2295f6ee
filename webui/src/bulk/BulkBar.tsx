import { CloseButton } from '@mantine/core'
import { useState } from 'react'

import styles from '@/bulk/Bulk.module.css'
import { BulkDialog } from '@/bulk/BulkDialog'
import { type BulkCommand, type BulkRows, type BulkEntry, plan } from '@/bulk/plan'
import { useTexts } from '@/i18n/useTexts'
import type { GroupedRows } from '@/lists/groups'
import { CommandButton } from '@/ui/CommandButton'
import type { RowSelection } from '@/ui/selection'

interface Props<R> {
  readonly selection: RowSelection<R>
  readonly shown: GroupedRows<R>
  readonly rows: BulkRows<R>
  readonly commands: readonly BulkCommand<R>[]
}

const NONE: ReadonlySet<string> = new Set()

/** The toolbar of a selection: how many rows are selected, and the commands for all of them. */
export function BulkBar<R>({ selection, shown, rows, commands }: Props<R>) {
  const texts = useTexts()
  const [asked, setAsked] = useState<{ command: BulkCommand<R>; entries: readonly BulkEntry[] }>()
  const { size } = selection.keys
  if (size === 0) return null
  return (
    <div className={styles.bar} role="toolbar" aria-label={texts.bulk.title}>
      <span className={styles.count} role="status">
        {texts.bulk.chosen(size)}
      </span>
      {size < shown.total && (
        <button
          type="button"
          className={styles.all}
          onClick={() =>
            selection.set(
              shown.groups.flatMap((group) => group.rows),
              true,
            )
          }
        >
          {texts.bulk.all(shown.total)}
        </button>
      )}
      <CloseButton
        size="sm"
        aria-label={texts.bulk.none}
        title={texts.bulk.none}
        onClick={() => selection.keep(NONE)}
      />
      <span className={styles.commands}>
        {commands.map((command) => (
          <CommandButton
            key={command.label}
            command={command.kind}
            size="compact-sm"
            variant="default"
            onClick={() => setAsked({ command, entries: plan(selection.keys, command, rows, texts.bulk.gone) })}
          >
            {command.label}
          </CommandButton>
        ))}
      </span>
      {asked && (
        <BulkDialog
          command={asked.command}
          entries={asked.entries}
          find={rows.find}
          onClose={(left) => {
            setAsked(undefined)
            selection.keep(left)
          }}
        />
      )}
    </div>
  )
}
