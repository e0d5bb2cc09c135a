import pytest

from bot.requests.normalise import MENTION, normalise


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("kimi &amp; qwen &gt; 2", "kimi & qwen > 2"),
        ("*kimi* _turns_ `20`", "kimi turns 20"),
        ("num_turns=20", "num_turns=20"),
        ("8*B300", "8 B300"),
        ("“twenty turns”", '"twenty turns"'),
        ("\u200fkimi\u200b turns\u00a0=\u20095", "kimi turns = 5"),
        ("１２ turns", "12 turns"),
        ("<https://example.com/20|20 turns> <https://example.com/9>", "20 turns"),
        ("see https://example.com/2026/20 now", "see now"),
        (":100: :tada: 20 turns :+1:", "20 turns"),
        ("T: 20 N: 5k", "T: 20 N: 5k"),
        ("1. kimi\n- 20 turns\n• 5k episodes", "kimi\n20 turns\n5k episodes"),
        ("—turns 20", "--turns 20"),
        ("8 × B300", "8 x B300"),
    ],
)
def test_what_changes_nothing_is_gone_and_the_rest_is_plain(raw: str, read: str) -> None:
    assert normalise(raw) == read


@pytest.mark.parametrize(
    "mention", ["<@U123>", "<#C123|general>", "<!here>", "<!channel>", "@someone"]
)
def test_a_mention_stays_as_a_mark_so_that_it_is_text_where_a_value_should_be(mention: str) -> None:
    assert normalise(f"turns={mention}") == f"turns={MENTION}"
