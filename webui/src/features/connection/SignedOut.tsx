import { Button } from '@mantine/core'
import { KeyIcon } from '@primer/octicons-react'

import { reconnect } from '@/connection/follow'
import { useTexts } from '@/i18n/useTexts'
import { Empty } from '@/ui/Empty'

/** What stands instead of everything when the server does not know who this is. */
export function SignedOut() {
  const texts = useTexts()
  return (
    <Empty icon={KeyIcon} title={texts.connection.signedOutTitle} hint={texts.connection.signedOutHint}>
      <code>switchboard token create NAME</code>
      <Button size="xs" variant="default" mt="sm" onClick={reconnect}>
        {texts.connection.retry}
      </Button>
    </Empty>
  )
}
