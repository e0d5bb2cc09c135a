"""Comparisons: who is ranked and how, who cannot be bought and why, and what is asked instead of nothing."""

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from bot.answers import Answer
from bot.comparisons import BY_WEIGHT, MOST_ROWS
from bot.formatting.verdict_wording import verdict_text
from bot.judged import Judged
from bot.requests import read
from bot.requests.request import Field, Intent, Request, has_several
from bot.suggestions import as_typed
from bot.verdicts import Compared, Swept
from engine.caveats import (
    BillingPath,
    Caveat,
    DefaultsUsed,
    FixedThroughput,
    HeldForReview,
    NoRate,
    NoThroughput,
    NotOffered,
    ObservedRatesMissing,
    OverflowDiffers,
    SaturatedThroughput,
)
from pricing.cards import CardPath, GpuCard, HeldClaim, RateBook, ServerlessCard
from pricing.catalogue import GpuType
from tests.bot.asking import BOOK, CATALOGUE, TODAY, ask, estimate
from tests.pricing.books import book_of, gpu_card, serverless_card, tinker_card

PRIORITY = CardPath.SERVERLESS_PRIORITY


def asked(text: str, *, book: RateBook = BOOK, previous: Request | None = None) -> Answer:
    return ask(read(text, CATALOGUE, today=TODAY, previous=previous), book=book)


def verdict_of(answer: Answer) -> Compared:
    assert isinstance(answer.verdict, Compared)
    return answer.verdict


def order(answer: Answer) -> list[str]:
    return [ranked.model.key for ranked in verdict_of(answer).ranked]


def judged(model: str) -> Judged:
    verdict = estimate(model).verdict
    assert isinstance(verdict, Judged)
    return verdict


def test_models_stand_by_the_cheapest_path_of_each() -> None:
    # 416,000 tokens an episode: $1/M make $0.416, $2/M $0.832, $0.50/M $0.208
    book = book_of(
        serverless_card("2"),
        serverless_card("0.5", path=PRIORITY),
        serverless_card("1", model="kimi-k3"),
    )
    answer = asked("compare kimi-k3 and kimi-k2p6", book=book)
    assert [(r.model.key, r.best.path, r.best.usd) for r in verdict_of(answer).ranked] == [
        ("kimi-k2p6", BillingPath.SERVERLESS_PRIORITY, Decimal(208)),
        ("kimi-k3", BillingPath.SERVERLESS_STANDARD, Decimal(416)),
    ]
    assert [entry.model.key for entry in answer.models] == ["kimi-k2p6", "kimi-k3"]


def test_each_row_is_what_an_estimate_of_that_model_says() -> None:
    for ranked in verdict_of(asked("compare")).ranked:
        assert ranked.best == judged(ranked.model.key).best


def test_without_a_name_every_model_with_a_choice_of_paths_takes_part() -> None:
    answer = asked("compare")
    verdict = verdict_of(answer)
    chosen = {
        model.key
        for model in CATALOGUE
        if sum(q.priced.estimate is not None for q in estimate(model.key).models[0].quotes) >= 2
    }
    shown = {entry.model.key for entry in answer.models}
    assert shown < chosen
    assert len(shown) == MOST_ROWS
    assert {model.key for model in verdict.cut} == chosen - shown
    amounts = [ranked.best.usd for ranked in verdict.ranked]
    assert amounts == sorted(amounts)


def test_what_is_cut_is_never_cheaper_than_what_is_shown() -> None:
    models = [model.key for model in CATALOGUE]
    answer = ask(Request(intent=Intent.COMPARE, models=tuple(models), fields={}))
    verdict = verdict_of(answer)
    assert len(answer.models) == MOST_ROWS
    assert len(verdict.cut) == len(models) - MOST_ROWS
    offered = sorted(best.usd for key in models if (best := judged(key).best))
    assert [r.best.usd for r in verdict.ranked] == offered[:MOST_ROWS]


def test_what_cannot_be_bought_stands_by_its_notional_amount_and_at_last_without_one() -> None:
    every = Request(intent=Intent.COMPARE, models=tuple(m.key for m in CATALOGUE)[20:40], fields={})
    lacking = verdict_of(ask(every)).lacking
    amounts = [min((c.usd for c in each.judged.notional), default=None) for each in lacking]
    known = [usd for usd in amounts if usd is not None]
    assert known == sorted(known) == amounts[: len(known)]
    assert 0 < len(known) < len(amounts)


