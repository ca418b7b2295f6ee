import { ActionIcon, NativeSelect, Popover, Stack, Text, Textarea, Tooltip } from '@mantine/core'
import { PersonAddIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { TEXT_LENGTH } from '@/contract/limits'
import type { Chat } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import { isPerson } from '@/session/actor'
import { useMe } from '@/session/identity'
import { useMay } from '@/session/roles'
import { useAppSelector } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

/** Hands the chat over to a colleague, with a note for them. */
export function HandOver({ chat, active }: { chat: Chat; active: boolean }) {
  const { texts } = useWords()
  const may = useMay('AssignChat')
  const [opened, setOpened] = useState(false)
  useUiEvent('handOver', () => active && may && chat.status === 'open' && setOpened(true))
  if (!may || chat.status !== 'open') return null
  return (
    <Popover position="bottom-end" shadow="md" width={280} trapFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <Tooltip label={`${texts.desk.handOver} (A)`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={texts.desk.handOver}
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            <PersonAddIcon />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={texts.desk.handOver}>
        <HandOverForm chat={chat} onDone={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

function HandOverForm({ chat, onDone }: { chat: Chat; onDone: () => void }) {
  const { texts } = useWords()
  const me = useMe()
  const assign = useCommand('AssignChat')
  const operators = useAppSelector((state) => state.replica.operators)
  const [to, setTo] = useState('')
  const [note, setNote] = useState('')
  const others = operators.rows().filter(({ actor }) => actor !== me && isPerson(actor))
  const chosen = to === '' ? (others[0]?.actor ?? '') : to
  if (isPerson(chat.owner) && chat.owner !== me)
    return <Text size="sm">{texts.desk.notYours(actorName(chat.owner, texts))}</Text>
  if (others.length === 0) return <Text size="sm">{texts.desk.nobodyElse}</Text>
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void assign
          .run({ chatId: chat.id, to: chosen, note: note.trim() === '' ? null : note.trim() })
          .then((outcome) => outcome.ok && onDone())
      }}
    >
      <Stack gap="xs">
        <NativeSelect
          size="xs"
          label={texts.desk.handOverTo}
          value={chosen}
          data-autofocus
          onChange={(event) => setTo(event.currentTarget.value)}
          data={others.map(({ actor }) => ({ value: actor, label: actorName(actor, texts) }))}
        />
        <Textarea
          size="xs"
          autosize
          minRows={2}
          maxRows={6}
          maxLength={TEXT_LENGTH}
          label={texts.desk.note}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Refusal message={assign.refusal} />
        <CommandButton command="AssignChat" type="submit" size="xs" loading={assign.pending}>
          {texts.desk.handed}
        </CommandButton>
      </Stack>
    </form>
  )
}
