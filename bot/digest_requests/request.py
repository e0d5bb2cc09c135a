"""What is asked about digests, once it is read."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.schedule import Cadence

EXAMPLE = "subscribe weekly on mondays at 09:00 Europe/Berlin kimi-k2p6 over 5%"


class DigestAction(StrEnum):
    """What is to be done about a channel's digest."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    LIST = "list"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRequest:
    """What was asked about digests; None is what was not said, and no action asks for the panel.

    `channel_id` None is the channel in which it was asked. `at` is `HH:MM`, `weekday` counts from Monday 0, `zone` is
    an IANA name, `models` are keys. Nothing is to be done where there are problems; each says in a sentence what was
    found, and what to type.
    """

    action: DigestAction | None = None
    channel_id: str | None = None
    channel_name: str | None = None
    cadence: Cadence | None = None
    at: str | None = None
    weekday: int | None = None
    zone: str | None = None
    models: tuple[str, ...] = ()
    over_percent: Decimal | None = None
    over_usd: Decimal | None = None
    problems: tuple[str, ...] = ()
