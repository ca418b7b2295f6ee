import type { Bot } from '@/contract/rows'
import { botName, explainBot, standingOf } from '@/explain/explain'
import { useOpenWork } from '@/features/bots/useOpenWork'
import { ago, exact, moment } from '@/i18n/time'
import { useAppSelector } from '@/store/store'
import card from '@/ui/Card.module.css'
import { CommandButton } from '@/ui/CommandButton'
import { Fact, Facts, Why } from '@/ui/Facts'
import { PlayerName } from '@/ui/PlayerName'
import { Refusal } from '@/ui/Refusal'
import { Status } from '@/ui/Status'
import { SteamProfile } from '@/ui/SteamProfile'
import { emit } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

/** The details of a bot, and the commands for it. */
export function BotCard({ bot }: { bot: Bot }) {
  const words = useWords()
  const { texts, language, now } = words
  const reconnect = useCommand('ReconnectBot')
  const account = useAppSelector((state) => state.replica.accounts.get(bot.steamId64))
  const work = useOpenWork(bot.id)
  const { tone, why, next, said } = explainBot(bot, words)
  return (
    <section className={card.card}>
      <div className={card.title}>
        <Status tone={tone}>{texts.botStatus[bot.status]}</Status>
        <h2>{botName(bot)}</h2>
      </div>
      <Why tone={tone} why={why} next={next} said={said} />
      <Facts>
        <Fact name={texts.bot.work}>{texts.bot.workOf(work.tasks, work.chats)}</Fact>
        <Fact name={texts.bot.steamId}>{bot.steamId64}</Fact>
        {bot.standing.length > 0 && <Fact name={texts.bot.account}>{standingOf(bot, texts).join(' ')}</Fact>}
        {bot.tradesHeldUntil !== null && bot.tradesHeldUntil > now && (
          <Fact name={texts.bot.tradesHeld} title={exact(bot.tradesHeldUntil, language)}>
            {moment(bot.tradesHeldUntil, now, language)}
          </Fact>
        )}
        <Fact name={texts.bot.proxy}>{bot.proxyUrl}</Fact>
        {account && (
          <Fact name={texts.bot.lastInvite} title={exact(account.lastInviteAt, language)}>
            {ago(account.lastInviteAt, now, texts)}
          </Fact>
        )}
        <Fact name={texts.bot.lastSeen}>
          {bot.lastSeen === null ? texts.bot.never : moment(bot.lastSeen, now, language)}
        </Fact>
        <Fact name={texts.bot.added} title={exact(bot.addedAt, language)}>
          {moment(bot.addedAt, now, language)}
        </Fact>
      </Facts>
      {bot.friendRequests.length > 0 && (
        <section aria-label={texts.bot.invitedBy}>
          <h3>{texts.bot.invitedBy}</h3>
          <Facts>
            {bot.friendRequests.map(({ playerSteamId64, since }) => (
              <Fact key={playerSteamId64} name={ago(since, now, texts)} title={exact(since, language)}>
                <PlayerName steamId64={playerSteamId64} /> <SteamProfile steamId64={playerSteamId64} />
              </Fact>
            ))}
          </Facts>
          {bot.friendRequestsMore > 0 && <p>{texts.bot.invitedByMore(bot.friendRequestsMore)}</p>}
        </section>
      )}
      <Refusal message={reconnect.refusal} onClose={reconnect.clear} closeLabel={texts.common.close} />
      <div className={card.actions}>
        {(bot.status === 'authFailed' || bot.status === 'disconnected') && (
          <CommandButton
            command="ReconnectBot"
            size="xs"
            loading={reconnect.pending}
            onClick={() => void reconnect.run({ botId: bot.id })}
          >
            {texts.bot.reconnect}
          </CommandButton>
        )}
        <CommandButton command="RemoveBot" size="xs" variant="default" onClick={() => emit('removeBot', bot.id)}>
          {texts.bot.remove}
        </CommandButton>
      </div>
    </section>
  )
}
