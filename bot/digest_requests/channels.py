"""Which channel is meant, out of Slack's markup."""

import re

from bot.digest_requests.said import Said, quote, quoted

_COMMAND = re.compile(
    r"^\s*(?:(?:hey|hi|hello)?[\s,]*<@[UWB]\w*(?:\|[^<>]*)?>[\s,:]*)?(?:/?rlcost\b\s*)?",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"<#([CGD]\w+)(?:\|([^<>]*))?>")
_OTHER_MARKUP = re.compile(r"<[@!#]([^<>|]*)(?:\|[^<>]*)?>|(?<![\w/])@[^\W\d][\w.-]*")
_LINK = re.compile(r"<(?:https?://|mailto:|tel:)[^<>|]*>|(?<![\w<|])(?:https?://|www\.)[^\s<>|]+")
_PLAIN_CHANNEL = re.compile(r"(?<![\w&/])#[^\s<>|,;]*\w")
_THIS_CHANNEL = re.compile(r"\b(?:this channel|here)\b", re.IGNORECASE)
_AT_SIGN = re.compile(r"(?<!\S)@\s?(?=\d)")


def channel_in(said: Said) -> tuple[str | None, str | None]:
    """The channel that is named, with its id; read before Slack's markup is taken out of the text."""
    said.rest = _AT_SIGN.sub("at ", _COMMAND.sub("", said.rest, count=1))
    named = said.take(_CHANNEL)
    for other in said.take(_OTHER_MARKUP):
        piece = quote(f"@{other[1].lstrip('@')}" if other[1] else other[0])
        said.problems.append(
            f"{piece} is no channel, and a digest goes to one: leave it out, or pick a channel such as `#general`."
        )
    for found in said.take(_LINK):
        said.problems.append(f"{quote(found[0].strip('<>'))} was not read: leave the link out.")
    for found in said.take(_PLAIN_CHANNEL):
        said.problems.append(
            f"{quote(found[0])} came without its id: type `#` and pick the channel from the list that Slack offers."
        )
    if len({channel[1] for channel in named}) > 1:
        names = quoted(f"#{channel[2] or channel[1]}" for channel in named)
        said.problems.append(f"{names} are more than one channel: keep one.")
        return None, None
    if not named:
        return None, None
    channel_id, name = named[0].groups()
    here = _THIS_CHANNEL.search(said.rest)
    if here:
        pieces = quoted([here[0], f"#{name or channel_id}"])
        said.problems.append(f"{pieces} are both said: keep one.")
    return channel_id, name or None
