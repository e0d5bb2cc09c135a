"""The fake's server refuses what Slack refuses, remembers what came, and fails when it is told to."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fake_slack import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeSlack,
    Workspace,
)
from tests.fake_slack.samples import ANSWER, FEEDBACK, HOME, PREFORMATTED, SHAPE, Object, section
from tests.fake_slack.trials import Clock, error_of

# The Web API


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"channel": "C9", "text": "x"}, "channel_not_found"),
        ({"channel": "C2", "text": "x"}, "not_in_channel"),
        ({"channel": "C1"}, "no_text"),
        ({"channel": "C1", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C1", "text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"channel": "C1", "text": "x", "blocks": [{"type": "alert"}]}, "invalid_blocks"),
        (
            {"channel": "C1", "text": "x", "blocks": [section("x" * 2700)] * 5},
            "msg_blocks_too_long",
        ),
        ({"channel": "C1", "text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
        ({"text": "x"}, "invalid_arguments"),
        ({"channel": "C1", "text": "x", "client_msg_id": "digest/C1"}, "invalid_arguments"),
    ],
)
async def test_a_bad_post_is_refused_and_remembered_as_a_call_only(
    slack: FakeSlack, client: AsyncWebClient, message: Object, error: str
) -> None:
    slack.add_channel("C2", bot_is_member=False)
    assert await error_of(client.api_call("chat.postMessage", json=message)) == error
    assert [(call.method, call.error) for call in slack.calls] == [("chat.postMessage", error)]
    assert (slack.posts, slack.accepted_messages) == ([], [])


async def test_invalid_blocks_are_told_as_slack_tells_them(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C1", text="x", blocks=[section("")])
    told = "must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    assert caught.value.response["errors"] == [told]
    assert caught.value.response["response_metadata"] == {"messages": [f"[ERROR] {told}"]}


async def test_a_message_with_the_id_of_an_earlier_one_is_another_message(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    key = "5b9e3c1c-3f0e-5d8e-9a51-2f6f2f6a7b10"
    for _ in range(2):
        await client.chat_postMessage(channel="C1", text="x", client_msg_id=key)
    assert [post.params["client_msg_id"] for post in slack.posts] == [key, key]
    assert slack.posts[0].ts != slack.posts[1].ts


async def test_posts_are_remembered_in_order_with_their_place(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    first = await client.chat_postMessage(channel="C1", text="one", blocks=ANSWER)
    await client.chat_postMessage(
        channel="C1", text="two", thread_ts=str(first["ts"]), unfurl_links=False
    )
    await client.chat_postMessage(channel="U7", text="three")
    slack.add_user("U1")
    await client.chat_postEphemeral(channel="C1", user="U1", text="four")
    assert [(post.channel, post.text, post.ephemeral_to) for post in slack.posts] == [
        ("C1", "one", None),
        ("C1", "two", None),
        ("DU7", "three", None),
        ("C1", "four", "U1"),
    ]
    assert first["ts"] == "1700000001.000100"
    assert slack.posts[1].thread_ts == first["ts"]
    assert slack.posts[1].params["unfurl_links"] is False
    assert sorted(post.ts for post in slack.posts) == [post.ts for post in slack.posts]


async def test_only_a_post_of_ones_own_can_be_changed(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    ts = str((await client.chat_postMessage(channel="C1", text="one"))["ts"])
    await client.chat_update(channel="C1", ts=ts, text="two")
    now = slack.post("C1", ts)
    assert now is not None
    assert (now.text, now.via) == ("two", "chat.update")
    absent = client.chat_update(channel="C1", ts="1.000001", text="x")
    assert await error_of(absent) == "message_not_found"
    await client.chat_delete(channel="C1", ts=ts)
    assert await error_of(client.chat_delete(channel="C1", ts=ts)) == "message_not_found"


async def test_an_ephemeral_post_needs_a_person_who_is_there(client: AsyncWebClient) -> None:
    post = client.chat_postEphemeral(channel="C1", user="U9", text="x")
    assert await error_of(post) == "user_not_in_channel"


async def test_a_token_does_what_its_scopes_allow_in_its_team(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.add_workspace("T2", bot_token="xoxb-2", scopes=("commands",))
    other = AsyncWebClient(token="xoxb-2", base_url=slack.api_url)
    with pytest.raises(SlackApiError) as caught:
        await other.chat_postMessage(channel="C1", text="x")
    answer = caught.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "chat:write",
        "commands",
    )
    slack.add_workspace("T2", bot_token="xoxb-2")
    assert await error_of(other.chat_postMessage(channel="C1", text="x")) == "channel_not_found"
    stranger = AsyncWebClient(token="xoxb-9", base_url=slack.api_url)
    assert await error_of(stranger.auth_test()) == "invalid_auth"
    assert await error_of(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    slack.revoke("T1")
    assert await error_of(client.auth_test()) == "token_revoked"


async def test_a_method_that_is_not_known_is_refused(client: AsyncWebClient) -> None:
    assert await error_of(client.conversations_history(channel="C1")) == "unknown_method"


async def test_auth_test_says_who_the_bot_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T1", "UBOT", "BBOT")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


async def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: FakeSlack, client: AsyncWebClient, clock: Clock
) -> None:
    trigger = slack.trigger()
    opened = await client.views_open(trigger_id=trigger, view=SHAPE)
    assert opened["view"]["id"] == slack.views[0].id
    assert slack.views[0].view == SHAPE
    again = client.views_open(trigger_id=trigger, view=SHAPE)
    assert await error_of(again) == "exchanged_trigger_id"
    unknown = client.views_open(trigger_id="1.2.ab", view=SHAPE)
    assert await error_of(unknown) == "invalid_trigger_id"
    late, old = slack.trigger(), slack.trigger()
    slack.expire_trigger(old)
    assert await error_of(client.views_open(trigger_id=old, view=SHAPE)) == "expired_trigger_id"
    clock.now += 3.1
    assert await error_of(client.views_open(trigger_id=late, view=SHAPE)) == "expired_trigger_id"


async def test_a_view_is_changed_by_its_hash_and_kind(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    opened = (await client.views_open(trigger_id=slack.trigger(), view=SHAPE))["view"]
    bad = client.views_update(view_id=opened["id"], view=HOME)
    assert await error_of(bad) == "invalid_arguments"
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=SHAPE)
    stale = client.views_update(view_id=opened["id"], hash=opened["hash"], view=SHAPE)
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V9", view=SHAPE)) == "not_found"


async def test_a_home_tab_is_published_for_a_person(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    await client.views_publish(user_id="U1", view=HOME)
    assert slack.home[("T1", "U1")].view == HOME
    with pytest.raises(SlackApiError) as caught:
        await client.views_publish(user_id="U1", view={**HOME, "blocks": [FEEDBACK]})
    assert caught.value.response["errors"] == [
        "unsupported type: context_actions in a home [json-pointer:/view/blocks/0/type]"
    ]


async def test_a_step_is_completed_once_and_with_its_own_token(slack: FakeSlack) -> None:
    step = slack.function_execution()
    client = AsyncWebClient(token=slack.executions[step].token, base_url=slack.api_url)
    await client.chat_postMessage(channel="C1", text="x")
    assert await error_of(client.auth_test()) == "not_allowed_token_type"
    await client.functions_completeSuccess(function_execution_id=step, outputs={"total": "5"})
    assert [done.outputs for done in slack.completions] == [{"total": "5"}]
    again = client.functions_completeError(function_execution_id=step, error="no")
    assert await error_of(again) == "execution_not_in_running_state"
    other = client.functions_completeError(function_execution_id="Fx9", error="no")
    assert await error_of(other) == "function_execution_not_found"


async def test_prompts_are_at_most_four(slack: FakeSlack, client: AsyncWebClient) -> None:
    prompt = {"title": "Compare", "message": "compare kimi-k2p6"}
    set_prompts = client.assistant_threads_setSuggestedPrompts
    await set_prompts(channel_id="DU1", prompts=[prompt] * 4)
    assert slack.prompts == {("T1", "DU1"): [prompt] * 4}
    assert (
        await error_of(set_prompts(channel_id="DU1", prompts=[prompt] * 5)) == "invalid_arguments"
    )
    bare = set_prompts(channel_id="DU1", prompts=[{"title": "x"}])
    assert await error_of(bare) == "invalid_arguments"


async def test_blocks_can_be_validated_without_a_token(slack: FakeSlack) -> None:
    client = AsyncWebClient(base_url=slack.api_url)
    assert (await client.blocks_validate(message={"text": "x", "blocks": ANSWER}))["ok"]
    with pytest.raises(SlackApiError) as caught:
        await client.blocks_validate(blocks=[section("")])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["errors"][0]["pointer"] == "/0/text/text"
    assert await error_of(client.blocks_validate(view={"type": "x"})) == "invalid_view"
    assert await error_of(client.blocks_validate()) == "invalid_arguments"


# The client builds its credentials with a helper that aiohttp is about to drop.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_an_oauth_code_installs_the_app_once(slack: FakeSlack) -> None:
    client = AsyncWebClient(base_url=slack.api_url)
    slack.add_installable("code", Workspace("T5", bot_token="xoxb-5"), user="U5")

    async def exchange(secret: str) -> Object:
        answer = await client.oauth_v2_access(
            client_id=CLIENT_ID, client_secret=secret, code="code"
        )
        return dict(answer.data)  # type: ignore[arg-type]

    assert await error_of(exchange("guess")) == "bad_client_secret"
    answer = await exchange(CLIENT_SECRET)
    assert (answer["team"]["id"], answer["authed_user"]["id"]) == ("T5", "U5")
    assert (await client.auth_test(token=answer["access_token"]))["team_id"] == "T5"
    assert await error_of(exchange(CLIENT_SECRET)) == "invalid_code"


async def test_a_file_is_announced_sent_and_shared(slack: FakeSlack) -> None:
    slack.add_workspace(scopes=("files:write",))
    client = AsyncWebClient(token="xoxb-1", base_url=slack.api_url)
    await client.files_upload_v2(
        filename="all.csv", content="a,b\n", title="All rows", channel="C1"
    )
    file = slack.files[0]
    assert (file.name, file.content, file.title, file.channel) == (
        "all.csv",
        b"a,b\n",
        "All rows",
        "C1",
    )


# What a test scripts


async def test_a_429_says_when_to_come_back(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.refuse("chat.postMessage", retry_after=1)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C1", text="x")
    answer = caught.value.response
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (
        429,
        "ratelimited",
        "1",
    )
    slack.refuse("chat.postMessage", retry_after=0, times=2)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    await client.chat_postMessage(channel="C1", text="x")
    assert [call.error for call in slack.calls] == ["ratelimited"] * 3 + [None]


async def test_an_answer_can_be_cut_off_with_the_work_done_or_not(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    client.retry_handlers.clear()
    for performed in (False, True):
        slack.refuse("chat.postMessage", drop=True, perform=performed)
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel="C1", text="x")
        assert len(slack.posts) == performed


async def test_a_slack_that_knows_fewer_blocks_refuses_them_everywhere(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.refuse_block_types("data_table", "data_visualization")
    assert (
        await error_of(client.chat_postMessage(channel="C1", text="x", blocks=ANSWER))
        == "invalid_blocks"
    )
    home = client.views_publish(user_id="U1", view=HOME)
    assert await error_of(home) == "invalid_arguments"
    webhook = AsyncWebhookClient(slack.response_url())
    refused = await webhook.send(text="x", blocks=ANSWER)
    assert (refused.status_code, refused.body) == (400, "invalid_blocks")
    assert (await webhook.send(text="x", blocks=[PREFORMATTED, FEEDBACK])).status_code == 200
    slack.refuse_all_blocks()
    assert (await webhook.send(text="x", blocks=[PREFORMATTED])).body == "invalid_blocks"
    slack.accept_blocks()
    assert (await webhook.send(text="x", blocks=ANSWER)).body == "ok"


async def test_a_call_can_be_held_until_something_happens(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    release = asyncio.Event()
    slack.delay("chat.postMessage", release)
    posting = asyncio.create_task(client.chat_postMessage(channel="C1", text="x"))
    await slack.wait_for(lambda: slack.called("chat.postMessage"))
    slack.revoke("T1")
    assert not posting.done()
    release.set()
    assert await error_of(posting) == "token_revoked"


async def test_waiting_in_vain_tells_what_did_happen(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="C1", text="a word")
    with pytest.raises(AssertionError, match="a word"):
        await slack.wait_for(lambda: len(slack.posts) == 2, timeout=0.01)


# Response URLs


async def test_a_response_url_is_good_for_five_posts(slack: FakeSlack) -> None:
    webhook = AsyncWebhookClient(slack.response_url("C7", "U1"))
    answers = [await webhook.send(text=f"{n}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert answers[0].body == "ok"
    assert "used_url" in answers[5].body
    assert {(post.channel, post.ephemeral_to) for post in slack.posts} == {("C7", "U1")}


async def test_a_response_url_is_good_for_half_an_hour(slack: FakeSlack, clock: Clock) -> None:
    url = slack.response_url()
    clock.now += 30 * 60 + 1
    late = await AsyncWebhookClient(url).send(text="x")
    assert (late.status_code, late.body) == (404, '{"ok": false, "error": "expired_url"}')
    other = slack.response_url()
    slack.expire(other)
    assert (await AsyncWebhookClient(other).send(text="x")).status_code == 404


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": [section("")]}, "invalid_blocks"),
        ({"text": "x", "respnse_type": "in_channel"}, "invalid_payload"),
        ({"text": "x", "response_type": "public"}, "invalid_payload"),
    ],
)
async def test_a_bad_answer_to_a_response_url_gets_a_word(
    slack: FakeSlack, body: Object, word: str
) -> None:
    answer = await AsyncWebhookClient(slack.response_url()).send_dict(body)
    assert (answer.status_code, answer.body) == (400, word)


async def test_an_answer_is_seen_by_all_only_if_it_says_so(slack: FakeSlack) -> None:
    webhook = AsyncWebhookClient(slack.response_url())
    await webhook.send(text="x", response_type="in_channel", replace_original=True)
    post = slack.posts[0]
    assert (post.ephemeral_to, post.response_type, post.replace_original) == (
        None,
        "in_channel",
        True,
    )


async def test_a_response_url_can_be_scripted_too(slack: FakeSlack) -> None:
    slack.refuse("response_url", "invalid_blocks")
    webhook = AsyncWebhookClient(slack.response_url())
    assert (await webhook.send(text="x")).body == "invalid_blocks"
    slack.refuse("response_url", status=500)
    assert (await webhook.send(text="x")).status_code == 500
    assert (await webhook.send(text="x")).status_code == 200
