"""Answers as files in Slack: in the thread of the answer, or where one person saw it in that person's own messages."""

import logging
from typing import Any

from aiohttp import ClientError
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.answers import Answer
from bot.delivery import Place, Posted
from bot.export import to_csv
from bot.formatting.buttons import ActionId, open_form
from bot.formatting.quote import to_quote
from bot.formatting.reply import sentence
from bot.formatting.request_wording import request_words
from bot.listeners.interactions import place_of, pressed_value, privately
from bot.listeners.services import Caller, Services
from bot.refusals import error_code
from bot.suggestions import suggestion
from bot.work import has_left

_log = logging.getLogger(__name__)

OLD_BUTTON = "This button belongs to an older answer; please ask again."
IN_OWN_MESSAGES = "The files are in your messages with me."
NOTHING_TO_EXPORT = (
    "There are no figures here to put into a file; a priced run has some: "
    "`kimi-k2p6 turns=20 episodes=5000 as csv`."
)

_NOT_THERE = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
# What installing the app again, with its optional scope, puts right.
_NOT_GRANTED = frozenset({"missing_scope", "no_permission", "not_allowed_token_type"})
# Slack may take the same files a minute later: that is a fault, and told as one.
_FOR_NOW = frozenset(
    {"", "fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"}
)
_LONGEST_COMMAND = 200


class _FilesRefusedError(Exception):
    """Slack will not have files there; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def register(app: AsyncApp, services: Services) -> None:
    """The button beneath answers; in words the same is asked for with the request."""

    async def pressed(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = services.caller(context)
        place = privately(body, place_of(body, caller))
        services.start(
            _pressed(services, body, place, caller),
            where=f"the button {ActionId.EXPORT}",
            place=place,
            caller=caller,
        )

    app.action(ActionId.EXPORT.value)(pressed)


async def _pressed(services: Services, body: dict[str, Any], place: Place, caller: Caller) -> None:
    """The files hold what was seen: with the rates of that day."""
    try:
        kept = services.desk.unpack(pressed_value(body))
    except ValueError:
        again = sentence(OLD_BUTTON, {"type": "actions", "elements": [open_form()]})
        await services.send(again, place, caller)
        return
    answer = services.desk.answer(kept.request, on=kept.day)
    await hand_over(services, answer, _thread_of_pressed(body), place, caller)


def _thread_of_pressed(body: dict[str, Any]) -> Posted | None:
    """The thread of the answer that was pressed; None where one person alone sees that."""
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    ts = message.get("thread_ts") or message.get("ts") or container.get("message_ts")
    if container.get("is_ephemeral") or not (channel and ts):
        return None
    return Posted(channel_id=str(channel), ts=str(ts))


async def hand_over(
    services: Services, answer: Answer, thread: Posted | None, place: Place, caller: Caller
) -> None:
    """Put the files of an answer into a thread, or into the person's own messages; `place` hears what else is to be said."""
    files = files_of(answer)
    if not files:
        await services.send(sentence(NOTHING_TO_EXPORT), place, caller)
        return
    try:
        if thread is None or not await _uploaded(files, thread, caller):
            await _to_own_messages(services, answer, files, place, caller)
    except _FilesRefusedError as refused:
        await services.send(sentence(_no_files(refused.code, answer)), place, caller)


def files_of(answer: Answer) -> dict[str, bytes]:
    """The files of an answer by their names; none where it holds no figures."""
    keys = [entry.model.key for entry in answer.models] or list(answer.request.models)
    of = keys[0] if len(keys) == 1 else f"{len(keys)}-models" if keys else "rates"
    made = {"csv": to_csv(answer), "md": to_quote(answer)}
    return {
        f"rlcost-{of}-{answer.as_of}.{ending}": text.encode()
        for ending, text in made.items()
        if text
    }


async def _to_own_messages(
    services: Services, answer: Answer, files: dict[str, bytes], place: Place, caller: Caller
) -> None:
    """A file needs a message to stand beneath; one that then gets none is taken back."""
    text = f"The files of {request_words(answer.request) or 'the rates'} are in this thread."
    thread = await services.send(sentence(text), caller.own_messages(), caller)
    assert thread is not None  # noqa: S101 - own messages are posted, never seen in passing
    try:
        await _upload(files, thread, caller)
    except Exception:
        await _take_back(thread, caller)
        raise
    await services.remember(answer.request, thread.channel_id, thread.ts, caller)
    if place.channel_id not in (thread.channel_id, caller.user_id) or place.ephemeral:
        await services.send(sentence(IN_OWN_MESSAGES), place, caller)


async def _take_back(message: Posted, caller: Caller) -> None:
    """Why there are no files is what is to be told, so a message that has to stay is only logged."""
    try:
        await caller.client.chat_delete(channel=message.channel_id, ts=message.ts)
    except (SlackClientError, ClientError, TimeoutError) as error:
        said = error_code(error) if isinstance(error, SlackApiError) else ""
        _log.warning("a message stays without its files: %s", said or type(error).__name__)


async def _uploaded(files: dict[str, bytes], thread: Posted, caller: Caller) -> bool:
    """Whether the files are in the thread; not where the bot is no member of the channel."""
    try:
        await _upload(files, thread, caller)
    except _FilesRefusedError as refused:
        if refused.code not in _NOT_THERE:
            raise
        return False
    return True


async def _upload(files: dict[str, bytes], thread: Posted, caller: Caller) -> None:
    """Put files into a thread. Raises _FilesRefusedError where Slack will not have them, and not just for now."""
    try:
        await caller.client.files_upload_v2(
            file_uploads=[
                {"filename": name, "content": content, "title": name}
                for name, content in files.items()
            ],
            channel=thread.channel_id,
            thread_ts=thread.ts,
        )
    except SlackApiError as error:
        code = error_code(error)
        if code in _FOR_NOW or has_left(error):
            raise
        raise _FilesRefusedError(code) from error


def _no_files(code: str, answer: Answer) -> str:
    """Who can change it that Slack takes no files, and how to have them without."""
    text = suggestion(answer.request, example_model="") or ""
    typed = f"'{text}'" if 0 < len(text) <= _LONGEST_COMMAND and "'" not in text else "…"
    why = (
        "Files are not allowed here: whoever installed the app can install it again and allow `files:write`"
        if code in _NOT_GRANTED
        else f"Slack takes no files here (`{code}`): whoever administers the workspace can say why"
    )
    return f"{why}; in a terminal `rlcost ask --csv {typed}` gives the table, `--quote` the page."
