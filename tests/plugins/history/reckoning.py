"""A report counted over the lines of a journal by plain code that shares nothing with the archive.

`counted(lines, since, until)` is for tests of the figures; `jq` counts some of them once more, where it is installed.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from kernel.chat_rows import AgentOffReason

ENDED: Final = ("resolved", "failed", "disposed")
STAGES: Final = {
    "task.traded": "traded",
    "task.settled": "settled",
    "task.reversed": "reversed",
    "task.fellThrough": "fellThrough",
}
WHYS: Final = frozenset(AgentOffReason)
PERSONS: Final = ("operator:", "notebook:", "steam:elsewhere")


def counted(lines: Iterable[bytes], since: int, until: int) -> dict[str, Any]:
    """The figures of the time from `since` up to `until`."""
    events = [json.loads(line) for line in lines]
    of_chat = {e["payload"]["chatId"]: e for e in events if e["kind"] == "chat.started"}
    created = {e["payload"]["taskId"]: e for e in events if e["kind"] == "task.created"}
    reached: dict[str, set[str]] = defaultdict(set)
    ended: dict[str, dict[str, Any]] = {}
    chat_of: dict[str, str] = {}
    helped: set[str] = set()
    person: dict[str, str] = {}
    agent: dict[str, str] = {}
    handed: dict[str, str] = {}
    open_chats: set[str] = set()
    came: set[str] = set()
    told: dict[str, tuple[str, str]] = {}
    player_waits: dict[str, int] = {}
    we_wait: dict[str, int] = {}
    answers: dict[str, list[int]] = defaultdict(list)
    deals: dict[str, list[tuple[str, int, str | None]]] = defaultdict(list)

    for e in events:
        kind, p, ts, actor = e["kind"], e["payload"], e["ts"], e["actor"]
        chat, task = p.get("chatId"), p.get("taskId")
        if kind == "friendInvite.sent":
            reached["invited"].add(task)
        elif kind == "friendInvite.accepted":
            reached["accepted"].add(task)
        elif kind == "chat.started":
            open_chats.add(chat)
            if task is not None:
                chat_of[task] = chat
        elif kind == "chat.closed":
            open_chats.discard(chat)
        elif kind == "chat.messageReceived":
            reached["talked"].add(of_chat[chat]["payload"].get("taskId"))
            if chat in open_chats:
                if chat in we_wait:
                    answers["player"].append((ts, max(0, ts - we_wait.pop(chat))))  # type: ignore[arg-type]
                player_waits.setdefault(chat, ts)
        elif kind in ("chat.messageQueued", "chat.messageEchoed"):
            author = p["message"]["author"]
            told[p["message"]["id"]] = chat, author
            if author.startswith(PERSONS):
                helped.add(chat)
                person[chat] = author
        elif kind == "chat.agentToggled":
            if not p["enabled"]:
                handed.setdefault(chat, p["why"] if p.get("why") in WHYS else "other")
            if actor.startswith(PERSONS[:2]):
                helped.add(chat)
                person[chat] = actor
        elif kind.startswith("dialogScript."):
            agent[chat] = f"agent:{p['agent']}"
        elif kind == "task.statusChanged" and p["status"] in ENDED:
            own = chat_of.get(task, "")
            by_hand = actor.startswith(PERSONS[:2])
            caused = "hand" if by_hand else "help" if own in helped else "agent"
            leader = actor if by_hand else person.get(own) if caused == "help" else agent.get(own)
            ended[task] = {
                "ts": ts,
                "status": p["status"],
                "reason": p.get("reason"),
                "price": p.get("agreedPrice"),
                "caused": caused,
                "leader": (leader or "") if own else None,
                "handed": handed.get(own),
            }
        elif kind in STAGES:
            deals[task].append((STAGES[kind], ts, p.get("reason")))
        elif kind == "task.outcomeUndone" and p.get("status") is not None:
            ended.pop(task, None)
            chat_of.pop(task, None)
        elif kind == "task.outcomeUndone":
            was = deals[task]
            deals[task] = was[:1] if was[-1][0] == "reversed" else []
        elif kind == "clock.stepped" or (kind == "clock.resumed" and p["gapMs"] < 0):
            for waiting in (player_waits, we_wait):
                for one in [one for one in waiting if one in open_chats]:
                    at = waiting[one]
                    by = p["gapMs"] if kind == "clock.resumed" else p["byMs" if at >= p["runBegan"] else "earlierByMs"]
                    waiting[one] = at + by
        line = None
        if kind in ("chat.messageSent", "chat.messageEchoed"):
            line = p["messageId"] if kind == "chat.messageSent" else p["message"]["id"]
        if line is not None and line not in came:
            came.add(line)
            author = told[line][1]
            if chat in open_chats:
                if chat in player_waits:
                    answers[author].append((ts, max(0, ts - player_waits.pop(chat))))  # type: ignore[arg-type]
                we_wait[chat] = ts

    cohort = {task for task, e in created.items() if since <= e["ts"] < until}
    over = {task: end for task, end in ended.items() if since <= end["ts"] < until}
    resolved = {task: end for task, end in over.items() if end["status"] == "resolved"}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    items: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [0, Decimal(0), Counter()])

    def made(task: str) -> dict[str, Any]:
        found: dict[str, Any] = created[task]["payload"]
        return found

    for task, end in resolved.items():
        about = made(task)
        amount = Decimal(end["price"]) if end["price"] is not None else Decimal(0)
        sums[about["currency"]] += amount
        item = items[about["item"], about["currency"]]
        item[0] += 1
        item[1] += amount
        low, high = Decimal(about["priceMin"]), Decimal(about["priceMax"])
        if end["price"] is not None and high > low:
            item[2][min(19, int((amount - low) * 20 // (high - low)))] += 1
    stage_of = {task: came[-1][0] for task, came in deals.items() if came}
    reached_deal = {
        "traded": {task for task, stage in stage_of.items() if stage != "fellThrough"},
        **{name: {t for t, stage in stage_of.items() if stage == name} for name in ("settled", "reversed")},
        "fell_through": {task for task, stage in stage_of.items() if stage == "fellThrough"},
    }
    came_at: dict[str, list[str]] = defaultdict(list)
    for task, came_to in deals.items():
        for stage, at, _ in came_to:
            stands = stage in ("traded", "fellThrough") or stage == stage_of[task]
            if stands and since <= at < until:
                came_at[stage].append(task)

    def money(tasks: Iterable[str]) -> dict[str, Decimal]:
        total: dict[str, Decimal] = defaultdict(Decimal)
        for task in tasks:
            total[created[task]["payload"]["currency"]] += Decimal(ended[task]["price"] or 0)
        return dict(total)

    def by_stage(tasks: set[str]) -> dict[str, int]:
        return {name: len(tasks & reached_deal[name]) for name in reached_deal}

    return {
        **{name: len(cohort & reached_deal[name]) for name in reached_deal},
        "dealSums": {name: money(resolved.keys() & reached_deal[name]) for name in reached_deal},
        "causeDeals": {
            cause: by_stage({task for task, end in over.items() if end["caused"] == cause})
            for cause in ("agent", "help", "hand")
        },
        "leaderDeals": {
            leader: by_stage({task for task, end in over.items() if end["leader"] == leader})
            for leader in {end["leader"] for end in over.values() if end["leader"] is not None}
        },
        "itemDeals": {
            key: by_stage({t for t in resolved if (made(t)["item"], made(t)["currency"]) == key}) for key in items
        },
        "handedEnds": {
            why: Counter(end["status"] for end in over.values() if end["handed"] == why)
            for why in {end["handed"] for end in over.values() if end["handed"]}
        },
        "handedDeals": {
            why: by_stage({task for task, end in over.items() if end["handed"] == why})
            for why in {end["handed"] for end in over.values() if end["handed"]}
        },
        "fallthroughs": Counter(deals[task][-1][2] for task in resolved.keys() & reached_deal["fell_through"]),
        "outcomes": {stage: (len(tasks), money(tasks)) for stage, tasks in came_at.items()},
        "created": len(cohort),
        "invited": len(cohort & reached["invited"]),
        "accepted": len(cohort & reached["accepted"]),
        "already": len(cohort & reached["accepted"] - reached["invited"]),
        "talked": len(cohort & reached["talked"]),
        "agreed": len({task for task in cohort if ended.get(task, {}).get("status") == "resolved"}),
        "open": len(cohort - ended.keys()),
        "ended": len(over),
        "sums": dict(sums),
        "items": {key: (n, total, dict(places)) for key, (n, total, places) in items.items()},
        "failures": Counter(end["reason"] for end in over.values() if end["status"] == "failed"),
        "causes": Counter((end["caused"], end["status"]) for end in over.values()),
        "handovers": Counter(end["handed"] for end in over.values() if end["handed"]),
        "leaders": Counter(end["leader"] for end in over.values() if end["leader"] is not None),
        "answers": {
            who: spans
            for who, found in answers.items()
            if (spans := [span for ts, span in found if since <= ts < until])  # type: ignore[misc, has-type]
        },
        "unanswered": sum(since <= at < until for at in player_waits.values()),
        "unheard": sum(since <= at < until for at in we_wait.values()),
    }


JQ: Final = r"""
map(select(.kind == "task.created" and .ts >= $since and .ts < $until) | .payload.taskId) as $cohort
| (map(select(.kind == "friendInvite.sent") | .payload.taskId) | unique) as $invited
| (map(select(.kind == "chat.started" and .payload.taskId != null)
    | {key: .payload.chatId, value: .payload.taskId}) | from_entries) as $about
