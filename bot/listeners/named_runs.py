"""A channel's saved runs, used by their name: `nightly`, `nightly turns=40`, `compare nightly on gpt-oss-120b`."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from bot.delivery import Place
from bot.formatting.reply import sentence
from bot.listeners.services import Caller, Services
from bot.logs import log_fault
from bot.requests import Intent, ProblemCode, Request, read
from bot.requests.fields import aliases, squash
from bot.requests.intents import is_known
from bot.requests.vocabulary import FILLERS, JOINERS, LINKS, RANGE_WORDS, TOKEN_WORDS
from bot.store import STORE_FAULTS
from pricing.catalogue import Catalogue

VERB_WORDS = frozenset(
    "check digest digests forget history review reviews save saved scenarios".split()
)
"""What a text begins with that is not about a price; a test holds verbs.py to it."""

# What sentences begin with: whoever writes one has no saved run in mind, and no query is made for it.
_SENTENCE_WORDS = frozenset(
    "i we you he she they me us my our your his her their this these those if as also another again only just next then "
    "what what's whats which how how's why when where who whose does do did has have had shall let lets let's instead "
    "give tell show find get make take use try run runs work change set add drop remove keep make go double triple halve "
    "half twice more less fewer first last same with without on off for from into against per vs everything nothing "
    "something preset presets fast".split()
)
_WORDS = FILLERS | JOINERS | LINKS | RANGE_WORDS | TOKEN_WORDS | VERB_WORDS | _SENTENCE_WORDS

_INTENTS = "estimate|compare|sweep|limits|solve|explain|rates|price|cost|quote"
_NAMED = re.compile(
    rf"(?P<before>\s*(?:<@[A-Z0-9]+>[\s,:]*)*/?)(?P<intent>(?:{_INTENTS})\s+)?"
    r"[`\"'*]?(?P<name>[a-z][\w-]{0,39})[`\"'*]?(?P<end>[,;:.?!]*(?!\S))",
    re.IGNORECASE | re.ASCII,
)


_NO_MODEL = frozenset({ProblemCode.MODEL_UNKNOWN, ProblemCode.MODEL_MISSING})

# How alike two names must be, of 1, for one to be taken for a slip of the other.
_NEAR = 0.75


async def answered(
    services: Services, text: str, request: Request, place: Place, caller: Caller
) -> None:
    """Answer a request, or where its text begins with a saved run's name that run with what else is said."""
    if not await answered_by_name(services, text, request, place, caller):
        await services.answer(request, place, caller)


async def answered_by_name(
    services: Services, text: str, request: Request, place: Place, caller: Caller
) -> bool:
    """Whether a text names a saved run of the channel, which is then answered; `request` is the text without that.

    Of a text that says nothing else, a name that is nearly that of a saved run is answered with the run's name.
    """
    called = name_in(text, services.desk.catalogue)
    if called is None:
        return False
    name, rest = called
    try:
        saved = await services.scenarios.in_channel(caller.team_id, place.channel_id)
    except STORE_FAULTS as error:
        log_fault(error, where="looking for a saved run")
        return False
    kept = next((each for each in saved if each.name == name), None)
    if kept is None:
        near = _near_name(name, request, [each.name for each in saved])
        if near is None:
            return False
        meant = (
            f"No run of this channel is saved as `{name}`; did you mean `{near}`? "
            f"`/rlcost {near}` asks for it, and `/rlcost saved` lists all."
        )
        await services.send(sentence(meant), place, caller)
        return True
    try:
        run = services.desk.known(kept.request)
    except ValueError:
        gone = f"`{name}` cannot be priced any more; `/rlcost forget {name}` removes it."
        await services.send(sentence(gone), place, caller)
    else:
        await services.answer(_followed_up(services, run, rest), place, caller)
    return True


def _near_name(name: str, request: Request, saved: Sequence[str]) -> str | None:
    """The saved name that a word of no meaning resembles most, where no model was found in the text either."""
    chat = request.intent is Intent.NONE
    no_model = not request.models or any(p.code in _NO_MODEL for p in request.problems)
    if not saved or chat or not no_model:
        return None
    from difflib import get_close_matches  # few names are mistyped

    return next(iter(get_close_matches(name, saved, n=1, cutoff=_NEAR)), None)


def _followed_up(services: Services, run: Request, rest: str) -> Request:
    """The saved run with what is said behind its name; a word that says nothing changes nothing."""
    alone = replace(run, problems=(), export=None)
    if not rest:
        return alone
    request = services.desk.read(rest, previous=run)
    said_nothing = request.intent is Intent.NONE and not request.problems
    return alone if said_nothing else request


def name_in(text: str, catalogue: Catalogue) -> tuple[str, str] | None:
    """The name that a text may begin with, itself or behind the word for what is asked, and the text without it."""
    match = _NAMED.match(text)
    if match is None:
        return None
    name = match["name"].lower()
    if is_taken(name, catalogue):
        return None
    return name, f"{match['intent'] or ''}{text[match.end() :]}".strip()


@lru_cache(maxsize=1024)
def is_taken(word: str, catalogue: Catalogue) -> bool:
    """Whether a word means something by itself: one of the language, a model or a preset. No run is called that.

    Remembered, since most requests begin with one of a few words.
    """
    if word in _WORDS or is_known(word) or squash(word) in aliases():
        return True
    said = read(word, catalogue, today=date.min)
    is_bare = said.intent in (Intent.HELP, Intent.ESTIMATE) and not (
        said.models or said.fields or said.paths or said.preset or said.prefix or said.export
    )
    unknown = all(problem.code is ProblemCode.MODEL_UNKNOWN for problem in said.problems)
    return not (is_bare and unknown)
