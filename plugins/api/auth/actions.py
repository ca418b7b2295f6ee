"""The names of audited actions that are not commands."""

from __future__ import annotations

from enum import StrEnum

# ruff: noqa: S105 - these are names of actions; none is a password or a token


class Action(StrEnum):
    SIGN_IN = "SignIn"
    SIGN_IN_BY_LINK = "SignInByLink"
    SIGN_OUT = "SignOut"
    SIGN_OUT_EVERYWHERE = "SignOutEverywhere"
    CHOOSE_PASSWORD = "ChoosePassword"
    CHANGE_PASSWORD = "ChangePassword"
    ADD_OPERATOR = "AddOperator"
    INVITE_OPERATOR = "InviteOperator"
    SET_ROLE = "SetRole"
    SET_PASSWORD = "SetPassword"
    SIGN_OUT_OPERATOR = "SignOutOperator"
    DISABLE_OPERATOR = "DisableOperator"
    ENABLE_OPERATOR = "EnableOperator"
    REMOVE_OPERATOR = "RemoveOperator"
    PROVE = "Prove"
    """A fresh proof of a person who is signed in (step-up)."""
    USE_RECOVERY_CODE = "UseRecoveryCode"
    SET_SECOND_FACTOR = "SetSecondFactor"
    REMOVE_SECOND_FACTOR = "RemoveSecondFactor"
    ADD_KEY = "AddKey"
    REMOVE_KEY = "RemoveKey"
    RENEW_RECOVERY_CODES = "RenewRecoveryCodes"
    RESET_SECOND_FACTOR = "ResetSecondFactor"
    """Of somebody else, who has lost it; at the command line too."""
    CREATE_TOKEN = "CreateToken"
    REVOKE_TOKEN = "RevokeToken"
    EXPORT_AUDIT = "ExportAudit"
    EXPORT_DIAGNOSIS = "ExportDiagnosis"
    LIFT_BLOCK = "LiftBlock"
    """At the command line; over HTTP it is a command of that name."""
