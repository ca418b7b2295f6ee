import { Button, Group, Select } from '@mantine/core'
import { useState } from 'react'

import styles from '@/features/admin/Admin.module.css'
import type { OperatorInfo, AdminPath, TokenInfo } from '@/features/admin/api'
import { roleOptions } from '@/features/admin/roleOptions'
import { moment } from '@/i18n/time'
import { useWords } from '@/ui/useWords'

type Asked = 'operators/remove' | 'operators/link' | 'operators/reset-second-factor'
type Act = (path: AdminPath, body: { name: string; role?: string }) => Promise<void>

/** An operator: role, state, and the actions on them. */
export function OperatorRow({ operator, mine, act }: { operator: OperatorInfo; mine: boolean; act: Act }) {
  const { texts, language, now } = useWords()
  const [asking, setAsking] = useState<Asked>()
  const { name, role } = operator
  const at = (time: number) => moment(time, now, language)
  const how = [
    operator.disabled
      ? texts.admin.disabled
      : operator.sessions > 0
        ? texts.admin.isOnline(operator.sessions)
        : operator.hasPassword
          ? texts.admin.isOffline
          : texts.admin.noPassword,
    ...(operator.secondFactor === undefined ? [] : [texts.admin.secondFactor(operator.recoveryLeft ?? 0)]),
    ...(operator.mustEnrol ? [texts.admin.mustEnrol] : []),
    ...(operator.linkEndsAt === undefined ? [] : [texts.admin.linkUntil(at(operator.linkEndsAt))]),
    ...(operator.blockedUntil === undefined ? [] : [texts.admin.blocked(at(operator.blockedUntil))]),
  ].join(' · ')
  const { surelyLink, surelyRemove, surelyResetFactor, link, remove, resetFactor } = texts.admin
  const hint = {
    'operators/link': surelyLink,
    'operators/remove': surelyRemove,
    'operators/reset-second-factor': surelyResetFactor,
  }
  const confirm = { 'operators/link': link, 'operators/remove': remove, 'operators/reset-second-factor': resetFactor }
  return (
    <li className={styles.row}>
      <span className={styles.who}>
        <strong>
          {name}
          {mine && ` (${texts.admin.you})`}
        </strong>
        <span>{how}</span>
      </span>
      {asking === undefined ? (
        <Group gap="xs" className={styles.deeds}>
          <Select
            size="xs"
            w={140}
            aria-label={`${texts.admin.role}: ${name}`}
            data={roleOptions(texts)}
            value={role}
            allowDeselect={false}
            onChange={(chosen) =>
              chosen !== null && chosen !== role && void act('operators/role', { name, role: chosen })
            }
          />
          <Button size="xs" variant="default" onClick={() => setAsking('operators/link')}>
            {texts.admin.link}
          </Button>
          {operator.sessions > 0 && !mine && (
            <Button size="xs" variant="default" onClick={() => void act('operators/sign-out', { name })}>
              {texts.admin.signOut}
            </Button>
          )}
          {operator.secondFactor !== undefined && (
            <Button size="xs" variant="default" onClick={() => setAsking('operators/reset-second-factor')}>
              {texts.admin.resetFactor}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => setAsking('operators/remove')}>
            {texts.admin.remove}
          </Button>
        </Group>
      ) : (
        <ConfirmInline
          hint={hint[asking](name)}
          confirm={confirm[asking]}
          danger={asking !== 'operators/link'}
          onConfirm={() => act(asking, { name })}
          onDone={() => setAsking(undefined)}
        />
      )}
    </li>
  )
}

/** A token: owner, role, last use. The secret itself is never shown again. */
export function TokenRow({ token, act }: { token: TokenInfo; act: Act }) {
  const { texts, language, now } = useWords()
  const [asking, setAsking] = useState(false)
  const { name } = token
  const how = [
    texts.access.role[token.role],
    texts.admin.kind[token.kind] ?? token.kind,
    token.lastUsedAt === undefined ? texts.admin.unused : texts.admin.used(moment(token.lastUsedAt, now, language)),
    ...(token.endsAt === undefined ? [] : [texts.admin.until(moment(token.endsAt, now, language))]),
  ].join(' · ')
  return (
    <li className={styles.row}>
      <span className={styles.who}>
        <strong>{name}</strong>
        <span>{how}</span>
      </span>
      {asking ? (
        <ConfirmInline
          danger
          hint={texts.admin.surelyRevoke(name)}
          confirm={texts.admin.revoke}
          onConfirm={() => act('tokens/revoke', { name })}
          onDone={() => setAsking(false)}
        />
      ) : (
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          {texts.admin.revoke}
        </Button>
      )}
    </li>
  )
}

interface ConfirmInlineProps {
  readonly hint: string
  readonly confirm: string
  readonly danger: boolean
  readonly onConfirm: () => Promise<void>
  readonly onDone: () => void
}

/** Asks for confirmation in the row itself, and says what will be done. */
function ConfirmInline({ hint, confirm, danger, onConfirm, onDone }: ConfirmInlineProps) {
  const { texts } = useWords()
  const [pending, setPending] = useState(false)
  const go = async () => {
    setPending(true)
    await onConfirm()
    onDone()
  }
  return (
    <Group gap="xs" className={styles.deeds}>
      <span className={styles.hint}>{hint}</span>
      <Button size="xs" variant="default" data-autofocus onClick={onDone}>
        {texts.common.cancel}
      </Button>
      <Button size="xs" loading={pending} {...(danger ? { color: 'red' } : {})} onClick={() => void go()}>
        {confirm}
      </Button>
    </Group>
  )
}
