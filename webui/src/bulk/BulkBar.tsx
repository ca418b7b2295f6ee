import { CloseButton } from '@mantine/core'
import { useState } from 'react'

import styles from '@/bulk/Bulk.module.css'
import { BulkDialog } from '@/bulk/BulkDialog'
import { type BulkCommand, type BulkRows, type Entry, plan } from '@/bulk/plan'
import { useTexts } from '@/i18n/useTexts'
import type { Shown } from '@/lists/groups'
import { CommandButton } from '@/ui/CommandButton'
import type { Picks } from '@/ui/picks'

interface Props<R> {
  readonly picks: Picks<R>
  readonly shown: Shown<R>
  readonly rows: BulkRows<R>
  readonly commands: readonly BulkCommand<R>[]
}

const NONE: ReadonlySet<string> = new Set()

/** How many rows are chosen, and what can be done with all of them. */
export function BulkBar<R>({ picks, shown, rows, commands }: Props<R>) {
  const texts = useTexts()
  const [asked, setAsked] = useState<{ command: BulkCommand<R>; entries: readonly Entry[] }>()
  const { size } = picks.keys
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
            picks.set(
              shown.groups.flatMap((group) => group.rows),
              true,
            )
          }
        >
          {texts.bulk.all(shown.total)}
        </button>
      )}
      <CloseButton size="sm" aria-label={texts.bulk.none} title={texts.bulk.none} onClick={() => picks.keep(NONE)} />
      <span className={styles.commands}>
        {commands.map((command) => (
          <CommandButton
            key={command.label}
            command={command.kind}
            size="compact-sm"
            variant="default"
            onClick={() => setAsked({ command, entries: plan(picks.keys, command, rows, texts.bulk.gone) })}
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
            picks.keep(left)
          }}
        />
      )}
    </div>
  )
}
