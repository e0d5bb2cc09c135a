"""What can be pressed about digests: the buttons beneath one, what a channel has, and the form to subscribe."""

from collections.abc import Sequence
from datetime import datetime

from bot.formatting.blocks import Block, plain
from bot.formatting.buttons import ActionId, CallbackId, button
from bot.formatting.form_view import INPUT, block, model_options, option
from bot.formatting.layout import View
from bot.formatting.reply import Reply
from bot.formatting.wording import listed
from bot.schedule import DEFAULT, DEFAULT_WEEKDAY, Schedule, local
from pricing.catalogue import Catalogue

CHANNEL, CADENCE, WEEKDAY, TIME, ZONE, MODELS, PERCENT, USD = (
    "channel",
    "cadence",
    "weekday",
    "time",
    "zone",
    "models",
    "over_percent",
    "over_usd",
)
"""The blocks of the form."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def digest_buttons() -> Block:
    """Beneath each digest: to have fewer of them, or none."""
    return {"type": "actions", "elements": [_stop(), _change("Change when")]}


def panel(schedule: Schedule | None, *, due_at: datetime | None, subscribed_by: str) -> Reply:
    """What this channel has, with the buttons for it."""
    if schedule is None or due_at is None:
        text = (
            "This channel gets no digests. A digest says what a rate change does to the channel's runs; "
            "without a change it stays silent. Subscribe with the button, or with "
            "`/rlcost digest subscribe daily at 09:00 Europe/Berlin over 5%`."
        )
        return Reply(
            view=View(summary=text),
            beneath=(_row(_change("Subscribe", style="primary"), _all_channels()),),
        )
    text = f"This channel gets a digest {schedule_text(schedule)}, when something changed. Next on {when(schedule, due_at)}."
    by = {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": f"Subscribed by <@{subscribed_by}>"}],
    }
    send = button(
        "Send now", ActionId.DIGEST_SEND, spoken="Send what changed since the last digest"
    )
    return Reply(
        view=View(summary=text),
        beneath=(by, _row(send, _change("Change"), _stop(), _all_channels())),
    )


def subscriptions_view(lines: Sequence[str]) -> View:
    """All of a workspace's subscriptions, one a line."""
    if not lines:
        return View(
            summary="No channel of this workspace gets digests. `/rlcost digest subscribe` in a channel begins them."
        )
    count = "One channel gets" if len(lines) == 1 else f"{len(lines)} channels get"
    return View(summary=f"{count} digests.\n" + "\n".join(lines))


def schedule_text(schedule: Schedule) -> str:
    """A schedule in words: `every Monday at 09:00 (Europe/Berlin), for Kimi K2.6, over 5%`."""
    day = "every day" if schedule.weekday is None else f"every {_WEEKDAYS[schedule.weekday]}"
    words = [f"{day} at {schedule.at} ({schedule.zone})"]
    if schedule.models:
        words.append(f"for {listed(f'`{model}`' for model in schedule.models)}")
    if over := over_text(schedule):
        words.append(f"over {over}")
    return ", ".join(words)


def over_text(schedule: Schedule) -> str:
    """The thresholds of a schedule, `5% or $500`; empty where every change counts."""
    limits = []
    if schedule.over_percent is not None:
        limits.append(f"{schedule.over_percent.normalize():f}%")
    if schedule.over_usd is not None:
        limits.append(f"${schedule.over_usd.normalize():,f}")
    return " or ".join(limits)


def when(schedule: Schedule, due_at: datetime) -> str:
    """An instant in the schedule's own zone."""
    return f"{local(schedule, due_at):%a %d %b %Y, %H:%M}"


def digest_form(
    catalogue: Catalogue, *, channel_id: str, schedule: Schedule | None, metadata: str
) -> Block:
    """The form to subscribe a channel, filled with what it has."""
    now = schedule or DEFAULT
    cadences = [option("Every day", "daily"), option("Every week", "weekly")]
    weekdays = [option(name, str(number)) for number, name in enumerate(_WEEKDAYS)]
    models = model_options(catalogue)
    chosen = [each for each in models if each["value"] in now.models]
    channel: Block = {
        "type": "conversations_select",
        "action_id": INPUT,
        "placeholder": plain("Choose a channel"),
    }
    if channel_id.startswith(("C", "G")):
        channel["initial_conversation"] = channel_id
    model_select: Block = {
        "type": "multi_static_select",
        "action_id": INPUT,
        "placeholder": plain("All models"),
        "options": models,
    }
    if chosen:
        model_select["initial_options"] = chosen
    blocks = [
        block(CHANNEL, "Channel", channel, optional=False),
        block(CADENCE, "How often", _select(cadences, now.cadence.value), optional=False),
        block(
            WEEKDAY,
            "On which day, every week",
            _select(weekdays, str(DEFAULT_WEEKDAY if now.weekday is None else now.weekday)),
            optional=False,
        ),
        block(
            TIME,
            "At what time",
            {"type": "timepicker", "action_id": INPUT, "initial_time": now.at},
            optional=False,
        ),
        block(
            ZONE,
            "In which time zone",
            _text(now.zone),
            hint="As in Europe/Berlin, America/New_York or UTC.",
            optional=False,
        ),
        block(
            MODELS,
            "Of which models",
            model_select,
            hint="Empty for all. GPU-hours count for the models that run on them.",
        ),
        block(
            PERCENT, "Only when a bill moves by more than, in percent", _number(now.over_percent)
        ),
        block(
            USD,
            "Only when a bill moves by more than, in dollars",
            _number(now.over_usd),
            hint="With both, either is enough.",
        ),
    ]
    return {
        "type": "modal",
        "callback_id": CallbackId.DIGEST_FORM.value,
        "title": plain("Digests"),
        "submit": plain("Subscribe"),
        "close": plain("Cancel"),
        "private_metadata": metadata,
        "blocks": blocks,
    }


def _row(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _stop() -> Block:
    return button("Stop these", ActionId.DIGEST_STOP, spoken="Stop the digests of this channel")


def _all_channels() -> Block:
    spoken = "List the channels of this workspace that get digests"
    return button("All channels", ActionId.DIGEST_LIST, spoken=spoken)


def _change(label: str, *, style: str = "") -> Block:
    spoken = "Open the form for this channel's digests"
    return button(label, ActionId.DIGEST_FORM, style=style, spoken=spoken)


def _select(options: list[Block], value: str) -> Block:
    chosen = next(each for each in options if each["value"] == value)
    return {
        "type": "static_select",
        "action_id": INPUT,
        "options": options,
        "initial_option": chosen,
    }


def _text(value: str) -> Block:
    return {
        "type": "plain_text_input",
        "action_id": INPUT,
        "initial_value": value,
        "max_length": 100,
    }


def _number(value: object) -> Block:
    out: Block = {
        "type": "number_input",
        "action_id": INPUT,
        "is_decimal_allowed": True,
        "min_value": "0",
        "placeholder": plain("any change"),
    }
    if value is not None:
        out["initial_value"] = f"{value:f}"
    return out
