"""The form: opened from a button, a shortcut or the Home tab, checked at each field, answered where it was opened."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.delivery import Place
from bot.form import readable_values, submitted
from bot.formatting.buttons import ActionId, CallbackId
from bot.formatting.fit import fit_view
from bot.formatting.form_view import MODEL, MORE_FIELDS, PRESET, form_view
from bot.listeners.buttons import open_modal
from bot.listeners.interactions import place_of, pressed_value
from bot.listeners.services import Caller, Services
from bot.refusals import error_code
from bot.requests import Request, Value

_GONE = ("hash_conflict", "not_found", "view_not_found")


def register(app: AsyncApp, services: Services) -> None:
    """Everything that opens the form, changes it, or sends it."""
    form = _Form(services)
    app.action(ActionId.FORM.value)(form.opened)
    app.action(ActionId.TWEAK.value)(form.opened)
    app.shortcut(CallbackId.FORM_SHORTCUT.value)(form.opened)
    app.action(ActionId.FORM_MORE.value)(form.grown)
    app.action(ActionId.FORM_PRESET.value)(form.shaped)
    app.action("value")(form.touched)
    app.view(CallbackId.PRICE_FORM.value)(form.sent)


class _Form:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def opened(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """From a button with a request the form is filled with it; from a shortcut or the Home tab it is empty."""
        await ack()
        caller = self._services.caller(context)
        place = place_of(body, caller)
        request = self._request(pressed_value(body))
        modal = self._modal(_values(request), _metadata(place, request), more=_needs_more(request))
        self._services.start(
            open_modal(self._services, modal, body, place, caller),
            where="opening the form",
            place=place,
            caller=caller,
        )

    async def grown(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """The rest of the form appears, and what was typed stays."""
        await ack()
        self._redrawn(body, context, more=True)

    async def shaped(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """A preset was chosen: the empty inputs show its values, and what was typed stays."""
        await ack()
        blocks = (body.get("view") or {}).get("blocks", ())
        shown = {block.get("block_id") for block in blocks}
        self._redrawn(body, context, more=not shown.isdisjoint(MORE_FIELDS))

    def _redrawn(self, body: dict[str, Any], context: AsyncBoltContext, *, more: bool) -> None:
        caller = self._services.caller(context)
        view = body.get("view") or {}
        typed = readable_values(
            view.get("state", {}).get("values", {}), today=self._services.desk.today()
        )
        modal = self._modal(typed, str(view.get("private_metadata", "")), more=more)
        self._services.start(
            _replaced(view, modal, caller), where="the form", place=None, caller=caller
        )

    async def touched(self, ack: AsyncAck) -> None:
        """An input was changed; nothing is to be done before the form is sent."""
        await ack()

    async def sent(self, ack: AsyncAck, view: dict[str, Any], context: AsyncBoltContext) -> None:
        metadata = _read_metadata(str(view.get("private_metadata") or "{}"))
        desk = self._services.desk
        submission = submitted(
            view.get("state", {}).get("values", {}),
            catalogue=desk.catalogue,
            today=desk.today(),
            paths=tuple(metadata.get("paths", ())),
        )
        if submission.request is None:
            await ack(response_action="errors", errors=dict(submission.errors))
            return
        await ack()
        caller = self._services.caller(context)
        place = _place(metadata, caller)
        self._services.start(
            self._services.answer(submission.request, place, caller),
            where="the form",
            place=place,
            caller=caller,
        )

    def _request(self, value: str) -> Request | None:
        """What a button carries; one of an older answer opens an empty form."""
        if not value:
            return None
        try:
            return self._services.desk.unpack(value).request
        except ValueError:
            return None

    def _modal(
        self, values: Mapping[str, Value | str], metadata: str, *, more: bool
    ) -> dict[str, Any]:
        catalogue = self._services.desk.catalogue
        return fit_view(form_view(catalogue, values=values, more=more, metadata=metadata))


async def _replaced(view: dict[str, Any], by: dict[str, Any], caller: Caller) -> None:
    """The open form changed in place, unless the person has changed or closed it since."""
    try:
        await caller.client.views_update(
            view_id=str(view.get("id")), hash=str(view.get("hash")), view=by
        )
    except SlackApiError as error:
        if error_code(error) not in _GONE:
            raise


def _values(request: Request | None) -> dict[str, Value | str]:
    if request is None:
        return {}
    values: dict[str, Value | str] = {MODEL: request.models[0]} if request.models else {}
    if request.preset:
        values[PRESET] = request.preset
    values.update({field.value: value for field, value in request.fields.items()})
    return values


def _needs_more(request: Request | None) -> bool:
    return request is not None and any(field in request.fields for field in MORE_FIELDS)


def _metadata(place: Place, request: Request | None) -> str:
    """Where the answer goes, and what the form itself has no input for."""
    paths = {"paths": list(request.paths)} if request and request.paths else {}
    return json.dumps({"place": asdict(place), **paths}, separators=(",", ":"))


def _read_metadata(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def _place(metadata: Mapping[str, Any], caller: Caller) -> Place:
    """Where the form was opened; the person's own conversation where that is not known."""
    kept = metadata.get("place")
    if not isinstance(kept, dict) or kept.keys() != Place.__dataclass_fields__.keys():
        return caller.own_messages()
    return Place(**kept)
