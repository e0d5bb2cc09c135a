"""manifest.yaml, the one description of the Slack app: what Slack is told is what the code goes by."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
_PLACES = (_HERE / "manifest.yaml", _HERE.parent / "manifest.yaml")
"""Inside the package once it is built, beside it in a clone."""


@cache
def load_manifest() -> dict[str, Any]:
    """The manifest as Slack takes it. Raises FileNotFoundError where a build has left it out."""
    file = next((place for place in _PLACES if place.is_file()), _PLACES[-1])
    manifest: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return manifest


def bot_scopes() -> tuple[str, ...]:
    """What the app may do in a workspace, and asks for when it is installed: what may be left out too, or it is never offered.

    https://docs.slack.dev/authentication/installing-with-oauth#optional-scopes
    """
    return tuple(load_manifest()["oauth_config"]["scopes"]["bot"])


def suggested_prompts() -> list[dict[str, str]]:
    """What the messages tab proposes to ask."""
    prompts: list[dict[str, str]] = load_manifest()["features"]["agent_view"]["suggested_prompts"]
    return prompts
