"""How many episodes a budget buys on each path, and how many of them end within a deadline."""

from dataclasses import replace

from bot.requests.fields import RANGES
from bot.requests.request import Field
from bot.solving.question import Question
from bot.solving.solution import FREE, Solution, fit_window
from bot.suggestions import as_typed
from engine.costs import DedicatedEstimate, Offered
from engine.exact import exact
from engine.solve import most_episodes, most_episodes_in_time
from pricing.quotes import Quote

MOST_EPISODES = int(RANGES[Field.EPISODES].highest)


def episodes_bought(quote: Quote, question: Question) -> Solution:
    """The most whole episodes of one path that the budget pays for."""
    estimate, budget_usd = quote.priced.estimate, question.budget_usd
    if estimate is None or budget_usd is None:
        reason = next((reason.code for reason in quote.priced.reasons), None)
        return Solution(
            field=Field.EPISODES, path=quote.path, value=None, reason=reason, quotes=(quote,)
        )
    value = most_episodes(estimate, budget_usd=budget_usd)
    with exact():
        usd = estimate.usd_per_episode * value if value is not None else None
    found = Solution(
        field=Field.EPISODES,
        path=quote.path,
        value=value,
        reason=FREE if value is None else None,
        offered=isinstance(quote.priced, Offered),
        fits_window=fit_window(quote),
        usd=usd,
        quotes=(quote,),
    )
    if not isinstance(estimate, DedicatedEstimate):
        return found
    in_turns = most_episodes(estimate, budget_usd=budget_usd, phases_add=True)
    return _in_time(replace(found, value_if_phases_add=in_turns), estimate, question)


def _in_time(solution: Solution, estimate: DedicatedEstimate, question: Question) -> Solution:
    """The solution with how many episodes the cluster ends within the deadline, where one was said."""
    deadline_hours = question.deadline_hours
    if deadline_hours is None:
        return solution
    found = replace(
        solution,
        in_time=most_episodes_in_time(estimate, deadline_hours=deadline_hours),
        in_time_if_phases_add=most_episodes_in_time(
            estimate, deadline_hours=deadline_hours, phases_add=True
        ),
    )
    if not found.is_held_by_deadline or question.says_throughput:
        return found
    return replace(found, suggestion=_with_more_gpus(question, found.value or 1))


def _with_more_gpus(question: Question, episodes: int) -> str | None:
    """How many GPUs end all that the budget buys; None for more than a request can say."""
    if episodes > MOST_EPISODES:
        return None
    left_out = (Field.BUDGET_USD, Field.GPU_TYPE)
    run = {field: value for field, value in question.fields.items() if field not in left_out}
    return as_typed(question.how_many(Field.GPUS, {**run, Field.EPISODES: episodes}))
