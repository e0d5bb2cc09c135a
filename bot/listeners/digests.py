"""`/rlcost digest …`: who is told of rate changes, where and when."""

from slack_sdk.errors import SlackApiError

from bot.delivery import Place
from bot.digest_requests import DigestRequest, read_digest
from bot.formatting.digest_form import (
    digest_buttons,
    over_text,
    panel,
    schedule_text,
    subscriptions_view,
    when,
)
from bot.formatting.layout import View
from bot.formatting.reply import Reply, sentence
from bot.listeners.services import Caller, Services
from bot.refusals import error_code
from bot.schedule import DEFAULT, DEFAULT_WEEKDAY, Cadence, Schedule, local, next_run
from bot.store.digests import Subscription

NOT_THERE = frozenset({"channel_not_found", "is_archived", "not_in_channel", "restricted_action"})


async def asked(services: Services, text: str, place: Place, caller: Caller) -> None:
    """What follows the word digest, or a whole sentence that asks for digests."""
    request = read_digest(text, services.desk.catalogue)
    if request.problems:
        await services.send(sentence(" ".join(request.problems)), place, caller)
        return
    channel_id = request.channel_id or place.channel_id
    match request.action:
        case "subscribe":
            await subscribe(services, channel_id, _schedule(request), place, caller)
        case "unsubscribe":
            await _unsubscribe(services, channel_id, place, caller)
        case "send":
            await send_now(services, channel_id, place, caller)
        case "list":
            await show_list(services, place, caller)
        case _:
            await services.send(await _panel(services, channel_id, place, caller), place, caller)


def _schedule(request: DigestRequest) -> Schedule:
    """What was said, and the defaults for the rest; a weekday alone says that it is weekly."""
    weekly = request.cadence == Cadence.WEEKLY or request.weekday is not None
    weekday = DEFAULT_WEEKDAY if request.weekday is None else request.weekday
    return Schedule(
        cadence=Cadence.WEEKLY if weekly else Cadence.DAILY,
        at=request.at or DEFAULT.at,
        weekday=weekday if weekly else None,
        zone=request.zone or DEFAULT.zone,
        models=request.models,
        over_percent=request.over_percent,
        over_usd=request.over_usd,
    )


async def subscribe(
    services: Services, channel_id: str, schedule: Schedule, place: Place, caller: Caller
) -> None:
    """Subscribe a channel, and say so there; where the bot cannot write, the channel gets no digests at all."""
    if not channel_id:
        text = "Name a channel: `/rlcost digest subscribe #channel`."
        await services.send(sentence(text), place, caller)
        return
    before = await services.digests.subscription(caller.team_id, channel_id)
    if before and _is_anothers(before, place, caller):
        await _refer_to_owner(services, before, place, caller)
        return
    subscription, content = await _asked_for(services, channel_id, schedule, caller)
    # First: nobody is told of what a kill or a lost database then keeps from being so.
    if not await services.digests.subscribe(subscription, content):
        return  # the workspace has left since, or a later word came first
    told = _announcement(subscription, schedule, changed=before is not None)
    if not await _announced(services, told, channel_id, caller):
        await services.digests.unsubscribe(caller.team_id, channel_id)
        await services.send(sentence(_not_there(channel_id), refers=(channel_id,)), place, caller)
    elif place.channel_id != channel_id:
        first = when(schedule, subscription.due_at)
        text = f"<#{channel_id}> gets digests now, the first on {first}."
        await services.send(sentence(text, refers=(channel_id,)), place, caller)


async def _asked_for(
    services: Services, channel_id: str, schedule: Schedule, caller: Caller
) -> tuple[Subscription, str]:
    """A subscription from now on, and the rates of now, against which what moves is measured."""
    taken_id, content = await services.digester.snapshot(at=caller.at)
    subscription = Subscription(
        team_id=caller.team_id,
        channel_id=channel_id,
        enterprise_id=caller.enterprise_id,
        subscribed_by=caller.user_id,
        subscribed_at=caller.at,
        schedule=schedule.model_dump(mode="json"),
        due_at=next_run(schedule, after=caller.at),
        snapshot=taken_id,
        announced_at=caller.at,
        failure_told=None,
    )
    return subscription, content


async def _announced(services: Services, told: Reply, channel_id: str, caller: Caller) -> bool:
    """Whether the bot can write in a channel, and has."""
    there = Place(
        team_id=caller.team_id,
        user_id=caller.user_id,
        channel_id=channel_id,
        own_messages_will_do=False,
    )
    try:
        await services.send(told, there, caller)
    except SlackApiError as error:
        if error_code(error) not in NOT_THERE:
            raise
        return False
    return True


def _announcement(subscription: Subscription, schedule: Schedule, *, changed: bool) -> Reply:
    begins = (
        "Digests here now come" if changed else "This channel now gets a digest of rate changes"
    )
    text = (
        f"{begins} {schedule_text(schedule)}. While nothing changes, nothing is posted. "
        f"Next on {when(schedule, subscription.due_at)}."
    )
    by = {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": f"Subscribed by <@{subscription.subscribed_by}>"}],
    }
    return Reply(view=View(summary=text), beneath=(by, digest_buttons()))


