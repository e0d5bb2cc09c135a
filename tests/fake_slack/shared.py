"""A second opinion on payloads: the checks in a folder `shared` beside the repository, where there is one."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

from tests.fake_slack.shapes import Object

CHECKS = Path(__file__).parents[2].parent / "shared" / "checks" / "slack" / "check.py"


@cache
def shared_checks() -> ModuleType | None:
    """The checks, loaded once; None where the folder is not."""
    if not CHECKS.exists():
        return None
    spec = importlib.util.spec_from_file_location("shared_slack_checks", CHECKS)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shared_faults(kind: Literal["message", "view"], payload: Object) -> list[str]:
    """What those checks find wrong with a message or a view."""
    checks = shared_checks()
    if checks is None:
        return []
    return list((checks.message_faults if kind == "message" else checks.view_faults)(payload))