| (map(select(.kind == "chat.messageReceived") | $about[.payload.chatId]) | unique) as $talked
| (map(select(.kind == "task.outcomeUndone" and .payload.status != null)
    | {key: .payload.taskId, value: .seq}) | from_entries) as $undone
| map(select(.kind == "task.statusChanged" and .seq > ($undone[.payload.taskId] // 0)
    and .ts >= $since and .ts < $until) | .payload) as $moved
| (reduce .[] as $e ({}; $e.payload.taskId as $of
    | if $e.kind == "task.traded" or $e.kind == "task.settled" or $e.kind == "task.reversed"
        or $e.kind == "task.fellThrough" then .[$of] = ($e.kind | ltrimstr("task."))
      elif $e.kind == "task.outcomeUndone" and $e.payload.status == null
        then (if .[$of] == "reversed" then .[$of] = "traded" else del(.[$of]) end)
      else . end)
    | to_entries | map(select(.key as $of | $cohort | index($of)) | .value)) as $deals
| {
    created: ($cohort | length),
    deals: ($deals | group_by(.) | map({key: .[0], value: length}) | from_entries),
    invited: ($cohort - ($cohort - $invited) | length),
    talked: ($cohort - ($cohort - $talked) | length),
    failures: ($moved | map(select(.status == "failed") | .reason // "")
      | group_by(.) | map({key: .[0], value: length}) | from_entries)
  }
"""


def by_jq(lines: Iterable[bytes], since: int, until: int) -> dict[str, Any]:
    """Some of the figures, counted by jq."""
    options = ["--argjson", "since", str(since), "--argjson", "until", str(until)]
    ran = subprocess.run(
        ["jq", "--slurp", "--compact-output", *options, JQ], input=b"".join(lines), capture_output=True, check=True
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found
