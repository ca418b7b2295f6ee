"""The phrases by which players end contact, in English and Russian, and those that sound like one and are none.

Patterns over folded text (see `folding`); the words of other languages are plain phrases in `stop_words.toml`.
"""

from __future__ import annotations

from typing import Final

from plugins.contact_policy.folding import phrases, unbroken

_WRITE: Final = "(?:write|message|msg|text|contact|dm|pm|spam|mail|chat|call|texting|messaging|type)"
_ME: Final = "(?:me|us)"
_NEVER: Final = "(?:dont|do not|never|please not|pls not|(?:can|could|would) (?:you|u) (?:please )?not|no need to)"
_RATHER: Final = "(?: (?:ever|please|pls|you|dare|dare to|even|again))?"
_YOU: Final = "(?:you|u|ya|this|your|ur|that)"
_RU_WRITE: Final = (
    "(?:писать|спамить|беспокоить|добавлять|звать|сообщений|слать|приставать|доставать|отвлекать|присылать|звонить"
    "|тревожить|надоедать|названивать|строчить|навязываться|лезть|донимать|рассылок|рассылки|спама)"
)
_RU_AT: Final = "(?: (?:мне|нам|сюда|больше|сообщения|это|всякое|так|тут|уже|пожалуйста))*"

_ENGLISH: Final = (
    "stop|stopp|stahp|stopall|stopit|sotp|stpo|unsubscribe|unsubcribe|unsuscribe|unsub|opt ?out|optout|get lost",
    "go away|shut up|stfu|gtfo|do not disturb|take (?:me|us|my name) off|desist|knock it off|cut it out|scram",
    "take a hike|buzz off|bug off|leave me out of|mind your own business",
    "(?:quit|stop|no more|enough) (?:bugging|pestering|harassing|annoying|nagging|pinging|poking|disturbing)|stap it",
    "(?:go|rot|burn) (?:to|in) hell|go to the devil|get off me|get out of here|(?:stay|keep|get) away from me"
    "|go bother|stop bothering|quit it|lose my (?:number|contact|name)",
    rf"(?:leave|let) {_ME} (?:alone|be|in peace)|leave off|lemme alone",
    rf"(?:forget|forget about) {_ME}|get off my (?:back|case|friends?|list|dms?|pms?)",
    rf"{_NEVER}{_RATHER} {_WRITE}",
    rf"{_NEVER}{_RATHER} (?:add|invite|bother|disturb|ping|annoy|harass|talk to|speak to|pester|reach out to) {_ME}",
    "(?:dont|do not|didnt) (?:want|wanna|wish|care|need)(?: (?:to|any|your|more|these|ur|this))*"
    " (?:be (?:contacted|messaged|bothered|disturbed)|talk|chat|messages?|msgs?|spam|hear|contact|conversation"
    "|invites?)",
    "(?:quit|done|no more|cease|enough) (?:messaging|texting|spamming|writing|bothering|contacting|adding|inviting)",
    "no more (?:messages|msgs|spam|invites|texts|dms|pms)|no (?:dms?|pms?|messages)(?: please| pls| thanks)?(?=\\s,|$)",
    rf"(?:remove|delete|unfriend|unadd|unfollow) {_ME}",
    "(?:fuck|fuk|fck|fk|f|piss|p|bugger|sod|eff|jog|naff|screw) ?off",
    r"(?:not|no longer|never|un) ?(?:interested|intrested|intersted|intrested|interrested)(?! in (?!(?:this|that|it"
    r"|you|your|ur|talking|chatting|trading|trades?"
    r"|selling|buying|any|anything|what|whatever|offers?|deals?)(?!\w)))",
    "no interest(?: in| at all| whatsoever|(?=\\s,|$))",
    rf"(?:block(?:ed|ing)|report(?:ed|ing)|muted|muting) (?:and \w+ )?{_YOU}|(?:blocked|reported)(?=\s,|$)",
    rf"(?:ill|i will|im gonna|im going to|gonna|going to) (?:block|report|mute) {_YOU}",
    "stop (?:the )?spam|reported (?:for|as) spam",
    # Russian, as typed without its letters
    "(?:h|x|kh)vatit|otstan(?:te)?|otvali(?:te)?|ne ?pishi(?:te)?|ne nado (?:mne )?pisat|otvyazhis|otebis|otyebis",
    "ostanovis(?:sh|te|j)?|prekrati(?:te)?|perestan(?:te)?|ne ?interesno|ne ?interesuet|ne bespoko[ijy]+(?:te)?",
    "ostav(?:te)? (?:menya|v pokoe|nas)|otpishi(?:s|te)|zatknis|idi na ?(?:hu[ijy]|xu[ijy]|xer|her)|poshel na|uydi"
    "|ujdi",
)
_RUSSIAN: Final = (
    "стоп|стопэ|стопе|стопай|хватит|хватить|хорош уже|отписка|отпиши(?:сь|тесь)|отписаться|отписываюсь|заткни(?:сь"
    "|тесь)",
    "прекращай(?:те)?(?: (?:это|уже|давай|пожалуйста))*(?=\\s,|$)|уймись|уймитесь|угомонись|угомонитесь|успокойся уже",
    "(?:заколебал|задолбал|замучил|заебал|задрал)(?:и|а|о)?(?: (?:уже|ты|вы|писать|спамить|своим|меня"
    "|бот))*(?=\\s,|$)|удали(?:те)? (?:меня )?из друзей|удалю(?:сь)? (?:тебя |вас )?из друзей",
    "перестань(?:те)?|перестаньте|прекрати(?:те)?|прекратить|остановись|остановитесь|останови(?:те)?",
    "от(?:стань|вали|лезь|ъебись|ьебись|ебись|хуярь|валите|станьте|лезьте|вянь|вяньте|стань|чепись|чепитесь|цепись)",
    "отвяжи(?:сь|тесь)|отцепи(?:сь|тесь)|от[ъь]еби(?:сь|тесь)|отъебитесь|отстаньте|отлипни|отлипните",
    "проваливай(?:те)?|убирайся|убирайтесь|исчезни|сгинь|свали(?:те)?|вали(?:те)? (?:отсюда|нахуй|лесом|уже)|брысь",
    "не ?(?:пиши|пишите|писать|беспокой|беспокойте|беспокоить|тревожь|тревожьте|спамь|спамьте|спамить|спамте)",
    "не ?(?:доставай|приставай|отвлекай|присылай|надоедай|навязывайся|звони|строчи|донимай|мешай|лезь)(?:те)?",
    "не (?:стучи|шли|стучись|стучитесь|тереби|дергай)(?:те)?",
    "не (?:добавляй|трогай)(?:те)? (?:меня|нас)|не зови(?:те)? (?:меня|нас)",
    rf"не ?(?:надо|нужно|нада|стоит|смей|смейте)(?: \w+){{0,3}} {_RU_WRITE}",
    r"не (?:хочу|желаю|хотим|собираюсь|буду)(?: (?!ли)\w+){0,2} (?:общаться|разговаривать|переписываться|слышать"
    r"|говорить)",
    r"не хочу(?: \w+){0,2} (?:получать|твоих|ваших)|больше не (?:надо|нужно|пиши|пишите)",
    rf"(?:прекращай|завязывай|кончай|харош|бросай)(?:те)?(?: \w+){{0,2}} {_RU_WRITE}|завязывай(?:те)?(?=\s,|$)",
    rf"(?:хорош|харе|харэ|хватит|достаточно)(?: \w+){{0,2}} {_RU_WRITE}|харэ|харе",
    r"оставь(?:те)?(?: \w+)? (?:меня|нас)|оставь(?:те)? в покое|в покое оставь(?:те)?|дай(?:те)? поко[йя]",
    "(?:удали|убери|исключи|отпиши|вычеркни)(?:те)? (?:меня|нас)|забудь(?:те)? (?:про|обо?|о) (?:меня|мне|нас)",
    "(?:иди|идите|пошел|пошла|пошли|идика|катись|катитесь|пшел|пашел|вали|шел бы)(?: (?:ты|вы|бы|б|бот|отсюда))*"
    " (?:на ?хуй|на ?хер|на ?хрен|на ?фиг|нафиг|в жопу|лесом|к черту|в баню|нах|вон|отсюда|в зад|подальше|на три"
    " буквы)",
    "на ?хуй (?:иди|пошел|пошла|пошли|отсюда)|пошел (?:ты|вон)|пошла (?:ты|вон)|пошли (?:вы|вон)|иди ты",
    "отстань от меня|надоел(?:и|о|а)? (?:уже )?(?:писать|спамить|ваш|твой|со|эти)|достал(?:и|а)? (?:уже|писать"
    "|спамить)",
    "(?:мне|нам|меня|нас)? ?(?:это |совсем |вообще |больше |абсолютно )?не ?интересу(?:ет|ют|ете|ешь)",
    "(?:это |совсем |вообще |больше |абсолютно )?не ?интересно|неинтересно|нет интереса|без интереса",
    "(?:заблокирую|заблочу|заблокировал|заблокировала|блокирую|заблокирован|забаню)(?: (?:тебя|вас))?",
    "(?:кину|добавлю|кидаю|закину|улетишь|отправлю|добавил|кинул|отправляю)(?: (?:тебя|вас))? в (?:чс|черный список"
    "|бан|блок)",
    "(?:в чс|в черный список|в игнор|в бан)(?=\\s,|$)|кину (?:репорт|жалобу)|(?:пожалуюсь|жалуюсь|пожаловался) на"
    " (?:тебя|вас|спам)",
)
STOP: Final = phrases(*_ENGLISH, *_RUSSIAN)

