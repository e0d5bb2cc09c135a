"""A person at work in Slack: commands, messages, presses and forms, sent to the app as Slack sends them."""

from collections.abc import Mapping
from copy import deepcopy

from tests.fake_slack import forms, payloads
from tests.fake_slack.forms import CannotDoError, with_ids
from tests.fake_slack.messages import respond
from tests.fake_slack.payloads import Actor
from tests.fake_slack.records import Post, RefusalError, ResponseUrl, ViewRecord, Workspace
from tests.fake_slack.server import FakeSlack
from tests.fake_slack.shapes import Json, Object
from tests.fake_slack.surfaces import add_view, change_view, check_view
from tests.fake_slack.transports import Ack, Retry, Transport


class Person:
    """Somebody in a team, in a channel, before the app.

    What a person could not do in Slack raises `CannotDoError`, and so does an answer in the
    acknowledgement that Slack would not take. Texts are given as Slack would send them.
    """

    def __init__(
        self,
        transport: Transport,
        fake: FakeSlack,
        user: str = "U1",
        team: str = "T1",
        channel: str = "C1",
        enterprise: str | None = None,
    ) -> None:
        self.transport = transport
        self.fake = fake
        self.actor = Actor(user, team, channel, enterprise)
        fake.add_user(user, team)

    @property
    def dm_channel(self) -> str:
        return self.actor.dm

    async def command(
        self,
        text: str = "",
        *,
        command: str = "/rlcost",
        trigger: str | None = None,
        response_url: str | None = None,
    ) -> Ack:
        """Type a slash command; a text in the acknowledgement is a message, seen by this person."""
        payload = payloads.slash_command(
            self.fake,
            self.actor,
            command,
            text,
            trigger=trigger or self._trigger(),
            response_url=response_url or self._response_url(self.actor.channel),
        )
        ack = await self.transport.send("command", payload)
        if ack.status == 200 and ack.body:
            self._take_message(ack, payload["response_url"])
        return ack

    async def mention(
        self,
        text: str,
        *,
        thread_ts: str | None = None,
        ts: str | None = None,
        event_id: str | None = None,
        retry_num: int | None = None,
    ) -> Ack:
        """Write to the bot in the channel."""
        workspace = self.fake.workspaces.get(self.actor.team) or Workspace(self.actor.team)
        called = f"<@{workspace.bot_user_id}>"
        message = payloads.written(
            self.actor,
            text if called in text else f"{called} {text}",
            ts or self.fake.new_ts(),
            channel=self.actor.channel,
            thread_ts=thread_ts,
        )
        event = message | {"type": "app_mention", "event_ts": message["ts"]}
        return await self.event(event, event_id=event_id, retry_num=retry_num)

    async def dm(
        self,
        text: str,
        *,
        thread_ts: str | None = None,
        ts: str | None = None,
        subtype: str | None = None,
        event_id: str | None = None,
        retry_num: int | None = None,
        **fields: Json,
    ) -> Ack:
        """Write to the bot alone; `fields` (bot_id, user ...) stand beside or instead of the usual."""
        ts = ts or self.fake.new_ts()
        event = payloads.written(
            self.actor,
            text,
            ts,
            channel=self.actor.dm,
            channel_type="im",
            event_ts=ts,
            thread_ts=thread_ts,
            subtype=subtype,
            **fields,
        )
        return await self.event(event, event_id=event_id, retry_num=retry_num)

    async def open_home(self, tab: str = "home", *, event_id: str | None = None) -> Ack:
        """Open the app's Home or Messages tab."""
        event: Object = {
            "type": "app_home_opened",
            "user": self.actor.user,
            "channel": self.actor.dm,
            "tab": tab,
            "event_ts": self.fake.new_ts(),
        }
        home = self.fake.home.get((self.actor.team, self.actor.user))
        if home and tab == "home":
            event["view"] = payloads.view_object(self.fake, home, {"values": {}})
        return await self.event(event, event_id=event_id)

    async def press(
        self,
        where: Post | ViewRecord,
        action_id: str,
        choice: Json = None,
        *,
        block_id: str | None = None,
        values: Mapping[str, Json] | None = None,
        trigger: str | None = None,
        response_url: str | None = None,
    ) -> Ack:
        """Press a button, or choose in a menu, of a message or a view.

        `choice` is the value chosen ("positive" or "negative" of feedback buttons); `values` is
        what stands in the fields beside it.
        """
        self._must_see(where)
        blocks = with_ids(where.blocks)
        block, element = forms.find(blocks, action_id, block_id)
        actions = [forms.acted(block, element, choice, self.fake.new_ts())]
        if element["type"] in forms.HOLDS_STATE:
            values = {**(values or {}), block["block_id"]: choice}
        held = forms.state_of(blocks, values or {})
        if isinstance(where, Post):
            payload = payloads.action_in_message(self.fake, self.actor, where, actions, held)
            payload["response_url"] = response_url or self._response_url(where.channel)
        else:
            payload = payloads.action_in_view(self.fake, self.actor, where, actions, held)
        payload["trigger_id"] = trigger or self._trigger()
        return await self.transport.send("interactive", payload)

    async def global_shortcut(self, callback_id: str, *, trigger: str | None = None) -> Ack:
        """Choose a shortcut of the app, from anywhere."""
        payload = payloads.shortcut(
            self.fake,
            self.actor,
            callback_id,
            trigger=trigger or self._trigger(),
            ts=self.fake.new_ts(),
        )
        return await self.transport.send("interactive", payload)

    async def message_shortcut(
        self,
        callback_id: str,
        text: str,
        *,
        ts: str | None = None,
        thread_ts: str | None = None,
        trigger: str | None = None,
        response_url: str | None = None,
    ) -> Ack:
        """Choose a shortcut of the app on a message that somebody wrote in the channel."""
        payload = payloads.message_shortcut(
            self.fake,
            self.actor,
            callback_id,
            payloads.written(self.actor, text, ts or self.fake.new_ts(), thread_ts=thread_ts),
            trigger=trigger or self._trigger(),
            response_url=response_url or self._response_url(self.actor.channel),
            ts=self.fake.new_ts(),
        )
        return await self.transport.send("interactive", payload)

    async def submit(
        self,
        record: ViewRecord,
        values: Mapping[str, Json] | None = None,
        *,
        trigger: str | None = None,
    ) -> Ack:
        """Send a form off, with fields changed by block; the app's answer changes what is shown."""
        self._must_see(record)
        if "submit" not in record.view:
            raise CannotDoError("the modal has no submit button")
        blocks = with_ids(record.blocks)
        held = forms.state_of(blocks, values or {})
        forms.check_submission(blocks, held)
        payload = payloads.view_submission(self.fake, self.actor, record, held)
        payload["trigger_id"] = trigger or self._trigger()
        ack = await self.transport.send("interactive", payload)
        if ack.status == 200 and ack.json:
            self._take_view_answer(record, ack.json)
        return ack

    async def close(self, record: ViewRecord) -> Ack | None:
        """Close a form unsent, of which the app hears only if it asked to."""
        self._must_see(record)
        if not record.view.get("notify_on_close"):
            return None
        held = forms.state_of(with_ids(record.blocks), {})
        payload = payloads.view_closed(self.fake, self.actor, record, held)
        return await self.transport.send("interactive", payload)

    async def run_step(
        self, callback_id: str, inputs: Object, *, execution_id: str | None = None
    ) -> Ack:
        """Let a workflow come to a step of the app."""
        execution_id = execution_id or self.fake.function_execution(self.actor.team)
        ts = self.fake.new_ts()
        return await self.event(payloads.step(self.fake, callback_id, inputs, execution_id, ts))

    async def uninstall(self) -> Ack:
        """Remove the app from the team."""
        self.fake.revoke(self.actor.team)
        return await self._lifecycle({"type": "app_uninstalled"})

    async def revoke_tokens(self) -> Ack:
        """Take the app's token in the team back."""
        self.fake.revoke(self.actor.team)
        bot = self.fake.workspaces[self.actor.team].bot_user_id
        tokens = {"oauth": [], "bot": [bot]}
        return await self._lifecycle({"type": "tokens_revoked", "tokens": tokens})

    async def event(
        self,
        event: Object,
        *,
        event_id: str | None = None,
        retry_num: int | None = None,
        retry_reason: str = "http_timeout",
    ) -> Ack:
        """Send any event; the same `event_id` makes it the same event again."""
        payload = payloads.event_callback(
            self.fake, self.actor, event, event_id=event_id, at=1_700_000_000
        )
        retry = None if retry_num is None else Retry(retry_num, retry_reason)
        return await self.transport.send("event", payload, retry=retry)

    async def _lifecycle(self, event: Object) -> Ack:
        # Slack names no authorisation here: there is none left.
        payload = payloads.event_callback(
            self.fake, self.actor, event, event_id=None, at=1_700_000_000
        )
        del payload["authorizations"]
        return await self.transport.send("event", payload)

    def _trigger(self) -> str:
        return self.fake.trigger(self.actor.user, self.actor.team)

    def _response_url(self, channel: str) -> str:
        return self.fake.response_url(channel, self.actor.user, self.actor.team)

    def _must_see(self, where: Post | ViewRecord) -> None:
        seen_by = where.ephemeral_to if isinstance(where, Post) else where.user
        if seen_by not in (None, self.actor.user):
            raise CannotDoError(f"only {seen_by} sees this, not {self.actor.user}")

    def _take_message(self, ack: Ack, url: str) -> None:
        said = deepcopy(ack.json) if isinstance(ack.json, dict) else {"text": ack.body}
        given = self.fake.response_urls.get(url)
        actor = self.actor
        address = given or ResponseUrl(url, actor.team, actor.channel, actor.user, 0.0)
        try:
            respond(self.fake, address, said, via="ack")
        except RefusalError as refusal:
            raise CannotDoError(f"Slack refuses the answer: {refusal.error} {said}") from refusal

    def _take_view_answer(self, record: ViewRecord, answer: Object) -> None:
        action = answer.get("response_action")
        if action == "errors":
            self._must_be_inputs(record, answer.get("errors"))
        elif action in ("update", "push"):
            try:
                check_view(self.fake, answer.get("view"), "modal")
            except RefusalError as refusal:
                raise CannotDoError(f"Slack refuses the view: {refusal.details}") from refusal
            if action == "update":
                change_view(self.fake, record, answer["view"])
            else:
                add_view(self.fake, record.team, answer["view"], record.user, under=record)
        elif action != "clear":
            raise CannotDoError(f"Slack knows no answer to a form like {answer}")

    @staticmethod
    def _must_be_inputs(record: ViewRecord, errors: Json) -> None:
        inputs = {
            block["block_id"] for block in with_ids(record.blocks) if block["type"] == "input"
        }
        sound = isinstance(errors, dict) and errors and errors.keys() <= inputs
        if not sound or not all(isinstance(each, str) and each for each in errors.values()):
            raise CannotDoError(f"errors are texts by input block {sorted(inputs)}, not {errors}")
