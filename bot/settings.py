"""What whoever runs the bot sets in its environment, checked once when it starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.addresses import url_fault

DEFAULT_API_URL = "https://slack.com/api/"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = "3000"
DEFAULT_DATABASE_URL = "sqlite:///rlcost.db"

_HIGHEST_PORT = 65_535

_CLIENT = {"SLACK_CLIENT_ID": "client_id", "SLACK_CLIENT_SECRET": "client_secret"}

# Longest first, since a token that expires begins with another's prefix.
_TOKEN_KINDS = {
    "xoxe.xoxb-": "a bot token that expires",
    "xoxe.xoxp-": "a user token that expires",
    "xoxe-": "a refresh token",
    "xoxb-": "a bot token",
    "xoxp-": "a user token",
    "xapp-": "an app-level token",
    "xwfp-": "a workflow token",
}
_TOKEN = re.compile(r"[A-Za-z0-9.-]+")
_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
_MAKE_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


class SettingsError(Exception):
    """A setting is missing or wrong: which one, and what to put there. It quotes no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """The app's own credentials, with which workspaces install it."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the environment decides.

    Either `bot_token` is set, for one workspace, or `oauth`, for many. `signing_secret` is set
    wherever Slack calls us over HTTP, `app_token` in Socket Mode alone. The first of `token_keys`
    encrypts, and all of them decrypt. A database URL may hold a password, so it is a secret too.
    `reviewers` are the people who decide on changes of rates, by user id.
    """

    bot_token: str | None = field(repr=False)
    oauth: OAuthClient | None
    token_keys: tuple[str, ...] = field(repr=False)
    signing_secret: str | None = field(repr=False)
    app_token: str | None = field(repr=False)
    api_url: str
    host: str
    port: int
    database_url: str = field(repr=False)
    reviewers: tuple[str, ...] = ()


def settings_from(environ: Mapping[str, str], *, socket: bool) -> Settings:
    """The settings of a bot that Slack calls over HTTP, or that listens in Socket Mode.

    A variable that is empty is not set. Raises SettingsError for the first that is at fault.
    """
    said = {name: value.strip() for name, value in environ.items() if value.strip()}
    oauth = _oauth(said)
    return Settings(
        bot_token=None if oauth else _token(said, "SLACK_BOT_TOKEN", "xoxb-"),
        oauth=oauth,
        token_keys=_token_keys(said, needed=oauth is not None),
        signing_secret=_signing_secret(said, needed=not socket),
        app_token=_app_token(said) if socket else None,
        api_url=_api_url(said.get("SLACK_API_URL", DEFAULT_API_URL)),
        host=said.get("HOST", DEFAULT_HOST),
        port=_port(said.get("PORT", DEFAULT_PORT)),
        database_url=said.get("RLCOST_DATABASE_URL", DEFAULT_DATABASE_URL),
        reviewers=_reviewers(said.get("RLCOST_REVIEWERS", "")),
    )


def _oauth(said: Mapping[str, str]) -> OAuthClient | None:
    """The credentials for many workspaces; None where a bot token says that it is one."""
    found = [name for name in _CLIENT if name in said]
    if "SLACK_BOT_TOKEN" in said:
        if found:
            raise SettingsError(
                f"SLACK_BOT_TOKEN and {found[0]} are both set; keep the bot token for one "
                f"workspace, or {' and '.join(_CLIENT)} for many"
            )
        return None
    if not found:
        raise SettingsError(
            "SLACK_BOT_TOKEN is not set; set it (xoxb-…) for one workspace, or "
            f"{' and '.join(_CLIENT)} for many"
        )
    for name in _CLIENT:
        if name not in said:
            raise SettingsError(
                f"{name} is not set, though {found[0]} is; copy it from the app's Basic "
                "Information page"
            )
    return OAuthClient(**{key: said[name] for name, key in _CLIENT.items()})


def _token(said: Mapping[str, str], name: str, prefix: str) -> str:
    token = said[name]
    wanted = f"put {_TOKEN_KINDS[prefix]} there, which begins with {prefix}"
    if not token.startswith(prefix):
        raise SettingsError(f"{name} holds {_kind(token)}; {wanted}")
    if token == prefix or not _TOKEN.fullmatch(token):
        raise SettingsError(f"{name} holds a token that is cut short or garbled; {wanted}")
    return token


def _kind(token: str) -> str:
    for prefix, kind in _TOKEN_KINDS.items():
        if token.startswith(prefix):
            return f"{kind} ({prefix}…)"
    return "something that is no Slack token"


def _app_token(said: Mapping[str, str]) -> str:
    if "SLACK_APP_TOKEN" not in said:
        raise SettingsError(
            "SLACK_APP_TOKEN is not set; Socket Mode needs an app-level token (xapp-…) with the "
            "scope connections:write"
        )
    return _token(said, "SLACK_APP_TOKEN", "xapp-")


def _signing_secret(said: Mapping[str, str], *, needed: bool) -> str | None:
    if needed and "SLACK_SIGNING_SECRET" not in said:
        raise SettingsError(
            "SLACK_SIGNING_SECRET is not set; copy the signing secret from the app's Basic "
            "Information page, or use Socket Mode"
        )
    return said.get("SLACK_SIGNING_SECRET")


def _token_keys(said: Mapping[str, str], *, needed: bool) -> tuple[str, ...]:
    name = "RLCOST_TOKEN_KEYS"
    if name not in said:
        if needed:
            raise SettingsError(
                f"{name} is not set; workspaces' tokens are kept encrypted, so put a key "
                f"there, made by: {_MAKE_KEY}"
            )
        return ()
    keys = tuple(key.strip() for key in said[name].split(","))
    for number, key in enumerate(keys, start=1):
        if not _FERNET_KEY.fullmatch(key):
            raise SettingsError(
                f"{name} holds no Fernet key as key {number} of {len(keys)}; separate keys by "
                f"commas, and make one by: {_MAKE_KEY}"
            )
    return keys


def _reviewers(text: str) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in text.split(",") if part.strip())
    for user in ids:
        if not _USER.fullmatch(user):
            raise SettingsError(
                f"RLCOST_REVIEWERS holds {user!r}, which is no user id; copy ids such as U012AB3CD from "
                "people's profiles, separated by commas"
            )
    return tuple(dict.fromkeys(ids))


def _api_url(text: str) -> str:
    """Where the Web API answers, ending in the slash that the SDK expects."""
    fault = url_fault(text)
    if fault:
        raise SettingsError(
            f"SLACK_API_URL {fault}; put an https URL there, such as {DEFAULT_API_URL}, or "
            "http for this machine alone"
        )
    return text if text.endswith("/") else f"{text}/"


def _port(text: str) -> int:
    """A port to listen on; 0 lets the system choose one."""
    # Digits alone: int() would take signs, underscores and other scripts' digits too.
    if re.fullmatch(r"[0-9]{1,5}", text) and int(text) <= _HIGHEST_PORT:
        return int(text)
    raise SettingsError(f"PORT is {text!r}; put a whole number from 0 to {_HIGHEST_PORT} there")
