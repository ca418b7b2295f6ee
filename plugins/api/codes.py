"""The codes that the API gives."""

from __future__ import annotations

from kernel.codes import RefusalCode


class ApiRefusal(RefusalCode):
    """What a request is refused for before a command comes of it."""

    UNAUTHORIZED = "unauthorized"
    DISABLED = "disabled"
    BAD_CREDENTIALS = "badCredentials"
    BAD_LINK = "badLink"
    WEAK_PASSWORD = "weakPassword"  # noqa: S105 - a code, not a password
    NAME_TAKEN = "nameTaken"
    INVALID_NAME = "invalidName"
    INVALID_FORM = "invalidForm"
    CHANGED_MEANWHILE = "changedMeanwhile"
    LAST_ADMIN = "lastAdmin"
    NO_SUCH_OPERATOR = "noSuchOperator"
    NO_SUCH_TOKEN = "noSuchToken"  # noqa: S105 - a code, not a password
    FILE_UNREADABLE = "fileUnreadable"
    DATA_FOLDER_GONE = "dataFolderGone"
    NOT_SIGNED_IN = "notSignedIn"
    NOT_SIGNED_IN_BY_PASSWORD = "notSignedInByPassword"  # noqa: S105 - a code, not a password
    TOO_MANY_ATTEMPTS = "tooManyAttempts"
    BUSY = "busy"
    CROSS_SITE = "crossSite"
    WRONG_HOST = "wrongHost"
    TOO_MANY_REQUESTS = "tooManyRequests"
    TOO_MANY_COMMANDS = "tooManyCommands"
    TOO_LARGE = "tooLarge"
    BODY_TIMEOUT = "bodyTimeout"
    INTERNAL = "internal"
    INVALID_ENVELOPE = "invalidEnvelope"
    ROLE_TOO_LOW = "roleTooLow"
    BAD_REQUEST = "badRequest"
    NOT_FOUND = "notFound"
    METHOD_NOT_ALLOWED = "methodNotAllowed"
    NOT_JSON = "notJson"
    INVALID_HOST = "invalidHost"
    NO_JOURNAL = "noJournal"
    INVALID_FILTER = "invalidFilter"
    TOO_MANY_STREAMS = "tooManyStreams"
    INVALID_PAGE = "invalidPage"
    UNKNOWN_PAGE = "unknownPage"
    INVALID_PRESENCE = "invalidPresence"
    NOT_BLOCKED = "notBlocked"
    INVALID_DAYS = "invalidDays"
    BAD_CODE = "badCode"
    CODE_USED = "codeUsed"
    CLOCK_OFF = "clockOff"
    SIGN_IN_EXPIRED = "signInExpired"
    PROOF_NEEDED = "proofNeeded"
    SECOND_FACTOR_OFF = "secondFactorOff"
    SECOND_FACTOR_REQUIRED = "secondFactorRequired"
    NO_SECOND_FACTOR = "noSecondFactor"
    NOT_BEGUN = "notBegun"
