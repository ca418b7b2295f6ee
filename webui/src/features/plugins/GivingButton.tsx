import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'

import type { FormField, ShownButton } from '@/contract/panels'
import { useWhyRoleTooLow } from '@/explain/useWhyMayNot'
import { beginningOf, type Filled, payloadOf } from '@/features/plugins/filled'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { ReasonedButton } from '@/ui/CommandButton'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Refusal } from '@/ui/Refusal'
import { usePluginCommand } from '@/ui/useCommand'

/** Gives a plugin's own command; where it has a form, or has to be confirmed, in a dialog. */
export function GivingButton({ button, onDone }: { button: ShownButton; onDone: () => void }) {
  const texts = useTexts()
  const language = useLanguage()
  const { run, pending, refusal, clear, errorOf, errorBeside } = usePluginCommand(button.kind)
  const why = useWhyRoleTooLow()(button.role)
  const [filled, setFilled] = useState<Filled>()
  const label = button.label[language]
  const asks = button.form.length > 0 || button.confirm !== null
  const give = async (values: Filled) => {
    const { ok } = await run(payloadOf(button, values))
    if (!ok) return
    setFilled(undefined)
    onDone()
  }
  const open = () => {
    clear()
    if (asks) setFilled(beginningOf(button))
    else void give({})
  }
  return (
    <>
      <ReasonedButton size="xs" variant="default" why={why} loading={pending && filled === undefined} onClick={open}>
        {label}
      </ReasonedButton>
      {filled === undefined ? (
        <Refusal message={refusal} onClose={clear} closeLabel={texts.common.close} />
      ) : (
        <ConfirmDialog
          opened
          title={label}
          hint={button.confirm?.[language]}
          confirm={label}
          cancel={texts.common.cancel}
          pending={pending}
          refusal={errorBeside(...button.form.map(({ name }) => name))}
          onConfirm={() => void give(filled)}
          onClose={() => setFilled(undefined)}
        >
          {button.form.map((field, place) => (
            <Input
              key={field.name}
              field={field}
              first={place === 0}
              value={filled[field.name] ?? ''}
              error={errorOf(field.name)}
              onChange={(value) => setFilled({ ...filled, [field.name]: value })}
            />
          ))}
        </ConfirmDialog>
      )}
    </>
  )
}

interface InputProps {
  readonly field: FormField
  readonly first: boolean
  readonly value: string | boolean
  readonly error: string | undefined
  readonly onChange: (value: string | boolean) => void
}

function Input({ field, first, value, error, onChange }: InputProps) {
  const label = field.label[useLanguage()]
  const focus = first ? { 'data-autofocus': true } : {}
  return typeof value === 'boolean' ? (
    <Checkbox
      {...focus}
      label={label}
      error={error}
      checked={value}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  ) : (
    <TextInput
      {...focus}
      label={label}
      error={error}
      value={value}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
