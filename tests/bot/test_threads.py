"""What a thread keeps of a request that was refused, so that no later price leaves a part of it out unseen."""

from bot.requests import Field, from_json, read
from bot.threads import open_text, still_open, to_keep
from tests.bot.asking import CATALOGUE, TODAY


def asked(text: str, before: str = "") -> tuple[dict[str, object], tuple[Field, ...]]:
    """What is kept of `before`, and what of it is open once `text` follows."""
    kept = to_keep(read(before, CATALOGUE, today=TODAY))
    request = read(text, CATALOGUE, today=TODAY, previous=from_json(kept))
    return kept, still_open(kept, request)


def test_a_refused_value_stays_open_until_it_is_said() -> None:
    kept, missing = asked("9000 episodes", before="kimi-k2p6 turns=0 episodes=5000")
    assert kept["fields"] == {"episodes": 5000}
    assert missing == (Field.TURNS,)
    assert asked("turns=10", before="kimi-k2p6 turns=0 episodes=5000")[1] == ()


def test_nothing_typed_is_kept() -> None:
    kept, _ = asked("", before="kimi-k2p6 turns=secretword")
    assert "secretword" not in str(kept)


def test_of_an_unknown_model_none_is_kept() -> None:
    kept, _ = asked("and 40 turns", before="model=llama-foo turns=20")
    assert kept["models"] == []
    assert kept["fields"] == {"turns": 20}


def test_starting_over_leaves_nothing_open() -> None:
    _, missing = asked("start over: kimi-k2p6 turns=5", before="kimi-k2p6 turns=0")
    assert missing == ()


def test_the_sentence_names_the_field_and_what_it_takes() -> None:
    assert open_text([Field.TURNS]) == (
        "`turns` could not be read before, and is still to be said: "
        "`turns` takes whole numbers from 1 to 200. Or `start over`."
    )
