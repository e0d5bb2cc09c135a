"""What follows `/rlcost digest`, or a mention about digests, becomes one request. Pure: no clock, no network.

    markup -> thresholds -> times -> zones -> days -> models -> words

Each step takes what it knows out of the text. What is left in the end must be a word without weight; anything else is
a problem that names it, so that nothing is ever read as something else than was meant.
"""

from bot.digest_requests.channels import channel_in
from bot.digest_requests.models import models_in
from bot.digest_requests.request import EXAMPLE, DigestAction, DigestRequest
from bot.digest_requests.said import MOST_PROBLEMS, Said
from bot.digest_requests.thresholds import thresholds_in
from bot.digest_requests.times import days_in, time_in, zone_in
from bot.digest_requests.words import action_in
from bot.requests.normalise import LONGEST_TEXT, normalise
from pricing.catalogue import Catalogue

__all__ = ["EXAMPLE", "DigestAction", "DigestRequest", "read_digest"]


def read_digest(text: str, catalogue: Catalogue) -> DigestRequest:
    """Read a text as Slack sends it, with its escaping. Never raises: what cannot be read is in the problems."""
    if len(text) > LONGEST_TEXT:
        return DigestRequest(
            problems=(f"That is {len(text):,} characters; write it as `{EXAMPLE}`.",)
        )
    said = Said(text)
    channel = channel_in(said)
    said.rest = normalise(said.rest)
    percent, usd = thresholds_in(said)
    at = time_in(said)
    zone = zone_in(said)
    cadence, weekday = days_in(said)
    models = models_in(said, catalogue)
    action = action_in(said)
    return DigestRequest(
        action=action,
        channel_id=channel[0],
        channel_name=channel[1],
        cadence=cadence,
        at=at,
        weekday=weekday,
        zone=zone,
        models=models,
        over_percent=percent,
        over_usd=usd,
        problems=tuple(dict.fromkeys(said.problems))[:MOST_PROBLEMS],
    )
