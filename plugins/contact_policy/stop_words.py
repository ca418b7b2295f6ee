"""How a player says that they want to be left alone: the usual words in English and Russian, and the operator's own.

In doubt the player is right: a word that might be meant so, is. The price of one mistake is a deal, and an operator
can take the player off the list again; the price of the other is a person who said stop and is written to.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from plugins.contact_policy.folding import fold, phrases, unbroken

_WRITE: Final = "(?:write|message|msg|text|contact|dm|pm|spam|mail|chat)"
_ME: Final = "(?:me|us)"
_NEVER: Final = "(?:dont|do not|never|please not|pls not|(?:can|could|would) (?:you|u) (?:please )?not)"
_RATHER: Final = "(?: (?:ever|please|pls|you|dare|dare to|even))?"
_RU_WRITE: Final = "(?:писать|спамить|беспокоить|добавлять|звать|сообщений|слать|приставать|доставать|отвлекать)"

_ENGLISH: Final = (
    "stop|stopp|stahp|stopall|unsubscribe|unsub|opt ?out|get lost|go away|shut up|do not disturb|take me off",
    rf"leave {_ME} (?:alone|be|in peace)",
    rf"{_NEVER}{_RATHER} {_WRITE}",
    rf"{_NEVER}{_RATHER} (?:add|invite|bother|disturb|ping|annoy|harass|talk to|speak to) {_ME}",
    "(?:dont|do not) want (?:to|any) (?:be (?:contacted|messaged|bothered)|talk|chat|messages|spam)",
    "quit (?:messaging|texting|spamming|writing|bothering|contacting|adding|inviting)",
    "no more (?:messages|msgs|spam|invites|texts)",
    rf"(?:remove|delete|unfriend|unadd) {_ME}",
    "(?:fuck|piss|back|bugger|sod) off",
    # Russian, as typed without its letters
    "(?:h|x|kh)vatit|otstan(?:te)?|otvali(?:te)?|ne pishi(?:te)?|ne nado pisat",
)
_RUSSIAN: Final = (
    "стоп|стопэ|хватит|отписка|отпиши(?:сь|тесь)|отписаться|заткни(?:сь|тесь)|перестань(?:те)?|прекрати(?:те)?",
    "отстань(?:те)?|отвали(?:те)?|отвяжи(?:сь|тесь)|отцепи(?:сь|тесь)|от[ъь]еби(?:сь|тесь)|отвянь(?:те)?",
    "не ?(?:пиши|пишите|писать|беспокой|беспокойте|беспокоить|тревожь|тревожьте|спамь|спамьте|спамить)",
    "не ?(?:доставай|приставай|отвлекай|присылай)(?:те)?|не (?:стучи|шли)(?:те)?",
    "не (?:добавляй|трогай)(?:те)? (?:меня|нас)|не зови(?:те)? (?:меня|нас)",
    rf"не (?:надо|нужно|стоит|смей|смейте)(?: \w+){{0,3}} {_RU_WRITE}",
    r"не хочу(?: \w+){0,2} (?:общаться|разговаривать|переписываться)|больше не (?:надо|нужно)",
    rf"(?:прекращай|завязывай|кончай)(?:те)?(?: \w+){{0,2}} {_RU_WRITE}",
    rf"(?:хорош|харе|харэ)(?: \w+){{0,2}} {_RU_WRITE}",
    r"оставь(?:те)?(?: \w+)? (?:меня|нас)|оставь(?:те)? в покое",
    "(?:удали|убери|исключи|отпиши)(?:те)? (?:меня|нас)",
    "(?:иди|идите|пошел|пошла|пошли)(?: (?:ты|вы))? (?:на ?хуй|на ?хер|нафиг|в жопу|лесом|к черту)",
)
_STOP: Final = phrases(*_ENGLISH, *_RUSSIAN)

_HARMLESS: Final = unbroken(
    "(?:non|bus|pit|one) stop|stop (?:by|loss)|нон стоп|стоп лосс?",
    # but not `why you dont stop`, nor `if you do not stop`
    "(?<!you )(?<!u )(?<!why )(?<!if )(?<!they )(?:dont|do not|cant|cannot|can not|couldnt) stop",
    rf"(?:i|we|they|he|she|it|people|who) (?:dont|do not|never) {_WRITE}(?! {_ME})",
    rf"why (?:(?:you|u) )?(?:dont|do not|never) (?:(?:you|u) )?{_WRITE}",
    "(?:i|ill|i will|we) go away|shut up and take my money",
    "не хватит|хватит ли|(?:этого|столько) хватит",
    r"(?:\d+|денег|деньги|рублей|руб|р|долларов|баксов|бакс|евро|usd|rub|eur) хватит",
    r"хватит (?:\d+|денег|рублей|долларов|баксов|на)",
    "(?:почему|чего|что)(?: (?:ты|вы|мне))* не (?:пишите|пиши|писать)",
)
"""What holds a word of stopping and plainly means something else; within one clause, since `Don't! Stop!` is a stop."""

_POLITE: Final = (
    "(?:please|pls|plz|now|thanks|thank you|thx|ok|okay|so|just|no|bro|man|already"
    "|нет|ну|все|уже|пожалуйста|плиз|спасибо|бро|давай)"
)
_ALONE: Final = phrases(
    rf"^(?:{_POLITE} )*"
    "(?:enough|thats enough|quit|end|cancel|revoke|no more|dont|довольно|достаточно|отмена|отбой)"
    rf"(?: {_POLITE})*$"
)
"""Words that say stop only when nothing else is said."""


def says_stop(text: str, own_words: tuple[str, ...] = ()) -> bool:
    """Does whoever wrote `text` want to be left alone? `own_words`: the operator's, as `stop_word` gives them."""
    folded = fold(text)
    if own_words and _own(own_words).search(folded):
        return True
    return bool(_ALONE.search(folded) or _STOP.search(_HARMLESS.sub(",", folded)))


def stop_word(text: str) -> str:
    """The form in which an operator's word or phrase is kept; empty when there is no letter or digit in it."""
    return fold(text).replace(" , ", " ")


@lru_cache(maxsize=4)
def _own(words: tuple[str, ...]) -> re.Pattern[str]:
    return phrases(*(" ".join(map(re.escape, word.split())) for word in words))
