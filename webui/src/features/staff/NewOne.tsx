import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'

import type { CommandError } from '@/commands/send'
import type { Role } from '@/contract/enums'
import { refusalTold } from '@/explain/reasons'
import type { StaffPath } from '@/features/staff/ask'
import { roleChoice } from '@/features/staff/roleChoice'
import styles from '@/features/staff/Staff.module.css'
import { useTexts } from '@/i18n/useTexts'

interface Props {
  readonly about: 'operators' | 'tokens'
  readonly ask: (path: StaffPath, body: { name: string; role: string }) => Promise<CommandError | undefined>
}

/** The line below the list that makes one more. */
export function NewOne({ about, ask }: Props) {
  const texts = useTexts()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>(about === 'operators' ? 'operator' : 'developer')
  const [error, setError] = useState<string>()
  const [pending, setPending] = useState(false)
  const submit = async () => {
    if (name.trim() === '') {
      setError(texts.access.needed)
      return
    }
    setPending(true)
    const refused = await ask(about === 'operators' ? 'operators/add' : 'tokens/create', { name: name.trim(), role })
    setPending(false)
    setError(refused && refusalTold(refused, texts))
    if (refused === undefined) setName('')
  }
  return (
    <form
      className={styles.make}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <TextInput
        data-autofocus
        size="xs"
        label={texts.staff.name}
        value={name}
        error={error}
        autoComplete="off"
        autoCapitalize="none"
        onChange={(event) => {
          setName(event.currentTarget.value)
          setError(undefined)
        }}
      />
      <Select
        size="xs"
        label={texts.staff.role}
        data={roleChoice(texts)}
        value={role}
        allowDeselect={false}
        onChange={(chosen) => chosen !== null && setRole(chosen)}
      />
      <Button type="submit" size="xs" loading={pending}>
        {about === 'operators' ? texts.staff.add : texts.staff.create}
      </Button>
    </form>
  )
}
