import { Kbd, Modal, useMantineColorScheme } from '@mantine/core'
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'

import type { PaletteActions } from '@/features/palette/commands'
import { paletteEntries } from '@/features/palette/entries'
import { type PaletteEntry, GROUPS } from '@/features/palette/entry'
import styles from '@/features/palette/Palette.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useDebounced } from '@/lists/useView'
import { useAppStore } from '@/store/store'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'

/** The command palette (Ctrl K): every command, bot, task and chat by its name. */
export function Palette() {
  const texts = useTexts()
  const [opened, setOpened] = useState(false)
  const [chosen, setChosen] = useState<PaletteEntry>()
  const [refusal, setRefusal] = useState<string>()
  // Switching transitions off for a moment would take a style element, which the security policy forbids.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const page = useMemo(() => ({ setScheme: setColorScheme, refused: setRefusal }), [setColorScheme])
  useUiEvent('palette', () => {
    setChosen(undefined)
    setOpened((before) => !before)
  })
  return (
    <>
      <Dialog
        opened={refusal !== undefined}
        onClose={() => setRefusal(undefined)}
        title={texts.palette.refused}
        size="sm"
      >
        <Refusal message={refusal} />
      </Dialog>
      <Modal.Root
        opened={opened}
        onClose={() => setOpened(false)}
        returnFocus={chosen === undefined}
        // not before the window is gone and has let the focus go: what was chosen may want it
        onExitTransitionEnd={() => chosen && queueMicrotask(chosen.run)}
        size="lg"
        padding={0}
        yOffset="12vh"
        lockScroll={false}
      >
        <Modal.Overlay />
        <Modal.Content className={styles.content} aria-label={texts.palette.title} data-palette>
          <Search
            page={page}
            onChoose={(entry) => {
              setChosen(entry)
              setOpened(false)
            }}
          />
        </Modal.Content>
      </Modal.Root>
    </>
  )
}

function Search({ page, onChoose }: { page: PaletteActions; onChoose: (entry: PaletteEntry) => void }) {
  const texts = useTexts()
  const store = useAppStore()
  const list = useId()
  const [search, setSearch] = useState('')
  const [at, setAt] = useState(0)
  const settled = useDebounced(search)
  // as it was when the words stood still: a list that moves under the eyes is of no use to whoever is choosing
  const found = useMemo(() => paletteEntries(settled, store, texts, page), [settled, store, texts, page])
  const current = found[Math.min(at, found.length - 1)]
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    row.current?.scrollIntoView({ block: 'nearest' })
  }, [current])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && found.length > 0) setAt((at + step + found.length) % found.length)
    // what was just typed may not be looked for yet
    else if (event.key === 'Enter') choose(search === settled ? current : paletteEntries(search, store, texts, page)[0])
    else return
    event.preventDefault()
  }
  const choose = (entry: PaletteEntry | undefined) => entry && onChoose(entry)
  return (
    <div className={styles.palette}>
      <input
        data-autofocus
        autoFocus // from the first letter on: the window's own focus comes a moment later
        className={styles.search}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={current && `${list}-${current.id}`}
        aria-label={texts.palette.title}
        placeholder={texts.palette.hint}
        spellCheck={false}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} className={styles.list} role="listbox" aria-label={texts.palette.title}>
        {GROUPS.map((group) => {
          const of = found.filter((entry) => entry.group === group)
          if (of.length === 0) return null
          return (
            <div key={group} role="group" aria-label={texts.palette.groups[group]}>
              <div className={styles.group} aria-hidden>
                {texts.palette.groups[group]}
              </div>
              {of.map((entry) => (
                <div
                  key={entry.id}
                  id={`${list}-${entry.id}`}
                  ref={entry === current ? row : null}
                  className={styles.entry}
                  role="option"
                  aria-selected={entry === current}
                  onPointerMove={() => setAt(found.indexOf(entry))}
                  onClick={() => onChoose(entry)}
                >
                  <span className={styles.label}>{entry.label}</span>
                  {entry.detail !== undefined && <span className={styles.detail}>{entry.detail}</span>}
                  {entry.key !== undefined && <Kbd>{entry.key}</Kbd>}
                </div>
              ))}
            </div>
          )
        })}
      </div>
      {found.length === 0 && (
        <p className={styles.none} role="status">
          {texts.empty.nothingFound}
        </p>
      )}
    </div>
  )
}