def test_models_without_a_choice_of_paths_say_what_each_lacks() -> None:
    verdict = verdict_of(asked("compare", book=book_of(serverless_card("1"))))
    assert verdict.choiceless
    assert [each.model for each in verdict.lacking] == [*CATALOGUE]
    kimi = verdict.lacking[0]
    assert [path for path, _ in kimi.paths] == [
        path for path in BillingPath if path is not BillingPath.SERVERLESS_STANDARD
    ]


# The default run of Kimi K2.6 on 8 × B300 at $15: decode 2.963 h, prefill 0.852 h, so $355.56 to $457.78.
BAND = (gpu_card("15"), serverless_card("1", model="kimi-k3"))


def test_a_band_that_reaches_the_next_model_is_too_close_to_call() -> None:
    verdict = verdict_of(asked("compare kimi-k2p6 and kimi-k3", book=book_of(*BAND)))
    assert [r.best.usd.quantize(Decimal("0.01")) for r in verdict.ranked] == [
        Decimal("355.56"),
        Decimal("416.00"),
    ]
    assert verdict.too_close


def test_a_band_that_another_path_of_the_model_caps_below_the_next_is_not() -> None:
    # $0.90/M make $374.40, which holds however the phases of dedicated overlap.
    book = book_of(*BAND, serverless_card("0.9"))
    verdict = verdict_of(asked("compare kimi-k2p6 and kimi-k3", book=book))
    assert verdict.ranked[0].best.path is BillingPath.DEDICATED
    assert verdict.ranked[0].ceiling.usd_high == Decimal("374.4")
    assert not verdict.too_close


B200 = GpuType.B200_180GB
H200 = GpuType.H200_141GB


def reach(text: str, *cards: GpuCard | ServerlessCard) -> list[str]:
    """Which models besides the cheapest could be it."""
    verdict = verdict_of(asked(f"compare {text}", book=book_of(*cards)))
    return [each.model.key for each in verdict.within_reach]


def test_bands_of_two_clusters_that_meet_are_too_close() -> None:
    # Qwen3.5-397B on 8 × B200: decode 13,333 s and prefill 4,600 s, so at $13 $385.19 to $518.07, at $16 $474.07 at least
    kimi = gpu_card("15")
    assert reach("kimi-k2p6 qwen 397b", kimi, gpu_card("13", gpu_type=B200)) == ["qwen3p5-397b"]
    assert reach("kimi-k2p6 qwen 397b", kimi, gpu_card("16", gpu_type=B200)) == []


def test_everyone_below_the_lowest_ceiling_could_be_cheapest() -> None:
    # Kimi K2.6 takes $355.56 to $457.78, Kimi K3 $416.00 or $374.40, GLM-5.3 $395.20: 416,000 tokens an episode
    glm = serverless_card("0.95", model="glm-5p3")
    dearer, capped = (serverless_card(usd, model="kimi-k3") for usd in ("1", "0.9"))
    models = "kimi-k2p6 kimi-k3 glm-5p3"
    assert reach(models, gpu_card("15"), dearer) == ["kimi-k3"]
    assert reach(models, gpu_card("15"), dearer, glm) == ["glm-5p3"]
    assert reach(models, gpu_card("15"), capped, glm) == ["kimi-k3"]
    with_qwen = (gpu_card("13", gpu_type=B200), gpu_card("15"), dearer)
    assert reach(f"{models} qwen 397b", *with_qwen) == ["qwen3p5-397b", "kimi-k3"]


def test_an_amount_that_is_certain_is_never_too_close() -> None:
    # K3 at $0.80/M is $332.80, below every end of the band
    assert reach("kimi-k2p6 kimi-k3", gpu_card("15"), serverless_card("0.8", model="kimi-k3")) == []


def test_one_model_alone_is_never_too_close() -> None:
    alone = Request(intent=Intent.COMPARE, models=("kimi-k2p6",), fields={})
    assert not verdict_of(ask(alone)).too_close


def test_paths_that_are_named_narrow_the_comparison() -> None:
    verdict = verdict_of(asked("compare kimi-k2p6 and gpt-oss-120b on tinker"))
    assert {ranked.best.path for ranked in verdict.ranked} == {BillingPath.TINKER}
    # and nothing else of a model that lacks it is said
    lacking = verdict_of(asked("compare kimi-k2p6 and kimi-k3 on tinker")).lacking
    assert [(each.model.key, each.paths) for each in lacking] == [
        ("kimi-k3", ((BillingPath.TINKER, (NoRate(),)),))
    ]


