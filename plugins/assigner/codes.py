"""The codes that the assigner gives."""

from __future__ import annotations

from kernel.codes import TaskReason


class AssignerReason(TaskReason):
    """Why a task has no bot yet."""

    NO_BOT_CONNECTED = "noBotConnected"
    BOTS_BUSY = "botsBusy"
