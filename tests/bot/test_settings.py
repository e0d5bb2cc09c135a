"""What the environment may say, and what whoever runs the bot is told where it may not."""

import pytest
from cryptography.fernet import Fernet

from bot.settings import OAuthClient, Settings, SettingsError, settings_from

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
ONE_WORKSPACE = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_SIGNING_SECRET": "signing-secret"}
SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}
MANY_WORKSPACES = {
    "SLACK_CLIENT_ID": "123.456",
    "SLACK_CLIENT_SECRET": "client-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "RLCOST_TOKEN_KEYS": KEY,
}


def http(**said: str) -> Settings:
    return settings_from({**ONE_WORKSPACE, **said}, socket=False)


def test_a_bot_token_and_a_signing_secret_are_enough_for_http() -> None:
    assert settings_from(ONE_WORKSPACE, socket=False) == Settings(
        bot_token="xoxb-1-secret",
        oauth=None,
        token_keys=(),
        signing_secret="signing-secret",
        app_token=None,
        api_url="https://slack.com/api/",
        host="127.0.0.1",
        port=3000,
        database_url="sqlite:///rlcost.db",
    )


def test_a_bot_token_and_an_app_token_are_enough_for_socket_mode() -> None:
    settings = settings_from(SOCKET, socket=True)
    assert (settings.bot_token, settings.app_token) == ("xoxb-1-secret", "xapp-1-secret")
    assert settings.signing_secret is None


@pytest.mark.parametrize("socket", [False, True])
def test_client_credentials_and_a_key_serve_many_workspaces(socket: bool) -> None:
    said = {**MANY_WORKSPACES, "SLACK_APP_TOKEN": "xapp-1-secret"}
    settings = settings_from(said, socket=socket)
    assert settings.bot_token is None
    assert settings.oauth == OAuthClient(client_id="123.456", client_secret="client-secret")
    assert settings.token_keys == (KEY,)


def test_what_is_said_replaces_every_default() -> None:
    settings = http(HOST="::1", PORT="0", RLCOST_DATABASE_URL="sqlite:////data/rlcost.db")
    assert (settings.host, settings.port) == ("::1", 0)
    assert settings.database_url == "sqlite:////data/rlcost.db"


def test_an_empty_variable_is_not_set_and_space_around_a_value_does_not_count() -> None:
    empty = dict.fromkeys(
        (
            "SLACK_CLIENT_ID",
            "SLACK_CLIENT_SECRET",
            "RLCOST_TOKEN_KEYS",
            "PORT",
            "HOST",
            "SLACK_API_URL",
            "RLCOST_DATABASE_URL",
        ),
        "",
    )
    assert http(**empty) == http()
    assert http(SLACK_BOT_TOKEN=" xoxb-1-secret\n", SLACK_CLIENT_ID="  ") == http()


def test_keys_are_split_at_commas_and_those_of_fernet_are_taken() -> None:
    made = Fernet.generate_key().decode()
    assert http(RLCOST_TOKEN_KEYS=f"{made}, {KEY}").token_keys == (made, KEY)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://slack-gov.com/api", "https://slack-gov.com/api/"),
        ("https://slack.com/api/", "https://slack.com/api/"),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api/"),
        ("http://127.8.9.1", "http://127.8.9.1/"),
        ("http://[::1]:8080/api", "http://[::1]:8080/api/"),
        ("http://localhost:8080/api", "http://localhost:8080/api/"),
    ],
)
def test_the_api_url_ends_in_a_slash_and_is_https_beyond_this_machine(url: str, read: str) -> None:
    assert http(SLACK_API_URL=url).api_url == read


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://slack.com/api/", "is http to slack.com"),
        ("http://127.0.0.1.example.com/api/", "is http to 127.0.0.1.example.com"),
        ("http://localhost.example.com/", "is http to localhost.example.com"),
        ("http://10.0.0.1/", "is http to 10.0.0.1"),
        ("slack.com/api", "is no URL with a host"),
        ("https:///api/", "is no URL with a host"),
        ("ftp://slack.com/api/", "is not https"),
        ("https://[::1/api/", "is no URL"),
        ("https://slack.com:99999/api/", "is no URL"),
        ("https://slack.com/api/?token=hidden", "holds a query or a fragment"),
        ("https://slack.com/api/#hidden", "holds a query or a fragment"),
        ("https://slack.com/api/?", "holds a query or a fragment"),
        ("https://me:hidden@slack.com/api/", "holds a user or a password"),
        ("https://slack.com/a\npi/", "holds a space or an invisible character"),
    ],
)
def test_an_api_url_that_cannot_be_used_is_refused(url: str, fault: str) -> None:
    with pytest.raises(SettingsError) as refused:
        http(SLACK_API_URL=url)
    assert str(refused.value).startswith(f"SLACK_API_URL {fault}; put an https URL there")
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("port", ["-1", "65536", "3000.0", "3_000", "٣٠٠٠", "http", "9" * 5000])
def test_a_port_is_a_whole_number_that_a_socket_can_have(port: str) -> None:
    with pytest.raises(SettingsError, match=r"^PORT is '.*'; put a whole number from 0 to 65535"):
        http(PORT=port)


