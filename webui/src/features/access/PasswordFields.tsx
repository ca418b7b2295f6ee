import { PasswordInput, type PasswordInputProps } from '@mantine/core'

import type { SignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'

type Props<F extends string> = Omit<PasswordInputProps, 'form'> & { readonly form: SignInForm<F>; readonly name: F }

/** A field of a form for a password, which can be looked at. */
export function PasswordField<F extends string>({ form, name, ...rest }: Props<F>) {
  const texts = useTexts()
  return (
    <PasswordInput
      visibilityToggleButtonProps={{ 'aria-label': texts.access.show }}
      value={form.fields[name]}
      error={form.errorOf(name)}
      onChange={form.set(name)}
      {...rest}
    />
  )
}

/** The two fields in which a new password is chosen. `hint`: what comes of it. */
export function NewPasswordFields({ form, hint }: { form: SignInForm<'password' | 'again'>; hint?: string }) {
  const { access } = useTexts()
  return (
    <>
      <PasswordField
        form={form}
        name="password"
        label={access.newPassword}
        description={access.newPasswordHint}
        autoComplete="new-password"
      />
      <PasswordField
        form={form}
        name="again"
        label={access.again}
        {...(hint === undefined ? {} : { description: hint })}
        autoComplete="new-password"
      />
    </>
  )
}