_I: Final = "(?:i|we|they|he|she|it|that|people|who|which)"
_DOES: Final = (
    "(?:will|ll|just|cant|wont|would|might|may|can|could|never|always|usually|had to|have to|must|need to|did|didnt"
    "|dont|doesnt|does|should|shouldnt|will not|not|also|often|really|gonna|wanna|going to|had|wanted to|want to)"
)
HARMLESS: Final = unbroken(
    "(?:non|bus|pit|one|full|door|short|tram|train|truck|rest|last|next|first|second|final|quick|gas|back|every|a"
    "|the|an"
    "|pull out|whistle|tour|metro|without a) stops?|stop (?:by|loss|over|motion|sign|watch|light|the clock|in for"
    "|off at)"
    "|(?:нон|пит|фул|авто|сто|бас) стоп|стоп (?:лосс?|кран|кадр|лист|сигнал|слово|лого|моушн|игра|цена|линия|ордер)",
    r"(?:when|where|how)(?: \w+){1,4} stop(?! \w)|"
    "(?:to|will|when does it|when did it|does it|wont|cannot|never|did it|why did it|why does it) stop"
    "(?! (?:writing|messaging|texting|spamming|bothering|contacting|adding|me|this|it|sending|now))(?<!want you to"
    " stop)"
    "(?<!want u to stop)(?<!told you to stop)(?<!asked you to stop)(?<!ask you to stop)(?<!need you to stop)(?<!you"
    " to stop)"
    "(?<!u to stop)(?<!time to stop)(?<!better to stop)(?<!have to stop)(?<!had to stop)(?<!need to stop)(?<!please"
    " to stop)",
    # but not `why you dont stop`, nor `if you do not stop`
    "(?<!you )(?<!u )(?<!why )(?<!if )(?<!they )(?:dont|do not|cant|cannot|can not|couldnt|never|wont|nobody can) stop",
    f"(?<!said )(?<!ask )(?:i|we|he|she|it)(?: {_DOES}){{1,2}} stop|(?:i|we) stop(?= (?:playing|at|by|when|for|here"
    f"|on|after|in))",
    rf"{_I} (?:dont|do not|never|cant|did not|didnt) {_WRITE}(?! {_ME})",
    rf"why (?:(?:you|u) )?(?:dont|do not|never) (?:(?:you|u) )?{_WRITE}",
    "(?:i|ill|i will|we|they|bugs?|it|will|to|never|wont|the pain) (?:just |dont )?go away|shut up and take my"
    " money|go away for",
    "(?:are|r|if|why are|were|maybe|guess|thought|think|when|in case) (?:you|u|ur|youre|they|he|she)(?: are)?"
    " (?:not|no longer|un) ?interested",
    "(?:youre|you are|u r|he is|hes|she is|shes|they are|theyre|friend is|brother is|wasnt|was) (?:not|un) ?interested",
    "not interested (?:in )?(?:less|under|below|lower|for less|at that price|at this price|for that price)",
    "(?:blocked|reported|muted) (?:by|my|the|him|her|them|from|due|because|until|for \\d)|(?:is|was|got|been|are)"
    " (?:blocked|reported)",
    "(?:i|we) unsubscribed",
    "(?:i|we) (?:cease|quit)|(?:dont|do not|didnt) (?:want to|wanna) (?:talk|chat|hear) about (?:price|the price|it"
    " here)",
    "не хватит|хватит ли|(?:этого|столько|всем|на всех|как раз|точно|мне|нам|тебе|вам|времени|места|ключей) хватит",
    r"(?:\d+|денег|деньги|рублей|руб|р|долларов|баксов|бакс|евро|usd|rub|eur|баланса|средств) хватит",
    r"хватит (?:\d+|денег|рублей|долларов|баксов|на|мне|нам|тебе|ему|и)(?! (?:писать|спамить|слать|врать|уже))",
    "(?:почему|чего|что)(?: (?:ты|вы|мне))* не (?:пишите|пиши|писать)",
    "(?:а|если|тебе|вам|ему|ей|ли|почему|разве|кому|раз|вдруг|может)(?: (?:тебе|вам|это|уже|он|она))* "
    "не ?интерес(?:но|ует|уют)|не ?интерес(?:но|ует|уют) (?:ли|за|меньше|дешевле|по такой|по этой|ниже)",
    "(?:а )?не ?интересу(?:ет|ют) (?:меньше|дешевле|ключи|предмет|скин|обмен|кейс)",
    "не мешай(?:те)? (?:ей|ему|им)|(?:никто|это|нам|мне|мы) не (?:мешай|лезь)",
    "останови(?:ли|лись|лся|мся)|остановите(?:сь)? на (?:\\d|цене)|остановись на (?:\\d|цене)|не останови\\w*",
    "(?:заблокировал|заблокирован|заблокировала)(?: (?:стим|аккаунт|трейд|обмен|банк|карту|вход|маркет))",
    "(?:аккаунт|трейд|обмен|карта|банк|вход|маркет|был|была|сам|друг) (?:\\w+ )?заблокирова\\w*",
)
"""What holds a word of stopping and plainly means something else; within one clause, since `Don't! Stop!` is a"
" stop."""

