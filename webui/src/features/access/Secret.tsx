import { PasswordInput, type PasswordInputProps } from '@mantine/core'

import { useTexts } from '@/i18n/useTexts'

/** A field for a password, which can be looked at. */
export function Secret(props: PasswordInputProps) {
  const texts = useTexts()
  return <PasswordInput visibilityToggleButtonProps={{ 'aria-label': texts.access.show }} {...props} />
}
