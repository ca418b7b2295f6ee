"""What operators do among themselves on the stage."""

from __future__ import annotations

from typing import Any, Final

from kernel.codes import DoubtReason
from kernel.events import (
    CannedReplyRemoved,
    CannedReplySaved,
    ChatAssigned,
    ChatMentionRead,
    ChatMessageFailed,
    ChatNoteAdded,
    ChatNoteRemoved,
    ChatRead,
    ChatSnoozed,
    ChatUnsnoozed,
    OperatorCaughtUp,
)
from kernel.ids import new_note_id, new_reply_id
from webui.tools.scene.script import Script

COMMANDS: Final = frozenset(
    {
        "AddNote",
        "RemoveNote",
        "MarkRead",
        "MarkAllRead",
        "SaveCannedReply",
        "RemoveCannedReply",
        "RetryMessage",
        "DiscardMessage",
        "SnoozeChat",
        "UnsnoozeChat",
        "AssignChat",
        "MarkMentionRead",
    }
)
REPLIES: Final = (
    ("Price", "For your {item} we can pay from {priceMin} to {priceMax} {currency}, today."),
    ("Цена", "За {item} можем заплатить от {priceMin} до {priceMax} {currency}, сегодня же."),
    ("Agreed", "So we agree on {agreedPrice} {currency}. {operator} will send you the trade offer from {bot}."),
    ("Thanks", "Thank you, and have a nice day!"),
)
NOTES: Final = (
    "Sold us a knife in March, quick and friendly.",
    "Asks for payment by card. We do not do that: offer the usual way.\nIf that is a problem, ask Dima.",
    "Просит подождать до вечера, вернуться к нему после 20:00.",
)


def arrive(script: Script, me: str) -> None:
    """Before anything else happens: all that comes is to be read."""
    script.write(OperatorCaughtUp(), me)


def open_shop(script: Script) -> None:
    """What the team has kept before the curtain rises."""
    for title, text in REPLIES:
        script.write(CannedReplySaved(reply_id=new_reply_id(), title=title, text=text), "operator:anna")
    for number, chat in enumerate(list(script.state.chats.values())):
        for text in NOTES[: number % 7 % 4] if number % 7 < 4 else ():
            script.write(ChatNoteAdded(chat_id=chat.id, note_id=new_note_id(), text=text), "operator:борис")


def who_is_here(script: Script) -> list[dict[str, Any]]:
    """Boris writes in the first of his chats, and Vera looks at it too; Gleb has gone for coffee."""
    chats = [chat.id for chat in script.state.chats.values() if chat.owner == "operator:борис"]
    pages: tuple[tuple[str, bool, list[Any], Any], ...] = (
        ("operator:борис", True, chats[:3], chats[0] if chats else None),
        ("operator:vera", True, chats[:1], None),
        ("operator:gleb", False, [], None),
    )
    fields = ("page", "actor", "here", "chats", "typing")
    return [dict(zip(fields, (str(number), *page), strict=True)) for number, page in enumerate(pages)]


def carry_out(script: Script, kind: str, payload: dict[str, Any], me: str) -> dict[str, str] | None:
    """The answer's error, if there is one."""
    chat_id = payload.get("chatId", "")
    if kind == "AddNote":
        script.write(ChatNoteAdded(chat_id=chat_id, note_id=new_note_id(), text=payload["text"]), me)
    elif kind == "RemoveNote":
        script.write(ChatNoteRemoved(chat_id=chat_id, note_id=payload["noteId"]), me)
    elif kind == "MarkRead":
        script.write(ChatRead(chat_id=chat_id, up_to=payload["upTo"]), me)
    elif kind == "SnoozeChat":
        script.write(ChatSnoozed(chat_id=chat_id, until=payload["until"]), me)
    elif kind == "UnsnoozeChat":
        script.write(ChatUnsnoozed(chat_id=chat_id), me)
    elif kind == "MarkMentionRead":
        script.write(ChatMentionRead(chat_id=chat_id), me)
    elif kind == "AssignChat":
        note_id = new_note_id() if payload.get("note") else None
        if note_id is not None:
            script.write(ChatNoteAdded(chat_id=chat_id, note_id=note_id, text=payload["note"]), me)
        script.write(ChatAssigned(chat_id=chat_id, to=payload["to"], note_id=note_id), me)
    elif kind == "MarkAllRead":
        script.write(OperatorCaughtUp(), me)
    elif kind == "RemoveCannedReply":
        script.write(CannedReplyRemoved(reply_id=payload["replyId"]), me)
    elif kind == "RetryMessage":
        failed = script.state.chats[chat_id].message(payload["messageId"])
        if failed is None or failed.retried_as is not None:
            return {"code": "alreadyRetried", "message": "This has been sent again already."}
        script.answer(chat_id, me, failed.text, retry_of=failed.id)
    elif kind == "DiscardMessage":
        gone = ChatMessageFailed(
            chat_id=chat_id,
            message_id=payload["messageId"],
            reason=DoubtReason.DISCARDED_IN_DOUBT,
            detail=f"It may or may not have arrived; {me} left it at that.",
        )
        script.write(gone, me)
    else:
        titles = {reply.title.casefold(): reply.id for reply in script.state.replies.values()}
        if titles.get(payload["title"].casefold(), payload.get("replyId")) != payload.get("replyId"):
            text = f"There is a canned reply “{payload['title']}” already; give this one another title."
            return {"code": "titleTaken", "message": text, "field": "title"}
        reply_id = payload.get("replyId") or new_reply_id()
        script.write(CannedReplySaved(reply_id=reply_id, title=payload["title"], text=payload["text"]), me)
    return None
