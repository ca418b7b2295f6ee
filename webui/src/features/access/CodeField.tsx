import { Anchor, TextInput } from '@mantine/core'
import { useState } from 'react'

import type { SignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'

interface Props {
  readonly form: SignInForm<'code'>
  /** A recovery code will do as well. */
  readonly recovery?: boolean
  /** A recovery code is all that there is beside a key. */
  readonly lostFirst?: boolean
}

/** The field for a code of the app, or for a recovery code. */
export function CodeField({ form, recovery = false, lostFirst = false }: Props) {
  const { secondFactor } = useTexts()
  const [lost, setLost] = useState(lostFirst)
  return (
    <>
      <TextInput
        key={lost ? 'recovery' : 'code'}
        data-autofocus
        autoFocus
        label={lost ? secondFactor.recoveryCode : secondFactor.code}
        description={lost ? secondFactor.recoveryHint : secondFactor.codeHint}
        autoComplete={lost ? 'off' : 'one-time-code'}
        autoCapitalize="none"
        spellCheck={false}
        inputMode={lost ? 'text' : 'numeric'}
        maxLength={40}
        value={form.fields.code}
        error={form.errorOf('code')}
        onChange={form.set('code')}
      />
      {recovery && (
        <Anchor component="button" type="button" size="sm" onClick={() => setLost(!lost)}>
          {lost ? secondFactor.useApp : secondFactor.useRecovery}
        </Anchor>
      )}
    </>
  )
}
