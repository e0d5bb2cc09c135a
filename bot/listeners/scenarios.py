"""The runs that a channel saves under a name, which its digests are reckoned for."""

import re

from bot.delivery import Place
from bot.formatting.layout import Section, View
from bot.formatting.reply import Reply, reply_to, sentence
from bot.formatting.request_wording import request_words
from bot.listeners.named_runs import is_taken
from bot.listeners.services import Caller, Services
from bot.requests import Intent, Request, as_json
from bot.requests.request import has_several
from bot.store.scenarios import Scenario

_NAME = re.compile(r"[A-Za-z][\w-]{0,39}(?!\S)", re.ASCII)
_MOST = 8

EXAMPLE = "`/rlcost save nightly kimi-k2p6 turns=20 episodes=5000`"


async def save(services: Services, text: str, place: Place, caller: Caller) -> None:
    """`save NAME request`: the request is read as any other, and kept only if it can be priced."""
    match = _NAME.match(text)
    if match is None:
        await services.send(sentence(_no_name(text)), place, caller)
        return
    name, run = match[0].lower(), services.desk.read(text[match.end() :].strip())
    reply = (
        _refusal(services, name, run)
        or await _no_room(services, name, place, caller)
        or await _saved(services, name, run, place, caller)
    )
    await services.send(reply, place, caller)


def _no_name(text: str) -> str:
    said = f"{_quoted(text.split()[0])} is no name" if text.split() else "A name is missing"
    return f"{said}: type a word of letters and digits, then the run, as in {EXAMPLE}."


def _refusal(services: Services, name: str, run: Request) -> Reply | None:
    """Why a run cannot be kept under a name: it is taken, or there is no single run to price."""
    if is_taken(name, services.desk.catalogue):
        return sentence(
            f"`{name}` means something already, as a word of requests, a model or a preset: "
            f"choose another name, as in {EXAMPLE}."
        )
    if run.problems:
        return reply_to(services.desk.answer(run), shareable=False)
    if run.intent is not Intent.ESTIMATE or len(run.models) != 1 or has_several(run.fields):
        return sentence(f"A saved run is one model and one value a field, as in {EXAMPLE}.")
    return None


async def _no_room(services: Services, name: str, place: Place, caller: Caller) -> Reply | None:
    """That a channel has as many saved runs as it can; a name that it has already takes no room."""
    saved = await services.scenarios.in_channel(caller.team_id, place.channel_id)
    if len(saved) < _MOST or name in {each.name for each in saved}:
        return None
    return sentence(
        f"This channel has {_MOST} saved runs, as many as a digest has room for: "
        f"`/rlcost forget {saved[0].name}` makes room."
    )


async def _saved(
    services: Services, name: str, run: Request, place: Place, caller: Caller
) -> Reply:
    await services.scenarios.save(
        Scenario(
            team_id=caller.team_id,
            channel_id=place.channel_id,
            enterprise_id=caller.enterprise_id,
            name=name,
            request=as_json(run),
            saved_by=caller.user_id,
            saved_at=caller.at,
        )
    )
    return sentence(
        f"Saved `{name}` for this channel: {request_words(run)}. `/rlcost {name}` asks for it, "
        "and its digests say what a rate change does to it."
    )


async def forget(services: Services, text: str, place: Place, caller: Caller) -> None:
    """`forget NAME`."""
    name = text.strip().lower()
    if name and await services.scenarios.forget(caller.team_id, place.channel_id, name):
        await services.send(sentence(f"`{name}` is forgotten."), place, caller)
        return
    saved = await services.scenarios.in_channel(caller.team_id, place.channel_id)
    names = ", ".join(f"`{each.name}`" for each in saved) or "none"
    asked = f"{_quoted(name)} is no saved run of this channel" if name else "Say which run"
    await services.send(sentence(f"{asked}; saved are: {names}."), place, caller)


async def listed(services: Services, _: str, place: Place, caller: Caller) -> None:
    """What the channel has saved."""
    saved = await services.scenarios.in_channel(caller.team_id, place.channel_id)
    if not saved:
        await services.send(
            sentence(f"This channel has no saved runs. Save one with {EXAMPLE}."), place, caller
        )
        return
    facts = tuple((each.name, _words(services, each)) for each in saved)
    view = View(summary="The saved runs of this channel.", sections=(Section(facts=facts),))
    await services.send(Reply(view=view), place, caller)


def _words(services: Services, saved: Scenario) -> str:
    """A saved run in words; its model may be covered no longer."""
    try:
        return request_words(services.desk.known(saved.request))
    except ValueError:
        return f"cannot be priced any more; `/rlcost forget {saved.name}` removes it"


def _quoted(typed: str) -> str:
    piece = typed[:40].replace("`", "'")
    return f"`{piece}`"