def test_notional_paths_never_rank_a_model() -> None:
    # An episode peaks at 94,000 tokens.
    book = book_of(tinker_card(32_768, "0.01"), serverless_card("1", model="kimi-k3"))
    verdict = verdict_of(asked("compare kimi-k2p6 and kimi-k3", book=book))
    assert [ranked.model.key for ranked in verdict.ranked] == ["kimi-k3"]
    (lacking,) = verdict.lacking
    assert [c.path for c in lacking.judged.notional] == [BillingPath.TINKER]
    reasons = dict(lacking.paths)
    assert [r.code for r in reasons[BillingPath.TINKER]] == ["context_overflow"]
    assert reasons[BillingPath.SERVERLESS_FAST] == (NoRate(),)


def test_a_path_without_throughput_says_what_is_missing() -> None:
    book = book_of(serverless_card("1"))
    verdict = verdict_of(asked("compare kimi-k3 and kimi-k2p6 on dedicated", book=book))
    (k3, _) = verdict.lacking
    ((_, (reason,)),) = k3.paths
    assert isinstance(reason, NoThroughput)


@pytest.mark.parametrize(
    "text",
    [
        "compare kimi-k2p6 and gpt-oss-120b turns=100",
        "compare kimi-k2p6 and kimi-k2p5 on serverless",
        "compare kimi-k2p6 and kimi-k3 turns=150 on tinker",
        "compare kimi-k2p6 and qwen3p5-397b gpus=12 on dedicated",
        "compare as_of=2025-01-01",
        "compare kimi-k2p6 and gpt-oss-120b as_of=2025-01-01 turns=100 gpus=12",
        "compare glm-4p7 and glm-5",
        "compare kimi-k2p6 and gpt-oss-120b prompt=9m",
    ],
)
def test_a_comparison_of_nothing_proposes_one_that_works(text: str) -> None:
    verdict = verdict_of(asked(text))
    assert not verdict.ranked
    (proposed,) = verdict.suggestions
    request = read(as_typed(proposed), CATALOGUE, today=TODAY)
    assert request.problems == ()
    assert verdict_of(ask(request)).ranked


def test_the_most_turns_that_fit_are_proposed_first() -> None:
    # 11 turns fit the 128K of Tinker's Kimi K2.6, 22 the 256K of its window at Fireworks.
    on_tinker = asked("compare kimi-k2p6 and gpt-oss-120b turns=20 on tinker")
    assert verdict_text(on_tinker).endswith(
        " Try `compare kimi-k2p6 gpt-oss-120b tinker turns=11` (11 turns)."
    )
    anywhere = asked("compare kimi-k2p6 and gpt-oss-120b turns=100")
    assert verdict_text(anywhere).endswith(
        " Try `compare kimi-k2p6 gpt-oss-120b turns=22` (22 turns)."
    )


@pytest.mark.parametrize(
    "text",
    [
        "compare kimi-k2p6, gpt-oss-120b and qwen 397b turns=5,10",
        "compare kimi-k2p6 and gpt-oss-120b turns=5,10",
        "compare kimi-k2p6 and gpt-oss-120b turns=5..50 episodes=1000, 2000 prompt=1k,2k",
        "compare turns=5..50:5",
        "compare turns=1..200:1",
        f"compare kimi-k2p6 and gpt-oss-120b turns={','.join(str(n) for n in range(1, 60))}",
        "compare kimi-k2p6 and gpt-oss-120b turns=5,10 budget=$500 on tinker as_of=2026-08-01",
    ],
)
def test_several_values_get_two_requests_that_work(text: str) -> None:
    answer = asked(text)
    assert answer.models == ()
    sweep, compare = (
        read(as_typed(each), CATALOGUE, today=TODAY) for each in verdict_of(answer).suggestions
    )
    assert sweep.problems == compare.problems == ()
    assert sweep.intent is Intent.SWEEP
    assert sweep.models == (answer.request.models or ("kimi-k2p6",))
    assert sweep.paths == answer.request.paths
    assert has_several(sweep.fields)
    assert isinstance(ask(sweep).verdict, Swept)
    assert compare.models == answer.request.models
    assert verdict_of(ask(compare)).ranked


