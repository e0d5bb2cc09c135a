"""Everything that Slack sends, heard: one module for each way in."""

from slack_bolt.async_app import AsyncApp

from bot.listeners import (
    buttons,
    commands,
    digest_buttons,
    errors,
    exports,
    form,
    home,
    lifecycle,
    messages,
    once,
    reviews,
    shortcuts,
    workflow,
)
from bot.listeners.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Put every listener into a Bolt app. The order matters: what answers anything comes last."""
    for module in (
        once,
        errors,
        commands,
        messages,
        form,
        buttons,
        exports,
        digest_buttons,
        reviews,
        shortcuts,
        home,
        workflow,
    ):
        module.register(app, services)
    lifecycle.register(app, services)
    buttons.register_unknown(app, services)
    errors.register_rest(app)
