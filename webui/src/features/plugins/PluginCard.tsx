import { Button, Select } from '@mantine/core'
import { useMemo, useState } from 'react'

import type { PluginStatus } from '@/contract/enums'
import type { PluginRow } from '@/contract/rows'
import type { Tone } from '@/explain/explain'
import { exact, moment } from '@/i18n/time'
import { useMay } from '@/session/roles'
import { useAppSelector } from '@/store/store'
import card from '@/ui/Card.module.css'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Fact, Facts, Why } from '@/ui/Facts'
import { Refusal } from '@/ui/Refusal'
import { Status } from '@/ui/Status'
import { emit } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

const TONES: Readonly<Record<PluginStatus, Tone>> = {
  running: 'good',
  stopped: 'idle',
  quarantined: 'bad',
}

/** A plugin: what code it runs, how it is, and what can be done with it. */
export function PluginCard({ plugin }: { plugin: PluginRow }) {
  const { texts, language, now } = useWords()
  const enable = useCommand('EnablePlugin')
  const reload = useCommand('ReloadPlugin')
  const dismiss = useCommand('DismissPlugin')
  const may = useMay('EnablePlugin')
  const { name, status, detail } = plugin
  const refused = enable.refusal ?? reload.refusal ?? dismiss.refusal
  const running = status === 'running'
  return (
    <section className={card.card} aria-label={name}>
      <div className={card.title}>
        <Status tone={TONES[status]}>{texts.pluginStatus[status]}</Status>
        <h2>{name}</h2>
      </div>
      {detail !== null && detail !== '' && (
        <Why tone={running ? 'wait' : TONES[status]} why={texts.plugin.why[status]} said={detail} />
      )}
      <Facts>
        <Fact name={texts.plugin.version}>{plugin.version ?? '–'}</Fact>
        <Fact name={texts.plugin.code} title={texts.plugin.codeHint}>
          {plugin.code ?? '–'}
        </Fact>
        <Fact name={texts.plugin.hooks}>{plugin.hooks.join(', ') || '–'}</Fact>
        <Fact name={texts.plugin.since} title={exact(plugin.since, language)}>
          {moment(plugin.since, now, language)}
        </Fact>
        {plugin.lastError !== null && (
          <Fact
            name={texts.plugin.lastError}
            {...(plugin.lastErrorAt === null ? {} : { title: exact(plugin.lastErrorAt, language) })}
          >
            {plugin.lastError}
          </Fact>
        )}
      </Facts>
      <Refusal
        message={refused}
        onClose={() => {
          enable.clear()
          reload.clear()
          dismiss.clear()
        }}
        closeLabel={texts.common.close}
      />
      {may && (
        <div className={card.actions}>
          {!running && (
            <Button size="xs" loading={enable.pending} onClick={() => void enable.run({ name })}>
              {texts.plugin.enable}
            </Button>
          )}
          {!running && (
            <Button size="xs" variant="default" loading={dismiss.pending} onClick={() => void dismiss.run({ name })}>
              {texts.plugin.dismiss}
            </Button>
          )}
          {running && (
            <Button
              size="xs"
              variant="default"
              disabled={plugin.hooks.includes('recover')}
              loading={reload.pending}
              onClick={() => void reload.run({ name })}
            >
              {texts.plugin.reload}
            </Button>
          )}
          {running && !plugin.fixed && (
            <Button size="xs" variant="default" onClick={() => emit('stopPlugin', name)}>
              {texts.plugin.disable}
            </Button>
          )}
          {running && !plugin.fixed && plugin.hooks.includes('respond') && <Swap old={name} />}
        </div>
      )}
    </section>
  )
}

/** Has another agent take the place of this one, when there is another. */
function Swap({ old }: { old: string }) {
  const { texts } = useWords()
  const swap = useCommand('SwapAgent')
  const [chosen, setChosen] = useState<string | null>(null)
  const table = useAppSelector((state) => state.replica.plugins)
  const others = useMemo(
    () => [...table].filter((one) => one.status !== 'running' && one.hooks.includes('respond')).map((one) => one.name),
    [table],
  )
  if (others.length === 0) return null
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setChosen(others[0] ?? null)}>
        {texts.plugin.swap}
      </Button>
      <ConfirmDialog
        opened={chosen !== null}
        title={texts.plugin.swapTitle(old)}
        hint={texts.plugin.swapHint}
        confirm={texts.plugin.swap}
        cancel={texts.common.cancel}
        pending={swap.pending}
        refusal={swap.refusal}
        onConfirm={() =>
          void (
            chosen !== null &&
            swap.run({ old, new: chosen }).then(({ ok }) => {
              if (ok) setChosen(null)
            })
          )
        }
        onClose={() => setChosen(null)}
      >
        <Select label={texts.plugin.by} data={others} value={chosen} onChange={setChosen} allowDeselect={false} />
      </ConfirmDialog>
    </>
  )
}
