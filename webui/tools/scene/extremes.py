"""As long, as many and as strange as the kernel lets anything be: what a page must bear without breaking."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from kernel import events as e
from kernel.commands import ITEM_LENGTH, LABEL_LENGTH, TEXT_LENGTH
from kernel.events import CannedReplySaved, ChatNoteAdded
from kernel.ids import BotId, ChatId, SteamId64, TaskId, new_id, new_note_id, new_reply_id
from kernel.rows import TaskStatus
from plugins.steam.codes import SteamReason
from webui.tools.scene.script import Script

ITEMS: Final = (
    ("★ StatTrak™ M9 Bayonet | Gamma Doppler (Emerald, Factory New), with its name tag “" + "for sale " * 30)[
        :ITEM_LENGTH
    ],
    "Unusual" * 28,
    "🔪" * 40 + " | Переливающийся градиент (прямо с завода)",
    "سكين الفراشة | تدرج لوني (جديد من المصنع)",
)
WORDS: Final = (
    "ааа" * 600,
    "https://steamcommunity.com/id/" + "x" * 300 + "?" + "q=1&" * 100,
    "\n".join(f"{line}. why so cheap" for line in range(1, 60)),
    "مرحبا، كم تدفع مقابل السكين؟ 12.50 USD؟",
    "👍👍👍",
    "T̷̢͝h̶͕͠i̸̤͝s̵̖̈́ ̷̰͛i̶̪̍s̷̳͝ ̵̱̈́Z̶̬͝a̷̫͐l̸͖̍g̵̰̓o̶̰͒",
    "<b>bold?</b> &amp; {item} %s ${price} [link](javascript:alert(1))",
    ("Could you please take into account that it has four Katowice 2014 stickers, and the float is 0.0004? " * 20)[
        :TEXT_LENGTH
    ],
)
COMPLAINTS: Final = 60


def pile_up(script: Script) -> None:
    """The last things of the day, so that they stand first in every list."""
    bots = [_bot(script, number) for number in range(4)]
    for number in range(16):
        _deal(script, bots[number % len(bots)], number)
    for number in range(10):
        title = f"{number} " + "Long title " * 6
        reply = CannedReplySaved(reply_id=new_reply_id(), title=title[:LABEL_LENGTH].strip(), text="For {item}. " * 90)
        script.write(reply, "operator:anna")


def trouble(script: Script) -> None:
    """A page learns of problems only when they come: these come now."""
    for number in range(COMPLAINTS):
        detail = f"{'socks5h://proxies.example:1080 answered nothing; ' * 12}attempt {number}"
        message = "The proxy refused the connection, and the next one did too; " * (1 + number % 3)
        script.write(e.ErrorLogged(source="steam", message=message, detail=detail))


def _bot(script: Script, number: int) -> BotId:
    added = e.BotAdded(
        bot_id=BotId(new_id("bot")),
        steam_id64=SteamId64(str(76561199900000001 + number)),
        proxy_url=f"socks5h://{'very-long-name-of-a-host.' * 6}proxies.example:1080",
        label=("Торговый бот с очень длинным именем " * 3)[:LABEL_LENGTH].strip() if number % 2 else "w" * LABEL_LENGTH,
    )
    script.write(added, "operator:борис")
    script.write(e.BotConnecting(bot_id=added.bot_id))
    if number == 0:
        detail = "Steam answered with result 63 (AccountLogonDenied); " * 8
        script.write(
            e.BotAuthFailed(
                bot_id=added.bot_id, reason=SteamReason.ACCOUNT_LOCKED, detail=detail, next_step="Sign in by hand. " * 8
            )
        )
    else:
        script.write(e.BotConnected(bot_id=added.bot_id))
    return added.bot_id


def _deal(script: Script, bot_id: BotId, number: int) -> None:
    player = SteamId64(str(76561199800000001 + number))
    created = e.TaskCreated(
        task_id=TaskId(new_id("task")),
        player=player,
        item=ITEMS[number % len(ITEMS)],
        price_min=Decimal("9999999.01"),
        price_max=Decimal("99999999.99"),
        currency="RUB",
    )
    script.write(created, "notebook:" + "pricing-of-the-week-" * 3)
    script.write(e.TaskAssigned(task_id=created.task_id, bot_id=bot_id))
    script.write(e.FriendInviteAccepted(task_id=created.task_id, bot_id=bot_id, player=player))
    script.write(e.TaskStatusChanged(task_id=created.task_id, status=TaskStatus.ACCEPTED))
    chat = e.ChatStarted(chat_id=ChatId(new_id("chat")), bot_id=bot_id, player=player, task_id=created.task_id)
    script.write(chat)
    if number % 2:
        script.toggle(chat.chat_id, False, "operator:anna" if number % 4 == 1 else "operator:борис")
    for index, text in enumerate(WORDS):
        script.say(chat.chat_id, text)
        script.answer(chat.chat_id, "agent:scripted_agent", WORDS[-1 - index], "a-step-with-a-long-name", index == 3)
    for text in WORDS[: number % 4]:
        script.write(ChatNoteAdded(chat_id=chat.chat_id, note_id=new_note_id(), text=text), "operator:борис")
    script.say(chat.chat_id, WORDS[number % len(WORDS)])
