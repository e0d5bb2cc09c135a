"""Requests that are not about a price: digests, saved runs, the history of a rate, and reviews, by their first word."""

import re
from collections.abc import Callable, Mapping

from bot.delivery import Place
from bot.listeners import digests, histories, reviews, scenarios
from bot.listeners.services import Caller, Coming, Services
from bot.requests import Intent, Request

Verb = Callable[[Services, str, Place, Caller], Coming]
Asked = Callable[[Services, Place, Caller], Coming]

_VERBS: Mapping[str, Verb] = {
    "digest": digests.asked,
    "digests": digests.asked,
    "save": scenarios.save,
    "forget": scenarios.forget,
    "saved": scenarios.listed,
    "scenarios": scenarios.listed,
    "history": histories.asked,
    "review": reviews.asked,
    "reviews": reviews.asked,
}
# `rates history` and `rates review` are what the terminal calls them.
_FIRST_WORD = re.compile(
    r"\s*(?:<@[A-Z0-9]+>\s*)*/?(?:rates\s+(?=history\b|reviews?\b))?([a-z]+)(?![\w=:-])\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)


def verb_of(text: str, request: Request) -> Asked | None:
    """What a text asks for beside prices; None where it is for the desk.

    A sentence that asks for digests (`please subscribe this channel to weekly digests`) is one too, whatever its first word.
    """
    match = _FIRST_WORD.match(text)
    verb = _VERBS.get(match[1].lower()) if match else None
    if match and verb:
        return lambda services, place, caller: verb(services, match[2], place, caller)
    if request.intent is Intent.DIGEST:
        return lambda services, place, caller: digests.asked(services, text, place, caller)
    return None
