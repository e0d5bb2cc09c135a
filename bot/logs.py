"""Logs on the standard library: one format, no secrets, and nothing that a user typed."""

import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError

from bot.refusals import error_code

logger = logging.getLogger(__name__)

# Below warnings these tell bodies of requests, tokens and statements.
_CHATTY = ("slack_bolt", "slack_sdk", "aiohttp.access", "sqlalchemy")
_OURS = ("bot", "pricing")

# Digits and capitals that are not taken for one another when read aloud, and make no words.
_REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
_REFERENCE_LENGTH = 8

# Of a deep recursion or a long chain of causes the first few tell as much as a thousand.
_FRAMES = 50
_CAUSES = 20

_REDACTED = "[redacted]"
_ESCAPES = r"\\{0,4}"  # JSON in JSON, and what repr() makes of it
_SLASH = rf"(?:{_ESCAPES}/|%2F)"
_TEAM = r"(?-i:[TE][A-Z0-9]+)"
_REST = r"[^\s\"'<>]*"
_SECRETS = re.compile(
    "|".join(
        (
            rf"(?:https?(?::|%3A){_SLASH}{{2}})?hooks\.slack(?:-gov)?\.com{_REST}",
            rf"{_SLASH}(?:actions|commands|services|triggers){_SLASH}{_TEAM}{_SLASH}{_REST}",
            rf"https?(?::|%3A){_SLASH}{{2}}[^\s\"'<>/\\%]+{_SLASH}workflows{_SLASH}{_REST}",
            r"(?:xox[a-z]\.)?(?:xox[a-z]|xapp|xwfp)-[\w.%+/=-]+",
            r"(?<=://)[^\s/:@]*:[^\s/@]+(?=@)",  # a password in a URL
            r"(?<![\w.])\d{6,}\.\d{6,}\.[0-9a-f]{16,}",  # a trigger id
            rf"wss?(?::|%3A){_SLASH}{{2}}{_REST}",  # a socket's address is its ticket
            r"(?<=[?&])(?:code|state|ticket)=[^\s&\"'<>]+",  # of an installation or a socket
            r"v0=[0-9a-f]{8,}",  # a signature
            r"gAAAA[\w=-]+",  # what Fernet encrypted
            r"(?<![\w+/-])[\w-]{43}=(?![\w=])",  # a Fernet key
        )
    ),
    re.ASCII | re.IGNORECASE,
)
# What is secret by its name, in any of the ways that Python, JSON and forms write a pair.
_NAMED_SECRETS = re.compile(
    r"((?:trigger_id|response_url|client_secret|signing_secret|(?:access|refresh)_token)"
    rf"{_ESCAPES}[\"']?\s*[=:]\s*{_ESCAPES}[\"']?)[^\s\"'\\&,}})]+"
)

_INVISIBLE = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) != "\n"
}
_INVISIBLE |= {code: f"\\u{code:04x}" for code in (0x2028, 0x2029)}


def configure(stream: TextIO | None = None, *, level: int | str) -> None:
    """Write our records from a level on, and everyone else's warnings, to a stream (stderr).

    A second call replaces what the first one set. The root stays at warnings, since Bolt copies its
    level into loggers that it names after the program.
    """
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    others = max(logging.WARNING, logger.getEffectiveLevel())
    for name in ("", *_CHATTY):
        logging.getLogger(name).setLevel(others)
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Handler)]:
        root.removeHandler(handler)
    root.addHandler(_Handler(stream or sys.stderr))


def redact(text: str) -> str:
    """A text without tokens, keys, signatures, trigger ids and URLs that let anyone post."""
    return _NAMED_SECRETS.sub(rf"\1{_REDACTED}", _SECRETS.sub(_REDACTED, text))


def log_fault(error: BaseException, *, where: str) -> str:
    """Log a fault of ours under a short reference, which a user can be given, and return that.

    Of the exception and its causes only types and frames are told: a message may quote what a user
    typed. Of what Slack refused the error code, the status and the method are told too.
    """
    reference = "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(_REFERENCE_LENGTH))
    logger.error("fault %s in %s\n%s", reference, where, redact(_told(error)))
    return reference


def _told(error: BaseException) -> str:
    """An exception, its causes and its group's members: types and frames, and no message."""
    return "\n".join(line for part in _chain(error, "", set()) for line in part)


def _chain(error: BaseException, how: str, seen: set[int]) -> Iterator[list[str]]:
    if id(error) in seen or len(seen) >= _CAUSES:
        return
    seen.add(id(error))
    frames = traceback.extract_tb(error.__traceback__, limit=-_FRAMES).format()
    yield [f"{how}{_name(error)}", *(frame.rstrip("\n") for frame in frames)]
    if error.__cause__:
        yield from _chain(error.__cause__, "caused by ", seen)
    elif error.__context__ and not error.__suppress_context__:
        yield from _chain(error.__context__, "while handling ", seen)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _chain(member, "one of its exceptions: ", seen)


def _name(error: BaseException) -> str:
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    return f"{name} ({_refusal(error)})" if isinstance(error, SlackApiError) else name


def _refusal(error: SlackApiError) -> str:
    """What Slack answered, in its own few words: the code, the HTTP status and the method."""
    response = error.response
    code = error_code(error)
    # Slack's codes are words; anything else may be what it was sent.
    pieces = [code if re.fullmatch(r"[a-z0-9_]{1,60}", code) else "no error code"]
    status, url = getattr(response, "status_code", None), getattr(response, "api_url", None)
    if isinstance(status, int):
        pieces.append(f"HTTP {status}")
    if isinstance(url, str):
        pieces.append(urlsplit(url).path)
    return ", ".join(pieces)


class _Formatter(logging.Formatter):
    """UTC time, level, logger and message; what follows on further lines is indented.

    Without the indent, or with invisible characters, a message could pass for a record.
    """

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if error:
            text += "\n" + _told(error)
        if record.stack_info:
            text += "\n" + record.stack_info
        head = f"{time.replace('+00:00', 'Z')} {record.levelname} {record.name}"
        return f"{head} {redact(text)}".translate(_INVISIBLE).replace("\n", "\n    ")


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to one stream; a record that cannot be formatted is named and not shown."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setFormatter(_Formatter())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """The standard handler would print the arguments as they are."""
        with suppress(OSError, ValueError):
            self.stream.write(
                f"a record of {record.name} at line {record.lineno} was not written\n"
            )
