"""How to ask: an example of everything that can be asked, by what it is for."""

from collections.abc import Iterator, Mapping

from bot.answers import SHAPE_DEFAULTS
from bot.formatting.layout import Section
from bot.formatting.request_wording import field_words

Examples = tuple[tuple[str, str], ...]
"""What an example is about, and what to type."""

EXAMPLES: Mapping[str, Examples] = {
    "Price a run": (
        ("by key", "kimi-k2p6 turns=20 episodes=5000"),
        (
            "in words",
            "price 5k rollouts of kimi k2.6, twenty turns each, 8k prompt growing 12k a turn",
        ),
        ("own cluster", "qwen 397b on 16 B200, 40k prefill tok/s, 2400 decode tok/s"),
        ("within limits", "gpt-oss-120b budget=$5k deadline=6h"),
        ("on a day", "kimi-k2p6 as of 2026-05-16"),
    ),
    "Ask further": (
        ("several models", "compare kimi-k2p6 gpt-oss-120b turns=20"),
        ("several values", "sweep kimi-k2p6 turns=5..40"),
        ("break-even", "limits kimi-k2p6 turns=20"),
        ("for a budget", "how many episodes kimi-k2p6 budget=$10k"),
        ("the math", "explain kimi-k2p6 turns=20"),
    ),
    "Look up, hand on": (
        ("rate cards", "rates kimi-k2p6"),
        ("presets", "shapes"),
        ("with a preset", "swe-pro-sonnet45 kimi-k2p6"),
        ("as a file", "kimi-k2p6 turns=20 as csv"),
    ),
}

SLACK_EXAMPLES: Mapping[str, Examples] = {
    "Keep and watch": (
        ("save a run", "save nightly kimi-k2p6 turns=20 episodes=5000"),
        ("digest", "digest subscribe daily at 09:00 Europe/Berlin"),
        ("history", "history kimi-k2p6"),
        ("review", "review"),
    ),
}
"""What can be asked in Slack beside a price."""

SAVED_IN_SLACK = "Runs are saved in Slack channels: type `/rlcost save nightly kimi-k2p6 turns=20` in the channel that wants one."


def help_sections(*, in_slack: bool = False) -> Iterator[Section]:
    """The examples, and what holds of what is not said."""
    yield from example_sections(in_slack=in_slack)
    yield Section(lines=(_defaults(),) if in_slack else (_defaults(), SAVED_IN_SLACK))


def example_sections(*, in_slack: bool) -> Iterator[Section]:
    """A section for each purpose, an example a line; what only Slack has comes last."""
    for purpose, of_purpose in {**EXAMPLES, **(SLACK_EXAMPLES if in_slack else {})}.items():
        facts = tuple((what, f"`{example}`") for what, example in of_purpose)
        yield Section(title=purpose, facts=facts)


def _defaults() -> str:
    run = ", ".join(field_words(field, value) for field, value in SHAPE_DEFAULTS.items())
    return (
        f"Not said: {run}, the model's own cluster, today's rates. "
        "Each default that is used is named in the reply."
    )
