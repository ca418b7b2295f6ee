"""What operators have done to tasks and bots, and to the words that end a contact, on the stage."""

from __future__ import annotations

from typing import Any, Final

from kernel import events as e
from kernel.rows import InviteRefusal, Player, TaskStatus
from plugins.tasks.codes import StandingReason
from webui.tools.scene import extremes
from webui.tools.scene.script import Script

COMMANDS: Final = frozenset(
    {
        "CreateTask",
        "DisposeTask",
        "AllowInvite",
        "ReconnectBot",
        "AddStopWord",
        "RemoveStopWord",
        "StageTrouble",
        "StageArchive",
    }
)


def carry_out(script: Script, kind: str, payload: dict[str, Any], me: str) -> dict[str, str] | None:
    """The answer's error, if there is one."""
    state = script.state
    if kind == "CreateTask":
        return _refuse(state.players.get(payload["playerSteamId64"]))
    if kind == "AllowInvite":
        script.write(e.PlayerInviteAllowed(player=payload["playerSteamId64"]), me)
    elif kind == "DisposeTask":
        task = state.tasks[payload["taskId"]]
        if not task.is_open:
            text = f"Task {task.id} has ended already: it is {task.status}."
            return {"code": "taskEnded", "message": text, "field": "taskId"}
        detail = payload.get("reason") or "Put away, with no reason given."
        script.write(
            e.TaskStatusChanged(
                task_id=task.id, status=TaskStatus.DISPOSED, reason=StandingReason.DISPOSED, detail=detail
            ),
            me,
        )
        if task.chat_id is not None:
            script.write(e.ChatClosed(chat_id=task.chat_id, reason=StandingReason.DISPOSED))
    elif kind == "ReconnectBot":
        script.write(e.BotConnecting(bot_id=payload["botId"]))
    elif kind == "StageTrouble":
        extremes.trouble(script)
    elif kind == "StageArchive":
        script.archive()
    elif kind == "AddStopWord":
        word = " ".join(payload["word"].split()).casefold()
        if word in state.contact.stop_words:
            return {"code": "stopWordExists", "message": f"“{word}” counts as a stop already.", "field": "word"}
        script.write(e.StopWordAdded(word=word), me)
    else:
        script.write(e.StopWordRemoved(word=payload["word"]), me)
    return None


def _refuse(player: Player | None) -> dict[str, str]:
    """No task begins on the stage; the reasons are true to life."""
    field = "playerSteamId64"
    if player is not None and player.invite_refusal is InviteRefusal.IN_DOUBT:
        text = f"{player.steam_id64} may have seen an invite before and declined it. Look at their profile."
        return {"code": "inviteInDoubt", "message": text, "field": field}
    return {"code": "playerBusy", "message": "Another bot is talking with this player.", "field": field}
