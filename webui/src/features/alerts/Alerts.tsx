import { ActionIcon, Checkbox, NativeSelect, Popover, SegmentedControl, Stack, Text } from '@mantine/core'
import { MuteIcon, UnmuteIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { askPermission, permission } from '@/alerts/desktop'
import { playSound } from '@/alerts/sound'
import { useTexts } from '@/i18n/useTexts'
import { alertsChosen, WAIT_LIMITS, waitLimitMs } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'

/** What this operator wants to be called for, and how. */
export function Alerts() {
  const texts = useTexts()
  const dispatch = useAppDispatch()
  const { sound, desktop, scope } = useAppSelector((state) => state.workspace.alerts)
  const limit = useAppSelector((state) => waitLimitMs(state.workspace))
  const [allowed, setAllowed] = useState(permission)
  const on = sound || (desktop && allowed === 'granted')
  const name = on ? texts.alerts.on : texts.alerts.off

  const wantDesktop = async (wanted: boolean) => {
    const answer = wanted ? await askPermission() : allowed
    setAllowed(answer)
    dispatch(alertsChosen({ desktop: wanted && answer === 'granted' }))
  }
  return (
    <Popover position="bottom-end" shadow="md" width={300} trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" title={name} aria-label={name}>
          {on ? <UnmuteIcon /> : <MuteIcon />}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text size="sm" fw={600}>
            {texts.alerts.title}
          </Text>
          <Checkbox
            label={texts.alerts.sound}
            checked={sound}
            onChange={(event) => {
              dispatch(alertsChosen({ sound: event.currentTarget.checked }))
              if (event.currentTarget.checked) playSound()
            }}
          />
          <Checkbox
            label={texts.alerts.desktop}
            description={allowed === 'granted' || allowed === 'default' ? undefined : texts.alerts.permission[allowed]}
            checked={desktop && allowed === 'granted'}
            disabled={allowed === 'impossible'}
            onChange={(event) => void wantDesktop(event.currentTarget.checked)}
          />
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={texts.alerts.scope}
            value={scope}
            onChange={(value) => dispatch(alertsChosen({ scope: value }))}
            data={(['mine', 'mineAndNobodys'] as const).map((value) => ({ value, label: texts.alerts.scopes[value] }))}
          />
          <NativeSelect
            size="xs"
            label={texts.queue.limit}
            value={limit === Infinity ? '0' : `${limit / 60_000}`}
            onChange={(event) => dispatch(alertsChosen({ waitLimit: Number(event.currentTarget.value) }))}
            data={WAIT_LIMITS.map((minutes) => ({
              value: `${minutes}`,
              label: minutes === 0 ? texts.queue.noLimit : texts.ago.minutes(minutes),
            }))}
          />
          <Text size="xs" c="dimmed">
            {texts.alerts.hint}
          </Text>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
