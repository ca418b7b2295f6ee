import { ActionIcon, Button, Group, Stack, Text, TextInput, Tooltip } from '@mantine/core'
import { StopIcon, XIcon } from '@primer/octicons-react'
import { useState } from 'react'

import styles from '@/features/contact/StopWords.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useMay } from '@/session/roles'
import { useAppSelector } from '@/store/store'
import { Dialog } from '@/ui/Dialog'
import { EmptyState } from '@/ui/EmptyState'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'

/** Letters of a word or phrase, at most: the kernel's limit. */
const LONGEST = 40

/** The words of the team's own that count as a player's wish to be left alone. */
export function StopWords() {
  const { stopWords: texts } = useTexts()
  const words = useAppSelector((state) => state.replica.contacts.get('contact')?.stopWords) ?? []
  const add = useCommand('AddStopWord')
  const remove = useCommand('RemoveStopWord')
  const may = useMay('AddStopWord')
  const [opened, setOpened] = useState(false)
  const [word, setWord] = useState('')
  useUiEvent('stopWords', () => setOpened(true))

  const close = () => {
    setOpened(false)
    add.clear()
    remove.clear()
  }
  return (
    <Dialog opened={opened} onClose={close} title={texts.title}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {texts.hint}
        </Text>
        {words.length === 0 && <EmptyState icon={StopIcon} title={texts.empty} hint={texts.emptyHint} />}
        <ul className={styles.words} aria-label={texts.title}>
          {[...words]
            .sort((one, other) => one.localeCompare(other))
            .map((one) => (
              <li key={one}>
                {one}
                {may && (
                  <Tooltip label={texts.remove}>
                    <ActionIcon
                      size="sm"
                      variant="subtle"
                      color="gray"
                      aria-label={`${texts.remove}: ${one}`}
                      disabled={remove.pending}
                      onClick={() => void remove.run({ word: one })}
                    >
                      <XIcon size={14} />
                    </ActionIcon>
                  </Tooltip>
                )}
              </li>
            ))}
        </ul>
        <Refusal message={remove.refusal} />
        {may && (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void add.run({ word }).then(({ ok }) => {
                if (ok) setWord('')
              })
            }}
          >
            <Group align="flex-start" gap="xs" wrap="nowrap">
              <TextInput
                className={styles.field}
                aria-label={texts.word}
                placeholder={texts.word}
                value={word}
                maxLength={LONGEST}
                data-autofocus
                error={add.errorOf('word')}
                onChange={(event) => {
                  setWord(event.currentTarget.value)
                  add.clear()
                }}
              />
              <Button type="submit" loading={add.pending} disabled={word.trim().length < 2}>
                {texts.add}
              </Button>
            </Group>
            <Refusal message={add.errorBeside('word')} />
          </form>
        )}
      </Stack>
    </Dialog>
  )
}
