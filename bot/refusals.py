"""What Slack's refusals say, whoever really answered: a proxy's page is no word of Slack's."""

from collections.abc import Mapping
from datetime import timedelta

from slack_sdk.errors import SlackApiError

_LONGEST_WAIT_SECONDS = 3600


def error_code(error: SlackApiError) -> str:
    """Slack's word for why it refused; empty where the answer has none, so that it says nothing for good."""
    # Of an answer that is no JSON slack_sdk hands on aiohttp's response, which has no such thing.
    said = getattr(error.response, "data", error.response)
    code = said.get("error") if isinstance(said, Mapping) else None
    return code if isinstance(code, str) else ""


def retry_after(error: SlackApiError) -> timedelta | None:
    """How long the answer asks to wait, at most an hour; None where it does not say."""
    headers = getattr(error.response, "headers", None) or {}
    said = next((str(v) for k, v in headers.items() if k.lower() == "retry-after"), "")
    return timedelta(seconds=min(int(said), _LONGEST_WAIT_SECONDS)) if said.isdecimal() else None
