"""How a program would deny being one, in English and Russian: outright, or by a bare `no` to the player's question.

No list of phrases is complete. This one stops what a script's author or a language model is likely to write; that an
agent is told never to claim to be a person is its author's part.
"""

from __future__ import annotations

from typing import Final

from plugins.contact_policy.folding import fold, unbroken

_PROGRAM: Final = (
    "(?:bots?|chat ?bots?|robots?|programs?|programme|scripts?|machine|computer|software|algorithm|npc"
    "|ai|a i|artificial intelligence|language model|gpt|chat ?gpt)"
)
_AUTOMATED: Final = (
    "(?:automated|automatic|auto)(?: (?:message|reply|response|answer|assistant|account|system|chat))?(?= ,|$)"
)
_ANYONE: Final = "(?:man|guy|girl|woman|dude|lady|boy)"
_PERSON: Final = f"(?:human|person|people|{_ANYONE}|player|seller|trader|operator)"
_REAL: Final = "(?:real|actual|living|live|genuine|flesh and blood|breathing|true)"
_FILLER: Final = (
    "(?:a|an|the|any|some|just|only|really|actually|definitely|totally|still|100|your|one of those|like"
    "|use|using|(?:run|sent|written|operated|generated) by)"
)
_RU_PROGRAM: Final = (
    "(?:бот(?:ом|ы|а|ами)?|робот(?:ом|ы|а)?|программ(?:а|ой)|скрипт(?:ом)?|машина|машиной|нейросет(?:ь|ью)|ии"
    "|автоответчик(?:ом)?|автомат(?:ом)?|искусственный интеллект|искусственным интеллектом|чат ?бот(?:ом)?"
    "|нейронка|нейронкой|алгоритм(?:ом)?|компьютер(?:ом)?|комп(?:ом)?|языков(?:ая|ой) модел(?:ь|ью)|гпт|чат ?гпт"
    "|(?:цифровой|виртуальный|электронный|автоматический) (?:помощник|ассистент)"
    "|(?:цифровым|виртуальным|электронным|автоматическим) (?:помощником|ассистентом))"
)
_RU_REAL: Final = "(?:жив(?:ой|ым)|реальн(?:ый|ым)|настоящ(?:ий|им)|обычн(?:ый|ым)|нормальн(?:ый|ым))"
_RU_FILLER: Final = "(?:же|просто|реально|правда|точно|тоже|такой|какой то|какая то|какой|никакой|вовсе|совсем|с|100)"

_DENIAL: Final = unbroken(
    # I am not a bot; but `you are not a bot` is no lie of ours
    rf"(?<!you are )(?<!youre )(?<!you )(?:not|isnt|aint)(?:(?: {_FILLER})+(?: \w+)?)? (?:{_PROGRAM}|{_AUTOMATED})",
    "no (?:bots?|ai|automation|robots?)(?: (?:here|involved|at all|used))?(?= ,|$)",
    # I am a human
    rf"(?:i am|im|i m)(?: {_FILLER})*(?: {_REAL})* (?:human|person|real)(?! (?:like|made|supervised|backed))",
    rf"(?:i am|im|i m)(?: {_FILLER})* (?:{_REAL} {_PERSON}|{_ANYONE})",
    rf"(?:this is|its|it is)(?: {_FILLER})*(?: {_REAL} {_PERSON}| human| person)(?= ,|$| here| writing| typing)",
    rf"(?<!not )(?:talking|speaking|chatting|writing) (?:to|with)(?: {_FILLER})*(?: {_REAL})? (?:human|person)",
    rf"^(?:(?:nope|no|yes|yep|yeah|sure) (?:, )?)?(?:{_FILLER} )*(?:{_REAL} )?(?:human|person)(?: here)?(?= ,|$)",
    # Russian
    rf"(?<!ты )(?<!вы )не(?: {_RU_FILLER})*(?: являюсь)?(?: {_RU_FILLER})* {_RU_PROGRAM}",
    rf"не с(?: {_RU_FILLER})* {_RU_PROGRAM}",
    rf"я(?: {_RU_FILLER})*(?: {_RU_REAL})* (?:человек|парень|девушка|мужчина|живой|живая|настоящий|настоящая|реальный)",
    rf"(?:это|пишет|общается|говорит|отвечает)(?: (?:вам|с вами|тебе|с тобой|тут))*(?: {_RU_REAL}) человек",
    r"(?:пишет|общается|говорит|отвечает)(?: (?:вам|с вами|тебе|с тобой|тут))* человек",
    rf"(?<!не )(?:говорите|говоришь|общаетесь|общаешься|переписываетесь|разговариваете) с(?: {_RU_REAL})? человеком",
    rf"^(?:(?:нет|да|конечно) (?:, )?)?(?:{_RU_REAL} )?человек(?= ,|$)",
)

_ASKS_FOR_PROGRAM: Final = unbroken(
    rf"(?:^|you|u|ur|youre|this|it|talking to|talk to|speaking to|with)(?: \w+){{0,3}}? {_PROGRAM}|^{_PROGRAM}(?= ,|$)",
    rf"(?:ты|вы|это|с|тут|здесь)(?: \w+){{0,3}}? {_RU_PROGRAM}|^{_RU_PROGRAM}(?= ,|$)",
)
_ASKS_FOR_PERSON: Final = unbroken(
    r"(?:you|u|ur|youre|this|it|talking to|talk to|speaking to|with)(?: \w+){0,3}? (?:human|person|real(?! \w))",
    r"(?:ты|вы|это|с|тут|здесь)(?: \w+){0,3}? (?:человек|человеком|живой|живым|настоящий|реальный)(?= ,|$)",
)
_NO: Final = unbroken(
    "^(?:no|nope|nah|never|not at all|of course not|definitely not|нет|неа|не|нисколько|конечно нет)(?= ,|$)"
)
_YES: Final = unbroken("^(?:yes|yep|yeah|yup|sure|of course|definitely|да|ага|угу|конечно)(?= ,|$)")
_ADMITS: Final = unbroken(_PROGRAM, "automated|automatic", _RU_PROGRAM, r"автоматическ\w+")


def denies_being_a_program(text: str, question: str = "") -> bool:
    """Would `text` make a player believe that a person wrote it? `question`: what they wrote last, if anything."""
    folded = fold(text)
    if _DENIAL.search(folded):
        return True
    if not question or _ADMITS.search(folded):
        return False
    asked = fold(question)
    return bool(
        (_NO.search(folded) and _ASKS_FOR_PROGRAM.search(asked))
        or (_YES.search(folded) and _ASKS_FOR_PERSON.search(asked))
    )
