"""Whether, how often and where the sources are asked, as the environment says it."""

from datetime import timedelta

import pytest

from bot.settings import SettingsError
from bot.source_settings import source_settings
from pricing.sources import SOURCES, SourceId

KEY = "fw-hidden"


def test_without_a_word_every_source_but_the_one_with_a_key_is_asked_four_times_a_day() -> None:
    settings = source_settings({})
    assert settings.every == timedelta(hours=6)
    assert settings.api_key is None
    off = {source for source, url in settings.urls.items() if url is None}
    assert off == {SourceId.FIREWORKS_MODELS}
    asked = {source: url for source, url in settings.urls.items() if url}
    assert asked == {source.id: source.url for source in SOURCES.values() if source.id not in off}


def test_with_its_key_the_api_is_asked_and_the_key_is_not_shown() -> None:
    settings = source_settings({"FIREWORKS_API_KEY": f" {KEY} "})
    url = "https://api.fireworks.ai/v1/serverless/models"
    assert settings.urls[SourceId.FIREWORKS_MODELS] == url
    assert settings.api_key == KEY
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "source"),
    [
        ("RLCOST_SOURCE_TINKER_MODELS_URL", SourceId.TINKER_MODELS),
        ("RLCOST_SOURCE_TINKER_PRICING_URL", SourceId.TINKER_PRICING),
        ("RLCOST_SOURCE_FIREWORKS_SERVERLESS_URL", SourceId.FIREWORKS_SERVERLESS),
        ("RLCOST_SOURCE_FIREWORKS_GPU_URL", SourceId.FIREWORKS_GPU),
        ("RLCOST_SOURCE_FIREWORKS_MODELS_URL", SourceId.FIREWORKS_MODELS),
        ("RLCOST_SOURCE_GENAI_PRICES_URL", SourceId.GENAI_PRICES),
    ],
)
def test_each_source_has_a_variable_that_moves_it_and_empty_turns_it_off(
    variable: str, source: SourceId
) -> None:
    key = {"FIREWORKS_API_KEY": KEY}
    mirror = "https://mirror.example/rates"
    moved = source_settings({**key, variable: f" {mirror} "})
    assert {at: url for at, url in moved.urls.items() if url == mirror} == {source: mirror}
    for nothing in ("", "  "):
        off = source_settings({**key, variable: nothing})
        assert [at for at, url in off.urls.items() if url is None] == [source]


def test_this_machine_alone_may_be_asked_without_tls() -> None:
    url = "http://127.0.0.1:8080/rates?format=md"
    settings = source_settings({"RLCOST_SOURCE_FIREWORKS_GPU_URL": url})
    assert settings.urls[SourceId.FIREWORKS_GPU] == url


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://example.com/", "is http to example.com"),
        ("example.com/rates", "is no URL with a host"),
        ("https:///rates", "is no URL with a host"),
        ("ftp://example.com/", "is not https"),
        ("https://example.com:99999/", "is no URL"),
        ("https://me:hidden@example.com/", "holds a user or a password"),
        ("https://example.com/#hidden", "holds a fragment"),
        ("https://exa mple.com/", "holds a space or an invisible character"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_what_to_put_there(
    url: str, fault: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        source_settings({"RLCOST_SOURCE_FIREWORKS_GPU_URL": url})
    said = str(refused.value)
    assert said.startswith(f"RLCOST_SOURCE_FIREWORKS_GPU_URL {fault}; put an https URL there")
    assert "https://fireworks.ai/pricing" in said
    assert "hidden" not in said


@pytest.mark.parametrize("key", ["fw hidden", "fw\nhidden", "fw-hidden-ü"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_quoted(key: str) -> None:
    with pytest.raises(SettingsError, match="FIREWORKS_API_KEY") as refused:
        source_settings({"FIREWORKS_API_KEY": key})
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "every"),
    [
        ("1", timedelta(hours=1)),
        (" 12 ", timedelta(hours=12)),
        ("168", timedelta(days=7)),
        ("", timedelta(hours=6)),
        ("0", None),
        ("00", None),
    ],
)
def test_how_often_is_a_whole_number_of_hours_and_0_is_never(
    said: str, every: timedelta | None
) -> None:
    assert source_settings({"RLCOST_CHECK_EVERY_HOURS": said}).every == every


@pytest.mark.parametrize("said", ["169", "-1", "1.5", "six", "1e1", "٣", "1_0", "9" * 5000])
def test_any_other_interval_is_refused(said: str) -> None:
    with pytest.raises(SettingsError, match=r"^RLCOST_CHECK_EVERY_HOURS is '.*'; put a whole"):
        source_settings({"RLCOST_CHECK_EVERY_HOURS": said})
