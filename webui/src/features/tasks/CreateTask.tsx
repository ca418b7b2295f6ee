import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { type ChangeEvent, useEffect, useState } from 'react'

import type { Commands } from '@/contract/commands'
import type { TaskId } from '@/contract/ids'
import { ITEM_LENGTH } from '@/contract/limits'
import { mayAllowInvite } from '@/explain/inviteDoubt'
import { playerFault, steamIdIn } from '@/features/tasks/steamId'
import { useTexts } from '@/i18n/useTexts'
import { useMay } from '@/session/roles'
import { taskChosen } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'
import { emit, useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'

const CURRENCIES = ['USD', 'EUR', 'RUB', 'CNY', 'GBP', 'KZT', 'UAH', 'TRY', 'BRL']
const PRICE = /^\d+(\.\d{1,8})?$/
const EMPTY = { player: '', item: '', priceMin: '', priceMax: '' }

/** The form of CreateTask; the server's errors stand beside the fields that they are about. */
export function CreateTask() {
  const texts = useTexts()
  const dispatch = useAppDispatch()
  const command = useCommand('CreateTask')
  const [opened, setOpened] = useState(false)
  const [fields, setFields] = useState(EMPTY)
  const [currency, setCurrency] = useState('USD')
  const [language, setLanguage] = useState<string | null>(null)
  const [another, setAnother] = useState(false)
  const [asked, setAsked] = useState(false)
  const [created, setCreated] = useState<TaskId>()
  const player = steamIdIn(fields.player)
  const fault = playerFault(fields.player)
  const refused = command.error !== undefined
  const doubtful = useAppSelector(({ replica }) => refused && mayAllowInvite(player, replica))

  // not before the state has it: what is missing there is looked for in the archive
  const arrived = useAppSelector(({ replica }) => created !== undefined && replica.tasks.has(created))
  useEffect(() => {
    if (arrived && created !== undefined) dispatch(taskChosen(created))
  }, [arrived, created, dispatch])

  const allowed = useMay('CreateTask')
  useUiEvent('newTask', () => setOpened(allowed))

  // What is plainly missing is said here; what it is worth is the server's to judge.
  const missing = {
    player: fields.player.trim() === '' ? texts.task.needed : fault && texts.playerFault[fault],
    item: fields.item.trim() === '' ? texts.task.needed : undefined,
    priceMin: PRICE.test(decimal(fields.priceMin)) ? undefined : texts.task.priceForm,
    priceMax: fields.priceMax === '' || PRICE.test(decimal(fields.priceMax)) ? undefined : texts.task.priceForm,
  }
  // allowed since then: what the command was refused for need not stand there any more
  const allowedSince = command.error?.code === 'inviteInDoubt' && !doubtful
  const objection = (name: keyof typeof EMPTY, field: keyof Commands['CreateTask']) =>
    (asked ? missing[name] : undefined) ?? (allowedSince ? undefined : command.errorOf(field))

  const set = (name: keyof typeof EMPTY) => (event: ChangeEvent<HTMLInputElement>) => {
    const { value } = event.currentTarget
    setFields((before) => ({ ...before, [name]: value }))
  }
  const submit = async (stay: boolean) => {
    setAnother(stay)
    setAsked(true)
    if (Object.values(missing).some((message) => message !== undefined)) return
    const outcome = await command.run({
      playerSteamId64: player,
      item: fields.item.trim(),
      priceMin: decimal(fields.priceMin),
      priceMax: decimal(fields.priceMax || fields.priceMin),
      currency,
      language: language === '' ? null : language,
    })
    if (!outcome.ok) return
    setAsked(false)
    setCreated(outcome.id)
    setFields(stay ? { ...fields, player: '' } : EMPTY)
    if (!stay) setOpened(false)
  }
  return (
    <Dialog opened={opened} onClose={() => setOpened(false)} title={texts.task.new}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit(false)
        }}
      >
        <Stack gap="sm">
          <TextInput
            data-autofocus
            label={texts.task.player}
            description={texts.task.playerHint}
            value={fields.player}
            error={objection('player', 'playerSteamId64')}
            onChange={set('player')}
          />
          {doubtful && (
            <CommandButton
              command="AllowInvite"
              size="xs"
              variant="default"
              onClick={() => emit('allowInvite', player)}
            >
              {texts.player.allowInvite}
            </CommandButton>
          )}
          <TextInput
            label={texts.task.item}
            value={fields.item}
            maxLength={ITEM_LENGTH}
            error={objection('item', 'item')}
            onChange={set('item')}
          />
          <Group grow align="flex-start" gap="xs">
            <TextInput
              label={texts.task.priceMin}
              inputMode="decimal"
              value={fields.priceMin}
              error={objection('priceMin', 'priceMin')}
              onChange={set('priceMin')}
            />
            <TextInput
              label={texts.task.priceMax}
              inputMode="decimal"
              value={fields.priceMax}
              error={objection('priceMax', 'priceMax')}
              onChange={set('priceMax')}
            />
            <Select
              label={texts.task.currency}
              data={CURRENCIES}
              value={currency}
              allowDeselect={false}
              error={command.errorOf('currency')}
              onChange={(value) => setCurrency(value ?? 'USD')}
            />
          </Group>
          <Select
            label={texts.task.language}
            placeholder={texts.task.languageAuto}
            clearable
            data={[
              { value: 'en', label: 'English' },
              { value: 'ru', label: 'Русский' },
            ]}
            value={language}
            error={command.errorOf('language')}
            onChange={setLanguage}
          />
          <Refusal
            message={command.errorBeside('playerSteamId64', 'item', 'priceMin', 'priceMax', 'currency', 'language')}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" loading={command.pending && another} onClick={() => void submit(true)}>
              {texts.task.createAnother}
            </Button>
            <Button type="submit" loading={command.pending && !another}>
              {texts.task.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

/** What is typed with a comma is meant as a point. */
function decimal(text: string): string {
  return text.trim().replace(',', '.')
}
