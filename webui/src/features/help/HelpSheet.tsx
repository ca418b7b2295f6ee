import { Kbd, Text } from '@mantine/core'
import { useState } from 'react'

import styles from '@/features/help/HelpSheet.module.css'
import { useTexts } from '@/i18n/useTexts'
import { Dialog } from '@/ui/Dialog'
import { useUiEvent } from '@/ui/uiEvents'

/** All keys on one sheet. */
export function HelpSheet() {
  const texts = useTexts()
  const [opened, setOpened] = useState(false)
  useUiEvent('help', () => setOpened((before) => !before))
  const keys: readonly (readonly [string, string])[] = [
    ['J', texts.keys.next],
    ['K', texts.keys.previous],
    ['W', texts.keys.nextNeeded],
    ['U', texts.keys.nextUnread],
    ['T', texts.keys.take],
    ['G', texts.keys.give],
    ['D', texts.keys.deal],
    ['F', texts.keys.fail],
    ['Shift D', texts.keys.traded],
    ['Ctrl Z', texts.keys.undo],
    ['Z', texts.keys.snooze],
    ['A', texts.keys.handOver],
    ['R', texts.keys.write],
    ['M', texts.keys.note],
    ['Q', texts.keys.replies],
    ['Ctrl K', texts.keys.palette],
    ['/', texts.keys.search],
    ['X', texts.keys.closePane],
    ['Shift X', texts.keys.pick],
    ['S', texts.keys.sideBySide],
    ['I', texts.keys.task],
    ['N', texts.keys.newTask],
    ['1 2 3 4 5', texts.keys.places],
    ['?', texts.keys.help],
    ['Esc', texts.keys.leave],
    ['Enter', texts.chat.sendKey],
  ]
  return (
    <Dialog opened={opened} onClose={() => setOpened(false)} title={texts.keys.title} size="xl">
      <Text size="sm" c="dimmed" mb="sm">
        {texts.keys.hint}
      </Text>
      <dl className={styles.keys}>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((one) => (
                <Kbd key={one}>{one}</Kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
