import { Stack } from '@mantine/core'
import type { ReactNode } from 'react'

import styles from '@/features/access/SignInPage.module.css'

/** A form of the sign-in page, as wide as its fields need. */
export function Form({ onSubmit, children }: { onSubmit: () => Promise<void>; children: ReactNode }) {
  return (
    <form
      noValidate
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        void onSubmit()
      }}
    >
      <Stack gap="sm">{children}</Stack>
    </form>
  )
}
