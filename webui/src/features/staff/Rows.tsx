import { Button, Group, Select } from '@mantine/core'
import { useState } from 'react'

import type { OperatorSeen, StaffPath, TokenSeen } from '@/features/staff/ask'
import { roleChoice } from '@/features/staff/roleChoice'
import styles from '@/features/staff/Staff.module.css'
import { moment } from '@/i18n/time'
import { useWords } from '@/ui/useWords'

type Act = (path: StaffPath, body: { name: string; role?: string }) => Promise<void>

/** A person: what they may, how they are, and what can be done about it. */
export function OperatorRow({ operator, mine, act }: { operator: OperatorSeen; mine: boolean; act: Act }) {
  const { texts, language, now } = useWords()
  const [asking, setAsking] = useState<'operators/remove' | 'operators/link'>()
  const { name, role } = operator
  const at = (time: number) => moment(time, now, language)
  const how = [
    operator.disabled
      ? texts.staff.disabled
      : operator.sessions > 0
        ? texts.staff.isOnline(operator.sessions)
        : operator.hasPassword
          ? texts.staff.isOffline
          : texts.staff.noPassword,
    ...(operator.linkEndsAt === undefined ? [] : [texts.staff.linkUntil(at(operator.linkEndsAt))]),
    ...(operator.blockedUntil === undefined ? [] : [texts.staff.blocked(at(operator.blockedUntil))]),
  ].join(' · ')
  return (
    <li className={styles.row}>
      <span className={styles.who}>
        <strong>
          {name}
          {mine && ` (${texts.staff.you})`}
        </strong>
        <span>{how}</span>
      </span>
      {asking === undefined ? (
        <Group gap="xs" className={styles.deeds}>
          <Select
            size="xs"
            w={140}
            aria-label={`${texts.staff.role}: ${name}`}
            data={roleChoice(texts)}
            value={role}
            allowDeselect={false}
            onChange={(chosen) =>
              chosen !== null && chosen !== role && void act('operators/role', { name, role: chosen })
            }
          />
          <Button size="xs" variant="default" onClick={() => setAsking('operators/link')}>
            {texts.staff.link}
          </Button>
          {operator.sessions > 0 && !mine && (
            <Button size="xs" variant="default" onClick={() => void act('operators/sign-out', { name })}>
              {texts.staff.signOut}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => setAsking('operators/remove')}>
            {texts.staff.remove}
          </Button>
        </Group>
      ) : (
        <Surely
          hint={asking === 'operators/link' ? texts.staff.surelyLink(name) : texts.staff.surelyRemove(name)}
          confirm={asking === 'operators/link' ? texts.staff.link : texts.staff.remove}
          danger={asking === 'operators/remove'}
          onConfirm={() => act(asking, { name })}
          onDone={() => setAsking(undefined)}
        />
      )}
    </li>
  )
}

/** A token: whose, what it may, and when it was used. The token itself is nowhere. */
export function TokenRow({ token, act }: { token: TokenSeen; act: Act }) {
  const { texts, language, now } = useWords()
  const [asking, setAsking] = useState(false)
  const { name } = token
  const how = [
    texts.access.role[token.role],
    texts.staff.kind[token.kind] ?? token.kind,
    token.lastUsedAt === undefined ? texts.staff.unused : texts.staff.used(moment(token.lastUsedAt, now, language)),
    ...(token.endsAt === undefined ? [] : [texts.staff.until(moment(token.endsAt, now, language))]),
  ].join(' · ')
  return (
    <li className={styles.row}>
      <span className={styles.who}>
        <strong>{name}</strong>
        <span>{how}</span>
      </span>
      {asking ? (
        <Surely
          danger
          hint={texts.staff.surelyRevoke(name)}
          confirm={texts.staff.revoke}
          onConfirm={() => act('tokens/revoke', { name })}
          onDone={() => setAsking(false)}
        />
      ) : (
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          {texts.staff.revoke}
        </Button>
      )}
    </li>
  )
}

interface SurelyProps {
  readonly hint: string
  readonly confirm: string
  readonly danger: boolean
  readonly onConfirm: () => Promise<void>
  readonly onDone: () => void
}

/** Asks in the row's own place, and says what it will do. */
function Surely({ hint, confirm, danger, onConfirm, onDone }: SurelyProps) {
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
