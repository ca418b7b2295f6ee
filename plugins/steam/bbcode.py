"""Steam's chat markup shown as plain text: what a person has written stays, what a client put in is named.

The tags are those that Steam's own client sends in `IncomingMessage.message` and `FriendMessage.message`
(STEAM_PROTOCOL.md, section 5; DoctorMcKay/node-steam-user's parser of chat BBCode). A bracket that a person has typed
comes escaped, as `\\[`, and is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_FORMATS: Final = "b|i|u|s|strike|spoiler|code|quote|pre|h1|h2|h3|noparse"
_NAMED: Final = (
    "sticker|tradeoffer|emoticon|img|url|og|random|flip|gameinvite|lobbyinvite|broadcastinvite|chatroominvite|invite"
    "|roomeffect|video|previewyoutube|store|steamstore|dynamiclink|mention"
)
LONGEST: Final = 64 * 1024
"""Characters of a message that are looked at; Steam sends some thousands at most, whatever a CM may send."""
_TAG: Final = re.compile(
    rf"(?<!\\)\[(?P<name>{_NAMED})(?P<attributes>(?:=|\s)[^\[\]]{{0,4000}})?\](?:(?P<content>[^\[\]]{{0,4000}})\[/(?P=name)\])?",
    re.IGNORECASE,
)
_FORMAT: Final = re.compile(rf"(?<!\\)\[/?(?:{_FORMATS})(?:=[^\[\]]{{0,200}})?\]", re.IGNORECASE)
_LEFT_OPEN: Final = re.compile(rf"(?<!\\)\[/(?:{_NAMED})\]", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r'(\w{1,40})=(?:"([^"]{0,4000})"|(\S{0,4000}))')
_ESCAPED: Final = re.compile(r"\\([\\\[])")
SHOWN: Final[Mapping[str, str]] = {
    "sticker": "sticker",
    "tradeoffer": "trade offer",
    "img": "image",
    "random": "dice roll",
    "flip": "coin flip",
    "roomeffect": "effect",
    "video": "video",
    "previewyoutube": "video",
    "gameinvite": "game invite",
    "lobbyinvite": "game invite",
    "invite": "game invite",
    "broadcastinvite": "broadcast invite",
    "chatroominvite": "group invite",
}
"""What stands in parentheses for a tag, in English: it is a part of the text that is recorded."""


def shown(message: str, plain: str) -> str:
    """What a message says. `message` is BBCode, `plain` Steam's own text (`message_no_bbcode`), which may be empty.

    Steam's text is taken where there is no tag to be named: it leaves them in, or leaves nothing.
    """
    message, plain = message[:LONGEST], plain[:LONGEST]
    source = message or plain
    if _TAG.search(source):
        text = _LEFT_OPEN.sub("", _FORMAT.sub("", _TAG.sub(_named, source)))
        return unescaped(text) if message else text
    return plain or unescaped(_FORMAT.sub("", message))


def unescaped(text: str) -> str:
    """A backslash before a bracket or a backslash is Steam's; before anything else it is the writer's."""
    return _ESCAPED.sub(r"\1", text)


def _named(tag: re.Match[str]) -> str:
    name, content = tag["name"].lower(), (tag["content"] or "").strip()
    attributes = {key.lower(): quoted or bare for key, quoted, bare in _ATTRIBUTE.findall(tag["attributes"] or "")}
    if name == "emoticon":
        return f":{content}:" if content else "(emoticon)"
    link = _LINKS.get(name)
    if link is not None:
        return link(content, attributes, (tag["attributes"] or "").strip())
    detail = attributes.get("result", "") if name in {"random", "flip"} else ""
    words = SHOWN.get(name)
    if words is None:
        return content or f"({name})"
    return f"({words}: {detail[:40]})" if detail else f"({words})"


def _url(content: str, _: Mapping[str, str], attributes: str) -> str:
    address = attributes.removeprefix("=").strip("\"' ")
    if not address or address == content:
        return content or "(link)"
    return f"{content} ({address})" if content else address


def _preview(content: str, attributes: Mapping[str, str], _: str) -> str:
    return attributes.get("url") or content or "(link)"


_LINKS: Final[Mapping[str, Callable[[str, Mapping[str, str], str], str]]] = {"url": _url, "og": _preview}
