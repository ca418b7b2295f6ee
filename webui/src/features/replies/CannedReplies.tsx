import { ActionIcon, Button, Group, Stack, Textarea, TextInput, Tooltip } from '@mantine/core'
import { PencilIcon, PlusIcon, TrashIcon, ZapIcon } from '@primer/octicons-react'
import { useRef, useState } from 'react'

import { REPLY_VARIABLES } from '@/contract/enums'
import type { ReplyId } from '@/contract/ids'
import { LABEL_LENGTH, TEXT_LENGTH } from '@/contract/limits'
import type { CannedReply } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import styles from '@/features/replies/CannedReplies.module.css'
import { moment } from '@/i18n/time'
import { matchingReplies } from '@/replies/fill'
import { useMay } from '@/session/roles'
import { useAppSelector } from '@/store/store'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Dialog } from '@/ui/Dialog'
import { EmptyState } from '@/ui/EmptyState'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

interface Editing {
  readonly id: ReplyId | undefined
  readonly title: string
  readonly text: string
}

const NEW: Editing = { id: undefined, title: '', text: '' }

/** The dialog that adds, changes and removes the team's canned replies. */
export function CannedReplies() {
  const { texts, language, now } = useWords()
  const [opened, setOpened] = useState(false)
  const [editing, setEditing] = useState<Editing>()
  const [removing, setRemoving] = useState<CannedReply>()
  const remove = useCommand('RemoveCannedReply')
  const may = useMay('SaveCannedReply')
  const replies = useAppSelector((state) => state.replica.replies)
  useUiEvent('cannedReplies', () => setOpened(true))
  const shown = matchingReplies(replies, '')
  return (
    <>
      <Dialog
        opened={opened && removing === undefined}
        onClose={() => (editing === undefined ? setOpened(false) : setEditing(undefined))}
        title={texts.replies.title}
      >
        {editing !== undefined ? (
          <Editor key={editing.id ?? 'new'} reply={editing} onDone={() => setEditing(undefined)} />
        ) : (
          <Stack gap="sm">
            {shown.length === 0 && (
              <EmptyState icon={ZapIcon} title={texts.replies.empty} hint={texts.replies.emptyHint} />
            )}
            <ul className={styles.list}>
              {shown.map((reply) => (
                <li key={reply.id} className={styles.reply}>
                  <div className={styles.words}>
                    <strong>{reply.title}</strong>
                    <p>
                      <bdi>{reply.text}</bdi>
                    </p>
                    <span>
                      {texts.replies.savedBy(actorName(reply.savedBy, texts), moment(reply.savedAt, now, language))}
                    </span>
                  </div>
                  {may && (
                    <>
                      <Tooltip label={texts.replies.edit}>
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          aria-label={`${texts.replies.edit}: ${reply.title}`}
                          onClick={() => setEditing({ id: reply.id, title: reply.title, text: reply.text })}
                        >
                          <PencilIcon size={14} />
                        </ActionIcon>
                      </Tooltip>
                      <Tooltip label={texts.replies.remove}>
                        <ActionIcon
                          variant="subtle"
                          color="red"
                          aria-label={`${texts.replies.remove}: ${reply.title}`}
                          onClick={() => setRemoving(reply)}
                        >
                          <TrashIcon size={14} />
                        </ActionIcon>
                      </Tooltip>
                    </>
                  )}
                </li>
              ))}
            </ul>
            {may && (
              <Group justify="flex-end">
                <Button leftSection={<PlusIcon size={14} />} onClick={() => setEditing(NEW)} data-autofocus>
                  {texts.replies.add}
                </Button>
              </Group>
            )}
          </Stack>
        )}
      </Dialog>
      <ConfirmDialog
        opened={removing !== undefined}
        title={texts.replies.removeTitle(removing?.title ?? '')}
        hint={texts.replies.removeHint}
        confirm={texts.replies.remove}
        cancel={texts.common.cancel}
        danger
        pending={remove.pending}
        refusal={remove.refusal}
        onConfirm={() =>
          removing &&
          void remove.run({ replyId: removing.id }).then(({ ok }) => {
            if (ok) setRemoving(undefined)
          })
        }
        onClose={() => {
          setRemoving(undefined)
          remove.clear()
        }}
      />
    </>
  )
}

function Editor({ reply, onDone }: { reply: Editing; onDone: () => void }) {
  const { texts } = useWords()
  const save = useCommand('SaveCannedReply')
  const field = useRef<HTMLTextAreaElement>(null)
  const [title, setTitle] = useState(reply.title)
  const [text, setText] = useState(reply.text)

  const insert = (name: string) => {
    const { selectionStart: from = text.length, selectionEnd: to = text.length } = field.current ?? {}
    setText(`${text.slice(0, from)}{${name}}${text.slice(to)}`)
    field.current?.focus()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const id = reply.id === undefined ? {} : { replyId: reply.id }
        void save.run({ title, text, ...id }).then(({ ok }) => {
          if (ok) onDone()
        })
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={texts.replies.name}
          description={texts.replies.nameHint}
          value={title}
          maxLength={LABEL_LENGTH}
          data-autofocus
          error={save.errorOf('title')}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Textarea
          ref={field}
          label={texts.replies.text}
          value={text}
          rows={5}
          maxLength={TEXT_LENGTH}
          error={save.errorOf('text')}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <p className={styles.variables}>
          {texts.replies.textHint}
          {REPLY_VARIABLES.map((name) => (
            <button key={name} type="button" onClick={() => insert(name)} title={texts.replies.variables[name]}>
              {`{${name}}`}
            </button>
          ))}
        </p>
        <Refusal message={save.errorBeside('title', 'text')} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {texts.common.cancel}
          </Button>
          <Button type="submit" loading={save.pending} disabled={title.trim() === '' || text.trim() === ''}>
            {texts.replies.save}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
