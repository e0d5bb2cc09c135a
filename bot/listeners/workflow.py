"""The Workflow Builder step `Price an RL rollout`: a request in; the verdict, the cheapest path and its amount out."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.context.complete.async_complete import AsyncComplete
from slack_bolt.context.fail.async_fail import AsyncFail

from bot.formatting.as_json import number
from bot.formatting.buttons import CallbackId
from bot.formatting.verdict_wording import verdict_text
from bot.judged import Judged
from bot.listeners.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """A step that cannot be answered with a price fails, with the sentence that says why."""

    async def step(
        inputs: dict[str, Any], complete: AsyncComplete, fail: AsyncFail, context: AsyncBoltContext
    ) -> None:
        services.work.start(
            services.finishing(
                _step(services, str(inputs.get("request") or ""), complete, fail),
                services.caller(context).event_id,
            ),
            where="the workflow step",
            apologise=fail,
        )

    app.function(CallbackId.WORKFLOW_STEP.value)(step)


async def _step(services: Services, text: str, complete: AsyncComplete, fail: AsyncFail) -> None:
    answer = services.desk.answer(services.desk.read(text))
    summary = verdict_text(answer)
    best = answer.verdict.best if isinstance(answer.verdict, Judged) else None
    if best is None:
        await fail(summary.replace("`", ""))
        return
    await complete(
        {"summary": summary, "cheapest_path": best.path.value, "amount_usd": number(best.usd)}
    )
