"""Requests that are not about a price: digests, saved runs, the history of a rate, and reviews, by their first word."""

import re
from collections.abc import Callable, Mapping

from bot.delivery import Place
from bot.formatting.reply import sentence
from bot.listeners import digests, histories, reviews, scenarios
from bot.listeners.services import Caller, Coming, Services
from bot.requests import Intent, Request

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
# *check the price of kimi* and *review our kimi run* ask for a price.
_ALONE = frozenset({"check", "review", "reviews"})


def verb_of(text: str, request: Request) -> Asked | None:
    """What a text asks for beside prices; None where it is for the desk.

    A sentence that asks for digests (`please subscribe this channel to weekly digests`) is one too, whatever its first word.
    """
    match = _FIRST_WORD.match(text)
    if match:
        of_rates, word, rest = match[1], match[2].lower(), match[3]
        verb = _VERBS.get(word)
        if verb and (of_rates or word not in _ALONE or _is_alone(word, rest)):
            return lambda services, place, caller: verb(services, rest, place, caller)
    if request.intent is Intent.DIGEST:
        return lambda services, place, caller: digests.asked(services, text, place, caller)
    return None


def _is_alone(word: str, rest: str) -> bool:
    """Whether a word that prices use too stands for itself: reviews alone, or with what to decide."""
    return word != "check" and (not rest or rest.lower().startswith(("approve", "reject")))