POLITE: Final = (
    "(?:please|pls|plz|now|thanks|thank you|thx|ty|ok|okay|so|just|no|nope|nah|bro|man|dude|already|sorry|sry|hey"
    "|hi|hello"
    "|lol|and|really|right|with (?:this|that|it)|all|of you|of this|omg|wtf|ffs|jesus|god|mate|sir|guys|here|you|u"
    "|нет|неа|не|ну|все|уже|пожалуйста|плиз|плз|пж|пжл|спасибо|спс|бро|давай|да|ок|окей|ой|эй|блин|блять|бля|слушай"
    "|слышь"
    "|чувак|друг|мужик|брат|братан|извини|извините|сорри|сори|прости|простите|привет|здравствуйте|хорошо|ладно|тут"
    "|вообще"
    "|а|и|я|мне|нам|это|этого|такого|такое|ничего|больше|совсем|от вас|от тебя|ваше|ваш|твое|лучше|просто|правда|бот)"
)
ALONE: Final = phrases(
    rf"^(?:{POLITE} )*"
    "(?:enough|thats enough|its enough|quit|end|cancel|revoke|no more|dont|remove me|off|begone|shoo|nomore|block"
    "|leave|ne nado|ne nuzhno|nenado|beat it|back off|get out of here|stay away|cease|stap|move on"
    "|(?:h|x|kh)(?:o|a)rosh|хорош|харош"
    "|scrap it|halt|stopp?|get out|leave it|forget it|spam|spammer|spamming|spammers|(?:this|its|it|that)(?: is|s)?"
    " spam"
    "|fuck you|fuck u|fu|fck you|hell no|довольно|достаточно|отмена|отбой|стой|стойте|стопп|не надо|не нада|ненадо"
    "|ненада|не нужно|ненужно|не нужен|не нужны|не нужна|нинада|ниче не надо|ничего не надо|не трогай|не трогайте"
    "|выйди"
    "|уйди|уйдите|выйдите|удали|удалите|блок|в чс|чс|отказ от рассылки|спам|спамер|спамеры|спамишь|спамите|опять"
    " спам|отвянь"
    "|вон|нахуй|на хуй|нах|нахер|иди лесом|иди отсюда|надоел|надоели|надоело|достал|достали|задолбал|задолбали|заебал"
    "|заебали|задрал|отклонить|отключить|отключись|отключитесь|не беспокоить)"
    rf"(?: {POLITE})*$"
)
"""Words that say stop only when nothing else is said in the line."""
QUESTION_ONLY: Final = phrases(
    "^(?:(?:а|и|это|is|this|it|so|ну|are|you) )+(?:опять )?(?:spam|spammers?|спам|спамеры?)$"
)
"""With a question mark behind it, whoever writes this wants to know."""

WORDS: Final = frozenset(
    [
        "stop",
        "unsubscribe",
        "unsub",
        "enough",
        "optout",
        "shutup",
        "goaway",
        "getlost",
        "fuckoff",
        "leavemealone",
        "notinterested",
        "dontwrite",
        "стоп",
        "хватит",
        "отстань",
        "отстаньте",
        "отвали",
        "отвалите",
        "отвяжись",
        "отпишись",
        "отписаться",
        "перестань",
        "прекрати",
        "прекратите",
        "остановись",
        "остановитесь",
        "заткнись",
        "отъебись",
        "непиши",
        "непишите",
        "ненадо",
        "неинтересно",
        "небеспокоить",
        "спам",
        "стой",
        "отлезь",
    ]
)
"""Heard also where their letters stand apart (`st op`) or are doubled (`sttop`)."""
TORN_MAY_BE_WORDS: Final = frozenset(
    {"с топ", "сто п", "s top", "не надо", "не интересно", "c топ", "get lost", "not interested"}
)
"""What those letters are by themselves: heard only where the line holds nothing else."""
