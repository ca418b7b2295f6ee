import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'

import type { CommandError } from '@/commands/send'
import type { Role } from '@/contract/enums'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/admin/Admin.module.css'
import type { AdminPath } from '@/features/admin/api'
import { roleOptions } from '@/features/admin/roleOptions'
import { useTexts } from '@/i18n/useTexts'

interface Props {
  readonly about: 'operators' | 'tokens'
  readonly ask: (path: AdminPath, body: { name: string; role: string }) => Promise<CommandError | undefined>
}

/** The form that adds an operator or creates a token. */
export function CreateForm({ about, ask }: Props) {
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
    setError(refused && refusalText(refused, texts))
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
        label={texts.admin.name}
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
        label={texts.admin.role}
        data={roleOptions(texts)}
        value={role}
        allowDeselect={false}
        onChange={(chosen) => chosen !== null && setRole(chosen)}
      />
      <Button type="submit" size="xs" loading={pending}>
        {about === 'operators' ? texts.admin.add : texts.admin.create}
      </Button>
    </form>
  )
}
