"""Requests that are not about a price: digests, saved runs, the history of a rate, and reviews, by their first word."""

import re
from collections.abc import Callable, Mapping

from bot.delivery import Place
from bot.formatting.reply import sentence
from bot.listeners import digests, histories, reviews, scenarios
from bot.listeners.services import Caller, Coming, Services
from bot.requests import Intent, Request
from bot.requests.fields import aliases, squash
from bot.requests.path_words import PATH_WORDS

Verb = Callable[[Services, str, Place, Caller], Coming]
Asked = Callable[[Services, Place, Caller], Coming]

CHECKED_BY_ITSELF = (
    "The bot asks the sources of rates by itself, and whoever runs it can with `rlcost rates check`. "
    "`/rlcost review` shows what waits for a person, `/rlcost rates MODEL` the rates with the day of their last check."
)


async def _check(services: Services, _: str, place: Place, caller: Caller) -> None:
    await services.send(sentence(CHECKED_BY_ITSELF), place, caller)


_VERBS: Mapping[str, Verb] = {
    "digest": digests.asked,
    "digests": digests.asked,
    "save": scenarios.save,
    "forget": scenarios.forget,
    "saved": scenarios.listed,
    "scenarios": scenarios.listed,
    "history": histories.asked,
    "check": _check,
    "review": reviews.asked,
    "reviews": reviews.asked,
}
# `rates history`, `rates review` and `rates check` are what the terminal calls them.
_FIRST_WORD = re.compile(
    r"\s*(?:<@[A-Z0-9]+>\s*)*/?(?:(rates)\s+(?=history\b|reviews?\b|check\b))?([a-z]+)(?![\w=:-])\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)
# *Save money on kimi* names no run; nor do *forget it* and *forget the budget*.
_NO_NAMES = frozenset(
    "money time cost costs cash budget tokens us me them it this that a an the our some more most as up on by "
    "everything all".split()
)
_ALL = frozenset("it that this them everything all".split())
_NO_REQUEST = re.compile(
    r"(?:on|for|by|with|over|if|when|while|than|from|vs|versus|against|compared|and|money|time)\b",
    re.IGNORECASE,
)
_FIRST_OF_REST = re.compile(r"(\S+)\s*(.*)", re.DOTALL)
_FIRST_NOUN = re.compile(r"(?:(?:the|our|that|my|about)\s+)*([\w-]+)", re.IGNORECASE)
_LISTED = re.compile(r"(?:(?:runs?|scenarios?|list|please|pls|here)\b\W*)*", re.IGNORECASE)


def verb_of(text: str, request: Request) -> Asked | None:
    """What a text asks for beside prices; None where it is for the desk.

    A sentence that asks for digests (`please subscribe this channel to weekly digests`) is one too, whatever its first word.
    """
    match = _FIRST_WORD.match(text)
    if match:
        of_rates, word, rest = match[1], match[2].lower(), match[3]
        verb = _VERBS.get(word)
        if verb and (of_rates or _is_shaped_as(word, rest)):
            return lambda services, place, caller: verb(services, rest, place, caller)
    if request.intent is Intent.DIGEST:
        return lambda services, place, caller: digests.asked(services, text, place, caller)
    return None


def _is_shaped_as(word: str, rest: str) -> bool:
    """Whether what follows a first word makes it the verb, and no word of a sentence that is for the desk."""
    if word == "save":
        return _names_a_run(rest)
    if word == "forget":
        return not _is_for_the_desk(rest)
    if word in ("saved", "scenarios"):
        return _LISTED.fullmatch(rest.lstrip(".!?, ")) is not None
    if word in ("review", "reviews"):
        return not rest or rest.lower().startswith(("approve", "reject"))
    return word != "check"  # *check the price of kimi*


def _names_a_run(rest: str) -> bool:
    """*Nightly kimi-k2p6 turns=20*, and not *money on kimi* or *50% on it*."""
    match = _FIRST_OF_REST.match(rest)
    if match is None:
        return True
    name, behind = match[1].lower(), match[2]
    is_amount = name[0] == "$" or name[-1] == "%"
    return not (is_amount or name in _NO_NAMES or _NO_REQUEST.match(behind))


def _is_for_the_desk(rest: str) -> bool:
    """*Forget it, the budget, tinker*: what a request said is forgotten, and no saved run."""
    match = _FIRST_NOUN.match(rest)
    word = match[1].lower() if match else ""
    return word in _ALL or word in PATH_WORDS or squash(word) in aliases()
