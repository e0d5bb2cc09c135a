"""What is to be done, by the words that are left in the end; those that nothing was made of become problems."""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.digest_requests.request import EXAMPLE, DigestAction
from bot.digest_requests.said import MOST_PROBLEMS, Said, quote, quoted
from bot.digest_requests.times import WEEKDAYS
from bot.requests.normalise import MENTION
from bot.schedule import Cadence
from bot.zones import SHORT_NAME, nearest, zone_words

_ACTIONS = {
    DigestAction.SUBSCRIBE: "subscribe start enable",
    DigestAction.UNSUBSCRIBE: "unsubscribe stop cancel remove disable off",
    DigestAction.LIST: "list show",
    DigestAction.SEND: "send post now",
}
_ACTION_WORDS = {word: action for action, words in _ACTIONS.items() for word in words.split()}
_LISTING = frozenset("subscribed subscriptions what which".split())
"""Words that ask for the list where no action is said."""
_PEOPLE = frozenset("me us my our".split())
"""Words without weight in a question for the list; elsewhere *me* would be a person, and *our time* a zone."""
_FILLERS = _LISTING | frozenset(
    "a about an and any are at can change changes channel could digest digests do does for get have hello here hey hi "
    "how i if in is it just like model models move moves of on only or please pls posting price prices pricing rate rates "
    "sending subscription thank thanks that the them there these they this time timezone to tz want we when with would "
    "you zone".split()
)
_TOKEN = re.compile(r"[^\s;]+")
_WEIGHTY = re.compile(rf"[^\W_]|[$€£¥%<>=~+#@{MENTION}]")
"""What a smiley lacks."""
_MARKS = "\"'.,:!?()[]{}-–|&/*_…"
_MOST_HINTS = 3


def _words(said: Said) -> list[str]:
    """The words that ask for something, in order; those that nothing was made of become problems."""
    asked: list[str] = []
    strays: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(said.rest):
        word = token[0].strip(_MARKS).lower()
        if word in _FILLERS or not _WEIGHTY.search(word):
            continue
        if word in _ACTION_WORDS or word in _PEOPLE:
            asked.append(word)
        elif strays and strays[-1][1] + 1 == token.start():
            strays[-1] = (f"{strays[-1][0]} {token[0]}", token.end())
        else:
            strays.append((token[0], token.end()))
    asked += sorted(_LISTING & set(re.findall(r"\w+", said.rest.lower())))
    for count, (stray, _) in enumerate(strays[:MOST_PROBLEMS]):
        said.problems.append(_stray(stray.strip(",.:!?"), hinted=count < _MOST_HINTS))
    return asked


def _stray(text: str, *, hinted: bool) -> str:
    near = nearest(text, _vocabulary()) if hinted and len(text) > SHORT_NAME else None
    if near and "=" not in text:
        return f"{quote(text)} was not read: did you mean `{near}`?"
    return f"{quote(text)} was not read: leave it out, or write it as in `{EXAMPLE}`."


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, str]:
    """Every word that means something here, and how it is best typed."""
    words = [*_ACTION_WORDS, *Cadence, *WEEKDAYS, *(f"{day}s" for day in WEEKDAYS), "midnight"]
    return zone_words() | {word: word for word in words}


def action_in(said: Said) -> DigestAction | None:
    """The one action that the words ask for; None where they ask for none."""
    words = _words(said)
    verbs = [word for word in words if word in _ACTION_WORDS]
    actions = {_ACTION_WORDS[word] for word in verbs}
    if len(actions) > 1:
        said.problems.append(f"{quoted(verbs)} ask for different things: keep one.")
        return None
    action = next(iter(actions), None) or _implied(said, words)
    people = [word for word in words if word in _PEOPLE]
    if people and action is not DigestAction.LIST:
        said.problems.append(
            f"{quoted(people)} was not read: a digest goes to a channel, and a zone has a name; leave it out."
        )
    if action not in (DigestAction.SUBSCRIBE, None) and said.details:
        said.problems.append(
            f"{quoted(said.details)} says nothing to `{action}`: leave it out, or write `subscribe` to be told "
            "again and again."
        )
    return action


def _implied(said: Said, words: Sequence[str]) -> DigestAction | None:
    """What a text without a verb asks for: settings are those of a subscription."""
    if said.details:
        return DigestAction.SUBSCRIBE
    return DigestAction.LIST if not _LISTING.isdisjoint(words) else None