def test_a_budget_and_a_deadline_are_judged_for_every_model() -> None:
    answer = asked("compare kimi-k2p6 and gpt-oss-120b budget=$300 deadline=3h")
    verdict = verdict_of(answer)
    gpt, kimi = verdict.ranked
    assert gpt.judged.budget
    assert kimi.judged.budget
    assert kimi.judged.deadline
    assert gpt.judged.budget.holds[BillingPath.DEDICATED] is True  # $56.89 to $89.60
    assert kimi.judged.budget.holds[BillingPath.DEDICATED] is False  # $355.56
    assert kimi.judged.deadline.holds[BillingPath.DEDICATED] is None  # 2.963 to 3.815 hours
    assert verdict.judged_of(gpt.model) is gpt.judged
    assert verdict.judged_of(CATALOGUE.get("glm-5p3")) is None


def test_caveats_stand_once_and_are_those_of_the_paths_shown() -> None:
    answer = asked("compare kimi-k2p6 and gpt-oss-120b and qwen 397b and glm-5p3")
    assert len(set(answer.caveats)) == len(answer.caveats)
    kinds = [type(caveat) for caveat in answer.caveats]
    assert NotOffered not in kinds
    assert kinds.count(SaturatedThroughput) == 1
    on_tokens = asked("compare kimi-k3 and glm-5p3")
    assert not any(isinstance(caveat, SaturatedThroughput) for caveat in on_tokens.caveats)


def test_every_kind_of_caveat_has_its_place_but_those_that_the_rows_say() -> None:
    assert {*get_args(Caveat)} - {*BY_WEIGHT} == {NotOffered, OverflowDiffers, FixedThroughput}
    assert len(set(BY_WEIGHT)) == len(BY_WEIGHT)


def test_what_a_source_claims_of_a_model_stands_with_the_caveats() -> None:
    claim = HeldClaim(
        key=serverless_card("1", model="kimi-k3").key,
        says=(("output_usd_per_mtok", Decimal(9)),),
        gone=False,
        since=date(2026, 11, 20),
        source="https://example.com/rates",
    )
    book = book_of(serverless_card("2"), serverless_card("1", model="kimi-k3")).with_held([claim])
    answer = asked("compare kimi-k2p6 and kimi-k3", book=book.without_observed())
    held = [caveat for caveat in answer.caveats if isinstance(caveat, HeldForReview)]
    assert [caveat.path for caveat in held] == [BillingPath.SERVERLESS_STANDARD]
    assert ObservedRatesMissing() in answer.caveats
    ranked = verdict_of(answer).ranked
    assert [held[0] in each.caveats for each in ranked] == [True, False]  # K3 and K2.6


def test_what_any_model_took_by_default_is_named_once() -> None:
    answer = asked("compare kimi-k2p6 and kimi-k3 turns=10 episodes=200")
    assert Field.TURNS not in answer.defaults
    assert Field.GPUS in answer.defaults  # Kimi K2.6 has a cluster of its own, Kimi K3 none
    said = [caveat for caveat in answer.caveats if isinstance(caveat, DefaultsUsed)]
    assert said == [DefaultsUsed(fields=answer.defaults)]


def test_follow_ups_add_a_model_and_change_the_shape() -> None:
    first = asked("compare kimi-k2p6 and gpt-oss-120b")
    also = asked("also on qwen 397b", previous=first.request)
    assert order(also) == ["gpt-oss-120b", "kimi-k2p6", "qwen3p5-397b"]
    longer = asked("what about 10 turns?", previous=also.request)
    assert longer.workload is not None
    assert longer.workload.shape.turns == 10
    assert order(longer) == ["gpt-oss-120b", "kimi-k2p6", "qwen3p5-397b"]


def test_an_estimate_of_several_models_is_a_comparison() -> None:
    both = Request(intent=Intent.ESTIMATE, models=("kimi-k2p6", "gpt-oss-120b"), fields={})
    assert order(ask(both)) == ["gpt-oss-120b", "kimi-k2p6"]


def test_the_day_that_is_named_is_the_day_that_is_priced() -> None:
    answer = asked("compare kimi-k2p6 and kimi-k3 as_of=2026-08-01")
    assert answer.as_of == date(2026, 8, 1)
    assert verdict_of(answer).ranked[0].best.path is BillingPath.SERVERLESS_STANDARD