def _not_there(channel_id: str) -> str:
    if channel_id.startswith("D"):
        return "I cannot write in this conversation; subscribe a channel that I am in, with `/rlcost digest subscribe #channel`."
    return f"I am not in <#{channel_id}>, or it does not exist: type `/invite @rlcost` there, then subscribe again."


async def _unsubscribe(services: Services, channel_id: str, place: Place, caller: Caller) -> None:
    """Whoever is in a channel may stop its digests there; from elsewhere only the one who subscribed it."""
    found = await services.digests.subscription(caller.team_id, channel_id)
    if found is None:
        text = f"{_named(channel_id, place)} gets no digests. `/rlcost digest list` shows the channels that do."
        await services.send(sentence(text, refers=(channel_id,)), place, caller)
        return
    if _is_anothers(found, place, caller):
        await _refer_to_owner(services, found, place, caller)
        return
    await services.digests.unsubscribe(caller.team_id, channel_id)
    text = f"{_named(channel_id, place)} gets no more digests. `/rlcost digest subscribe` brings them back."
    await services.send(sentence(text, refers=(channel_id,)), place, caller)


def _is_anothers(found: Subscription, place: Place, caller: Caller) -> bool:
    return place.channel_id != found.channel_id and found.subscribed_by != caller.user_id


async def _refer_to_owner(
    services: Services, found: Subscription, place: Place, caller: Caller
) -> None:
    owner, channel_id = found.subscribed_by, found.channel_id
    text = f"<#{channel_id}> was subscribed by <@{owner}>: ask them, or type `/rlcost digest` in that channel."
    await services.send(sentence(text, refers=(channel_id, owner)), place, caller)


async def send_now(services: Services, channel_id: str, place: Place, caller: Caller) -> None:
    """What changed since the last digest, posted now; where nothing did, only the asker hears that."""
    found = await services.digests.subscription(caller.team_id, channel_id)
    if found is None:
        text = (
            f"{_named(channel_id, place)} gets no digests. Begin with `/rlcost digest subscribe`."
        )
        await services.send(sentence(text, refers=(channel_id,)), place, caller)
        return
    if _is_anothers(found, place, caller):
        await _refer_to_owner(services, found, place, caller)
        return
    said = await services.digester.say(found, at=caller.at)
    if said.view is None:
        text = _nothing_to_say(found, _named(channel_id, place, inner=True))
        await services.send(sentence(text, refers=(channel_id,)), place, caller)
        return
    await services.digests.make_due(caller.team_id, channel_id, at=caller.at)
    services.due_now()
    text = f"The digest is on its way to {_named(channel_id, place, inner=True)}."
    await services.send(sentence(text, refers=(channel_id,)), place, caller)


def _nothing_to_say(found: Subscription, channel: str) -> str:
    """Why a digest would be empty; with thresholds rates may well have moved."""
    schedule = Schedule.model_validate(found.schedule)
    since = local(schedule, found.announced_at).date()
    if over := over_text(schedule):
        return f"No bill of {channel} has moved by more than {over} since {since}."
    return f"Nothing that concerns {channel} has changed since {since}."


async def show_list(services: Services, place: Place, caller: Caller) -> None:
    """The channels of the workspace that get digests, and when."""
    lines, channels = [], []
    for found in await services.digests.subscriptions(caller.team_id):
        if found.channel_id.startswith("D") and found.channel_id != place.channel_id:
            continue  # somebody's own conversation is nobody else's business
        schedule = Schedule.model_validate(found.schedule)
        channels.append(found.channel_id)
        lines.append(
            f"<#{found.channel_id}> {schedule_text(schedule)}, next on {when(schedule, found.due_at)}"
        )
    await services.send(
        Reply(view=subscriptions_view(lines), refers=tuple(channels)), place, caller
    )


async def _panel(services: Services, channel_id: str, place: Place, caller: Caller) -> Reply:
    """What a channel has; the buttons for it are in that channel, where everybody there sees what they do."""
    found = await services.digests.subscription(caller.team_id, channel_id)
    if channel_id != place.channel_id:
        return sentence(_elsewhere(channel_id, found), refers=(channel_id,))
    if found is None:
        return panel(None, due_at=None, subscribed_by="")
    return panel(
        Schedule.model_validate(found.schedule),
        due_at=found.due_at,
        subscribed_by=found.subscribed_by,
    )


def _elsewhere(channel_id: str, found: Subscription | None) -> str:
    if found is None:
        return f"<#{channel_id}> gets no digests. Begin with `/rlcost digest subscribe #channel`."
    schedule = Schedule.model_validate(found.schedule)
    return (
        f"<#{channel_id}> gets a digest {schedule_text(schedule)}, when something changed. "
        f"Next on {when(schedule, found.due_at)}. Type `/rlcost digest` there to change that."
    )


def _named(channel_id: str, place: Place, *, inner: bool = False) -> str:
    """A channel in a sentence: the one where it is said is *this channel*."""
    if channel_id == place.channel_id:
        return "this channel" if inner else "This channel"
    return f"<#{channel_id}>"