def test_the_highest_port_is_one() -> None:
    assert http(PORT="65535").port == 65_535


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("xoxp-1-hidden", "a user token (xoxp-…)"),
        ("xapp-1-hidden", "an app-level token (xapp-…)"),
        ("xoxe.xoxb-1-hidden", "a bot token that expires (xoxe.xoxb-…)"),
        ("xoxe-1-hidden", "a refresh token (xoxe-…)"),
        ("hidden", "something that is no Slack token"),
    ],
)
def test_another_kind_of_token_is_named_and_not_shown(token: str, kind: str) -> None:
    with pytest.raises(SettingsError) as refused:
        http(SLACK_BOT_TOKEN=token)
    assert str(refused.value) == (
        f"SLACK_BOT_TOKEN holds {kind}; put a bot token there, which begins with xoxb-"
    )


def test_a_bot_token_is_refused_as_app_token() -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from({**SOCKET, "SLACK_APP_TOKEN": "xoxb-1-hidden"}, socket=True)
    assert str(refused.value) == (
        "SLACK_APP_TOKEN holds a bot token (xoxb-…); "
        "put an app-level token there, which begins with xapp-"
    )


@pytest.mark.parametrize("token", ["xoxb-", "xoxb-1 hidden", "xoxb-1\nhidden", "xoxb-…hidden"])
def test_a_garbled_token_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match=r"^SLACK_BOT_TOKEN holds a token that is cut") as told:
        http(SLACK_BOT_TOKEN=token)
    assert "hidden" not in str(told.value)


def without(said: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in said.items() if name not in names}


@pytest.mark.parametrize(
    ("said", "socket", "told"),
    [
        (without(ONE_WORKSPACE, "SLACK_BOT_TOKEN"), False, "SLACK_BOT_TOKEN is not set; "),
        ({}, True, "SLACK_BOT_TOKEN is not set; "),
        (ONE_WORKSPACE, True, "SLACK_APP_TOKEN is not set; "),
        (SOCKET, False, "SLACK_SIGNING_SECRET is not set; "),
        (
            without(MANY_WORKSPACES, "SLACK_CLIENT_ID"),
            False,
            "SLACK_CLIENT_ID is not set, though SLACK_CLIENT_SECRET is; ",
        ),
        (
            without(MANY_WORKSPACES, "SLACK_CLIENT_SECRET"),
            False,
            "SLACK_CLIENT_SECRET is not set, though SLACK_CLIENT_ID is; ",
        ),
        (
            {**MANY_WORKSPACES, **ONE_WORKSPACE},
            False,
            "SLACK_BOT_TOKEN and SLACK_CLIENT_ID are both set; ",
        ),
        (
            {**ONE_WORKSPACE, "SLACK_CLIENT_SECRET": "client-secret"},
            False,
            "SLACK_BOT_TOKEN and SLACK_CLIENT_SECRET are both set; ",
        ),
        (
            without(MANY_WORKSPACES, "RLCOST_TOKEN_KEYS"),
            False,
            "RLCOST_TOKEN_KEYS is not set; ",
        ),
        (
            without(MANY_WORKSPACES, "SLACK_SIGNING_SECRET"),
            False,
            "SLACK_SIGNING_SECRET is not set; ",
        ),
    ],
)
def test_what_is_missing_or_said_twice_is_named(
    said: dict[str, str], socket: bool, told: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from(said, socket=socket)
    assert str(refused.value).startswith(told)
    assert "secret" not in str(refused.value).replace("signing secret", "")


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ("hidden", "key 1 of 1"),
        (f"{KEY},hidden", "key 2 of 2"),
        (f"{KEY},", "key 2 of 2"),
        (KEY.rstrip("="), "key 1 of 1"),
        (f"{KEY[:42]}+=", "key 1 of 1"),
        (f"{KEY};{KEY}", "key 1 of 1"),
    ],
)
def test_a_key_that_is_none_is_named_by_its_place_and_not_shown(keys: str, place: str) -> None:
    with pytest.raises(SettingsError) as refused:
        http(RLCOST_TOKEN_KEYS=keys)
    message = str(refused.value)
    assert message.startswith(f"RLCOST_TOKEN_KEYS holds no Fernet key as {place}; ")
    assert "Fernet.generate_key()" in message
    assert "hidden" not in message
    assert KEY[:20] not in message


def test_no_secret_stands_in_what_is_printed_of_the_settings() -> None:
    many = {
        **MANY_WORKSPACES,
        "SLACK_APP_TOKEN": "xapp-1-secret",
        "RLCOST_DATABASE_URL": "postgresql://bot:secret@db/rlcost",
    }
    for said in (many, {**SOCKET, **ONE_WORKSPACE}):
        printed = repr(settings_from(said, socket=True))
        assert "https://slack.com/api/" in printed
        for secret in ("xoxb-1", "xapp-1", "client-secret", "signing-secret", KEY, ":secret@"):
            assert secret not in printed


def test_without_a_word_nobody_decides_on_rates() -> None:
    assert http().reviewers == ()
    assert http(RLCOST_REVIEWERS=" , ").reviewers == ()


def test_reviewers_are_user_ids_separated_by_commas_each_once() -> None:
    assert http(RLCOST_REVIEWERS=" U012AB3CD,W9, U012AB3CD,").reviewers == ("U012AB3CD", "W9")


@pytest.mark.parametrize(
    "said", ["ann", "@ann", "<@U012AB3CD>", "u012ab3cd", "C012AB3CD", "U1;U2", "U1 U2", "U"]
)
def test_a_reviewer_who_is_no_user_id_is_named(said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        http(RLCOST_REVIEWERS=f"U1,{said}")
    assert str(refused.value).startswith(f"RLCOST_REVIEWERS holds {said!r}, which is no user id; ")
