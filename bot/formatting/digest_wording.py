"""Sentences of a digest: what became of a bill, what moved, what is announced, and how all of it is called."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.digests import Digest
from bot.effects import Effect, PathEffect
from bot.formatting.figures import NO_AMOUNT, money, percent, price
from bot.formatting.rates_view import card_label, card_rates
from bot.formatting.wording import PATH_NAMES, gpu_name, listed, path_names, plural, variant_name
from engine.caveats import BillingPath
from engine.costs import Offered
from engine.exact import exact
from pricing.cards import AnyCard, CardPath, GpuCard, TinkerCard
from pricing.changes import RateName, listed_rates_of
from pricing.snapshots import Announcement, Move, MoveKind

# Of more names than this the rest is counted; of more new cards than that the rates are left to the table of `rates`.
_NAMED, _SPELLED_OUT = 12, 3

RATES = {
    RateName.INPUT: "input",
    RateName.CACHED_INPUT: "cached",
    RateName.OUTPUT: "output",
    RateName.TRAIN: "train",
    RateName.GPU_HOUR: "GPU-hour",
}


def digest_verdict(digest: Digest) -> str:
    """The run that is most affected, or else the rate that moved most, or else what is announced."""
    if digest.effects:
        lead, *others = digest.effects
        return " ".join([_lead(lead), *_but(lead), *_others(digest, others)])
    if digest.moves:
        return " ".join([_biggest_move(digest.moves), *_untouched(digest)])
    if digest.announced:
        return f"Announced: {announced_words(digest.announced[0])}.{_more(digest.announced)}"
    return f"Called off: {announced_words(digest.called_off[0])}.{_more(digest.called_off)}"


def _more(announcements: Sequence[Announcement]) -> str:
    return f" {plural(len(announcements) - 1, 'more change')} below." if announcements[1:] else ""


def _lead(effect: Effect) -> str:
    """What became of the cheapest path of a run; where that did not move, of the bill that moved most."""
    was, now, run = effect.cheapest_before, effect.cheapest_after, run_words(effect)
    if was is None and now is None:
        return _moved_most(effect, run, "no path can be bought for it")
    if was is None or now is None:
        return _opened_or_closed(effect, run)
    before, after = effect.path(was), effect.path(now)
    if was is not now:
        return (
            f"Another path is cheapest for {run}: {_after_name(after)} at {_usd(after.usd_after)}; "
            f"before, it was {_before_name(before)} at {_usd(before.usd_before)}."
        )
    if before.moved:
        return f"For {run} {_bill_moves(before)}, and stays the cheapest path."
    return _moved_most(
        effect, run, f"{_after_name(after)} stays cheapest at {_usd(after.usd_after)}"
    )


def _opened_or_closed(effect: Effect, run: str) -> str:
    if effect.cheapest_after is None and effect.cheapest_before is not None:
        path = effect.path(effect.cheapest_before)
        return f"No path can be bought any more for {run}: {_before_name(path)} was cheapest at {_usd(path.usd_before)}."
    path = effect.path(effect.cheapest_after or BillingPath.TINKER)
    return f"{_after_name(path)} can now be bought for {run} at {_usd(path.usd_after)}; before, no path could."


def _moved_most(effect: Effect, run: str, rest: str) -> str:
    """A path that came or went, or the bill that moved most, and what did not move."""
    most = max(effect.moved, key=_weight)
    return f"For {run} {_bill_moves(most)}; {rest}."


def _weight(path: PathEffect) -> tuple[bool, Decimal]:
    return path.share is None or path.turned, abs(path.share or Decimal(0))


def _bill_moves(path: PathEffect) -> str:
    """`Tinker 128K falls from $276.64 to $151.17 (−45.4%)`."""
    before, after = path.usd_before, path.usd_after
    if after is None:
        return f"{_before_name(path)} has gone (it was {_usd(before)})"
    if before is None:
        return f"{_after_name(path)} is new at {_usd(after)}"
    if path.turned:
        can = "can now" if isinstance(path.after.priced, Offered) else "can no longer"
        return f"{_after_name(path)} {can} be bought, at {_usd(after)}"
    way = "rises" if after > before else "falls"
    by = "" if path.share is None else f" ({change_words(before, after)})"
    return f"{path_words(path)} {way} from {_usd(before)} to {_usd(after)}{by}"


def _but(effect: Effect) -> Iterator[str]:
    """That the list prices of what the lead is about went the other way."""
    for path in effect.moved:
        if path.against_list_prices and path.usd_before is not None and path.usd_after is not None:
            rose = path.usd_after < path.usd_before
            listed_prices, bill = ("rise", "falls") if rose else ("fall", "rises")
            yield f"{_after_name(path)}'s list prices {listed_prices}, yet its bill {bill}."
            return


def _others(digest: Digest, others: Sequence[Effect]) -> Iterator[str]:
    """How many more runs move; where all of them are shown, also how many to another cheapest path or to none."""
    if not others:
        return
    count = len(others) + len(digest.not_shown)
    one = "saved run" if others[0].name else "model"
    clauses = [f"{plural(count, f'more {one}')} {'moves' if count == 1 else 'move'} too"]
    lost = sum(effect.flipped and effect.cheapest_after is None for effect in others)
    turned = sum(effect.flipped for effect in others) - lost
    if turned and not digest.not_shown:
        clauses.append(f"{turned:,} to another cheapest path")
    if lost and not digest.not_shown:
        clauses.append(f"{lost:,} without any path now")
    yield f"{', '.join(clauses)}."


def _biggest_move(moves: Sequence[Move]) -> str:
    """The rate that moved by the largest share, or what is new or gone where none has a share."""
    lead = max(moves, key=largest_share)
    more = f" {plural(len(moves) - 1, 'more card')} moved." if len(moves) > 1 else ""
    rates = [d for d in lead.differences if share_of(d.before, d.after) is not None]
    if lead.kind is not MoveKind.CHANGED or not rates:
        what = {MoveKind.NEW: "is new", MoveKind.GONE: "is gone", MoveKind.CHANGED: "changes"}
        return f"{_item(lead)} {what[lead.kind]}{from_day(lead)}.{more}"
    rate, before, after = max(rates, key=lambda d: abs(share_of(d.before, d.after) or Decimal(0)))
    way = "rises" if (after or 0) > (before or 0) else "falls"
    return (
        f"{_item(lead)} {RATES[rate]} {way} from {_price(before)} to {_price(after)} "
        f"({change_words(before, after)}){from_day(lead)}.{more}"
    )


def _untouched(digest: Digest) -> Iterator[str]:
    if digest.unaffected:
        yield "No saved run of this channel is affected."


def opposite_ways(path: PathEffect) -> str:
    """Both ways with their figures. Only a cached rate that comes or goes can turn a bill against its list prices."""
    was, now = path.before.card, path.after.card
    if was is None or now is None or path.usd_before is None or path.usd_after is None:
        return ""
    before, after = listed_rates_of(was), listed_rates_of(now)
    prices = [
        f"{RATES[rate]} {change_words(before[rate], after[rate])}"
        for rate in (RateName.INPUT, RateName.OUTPUT)
        if before[rate] != after[rate]
    ]
    full, cached = before[RateName.INPUT], after[RateName.CACHED_INPUT]
    if cached is None:
        full, cached = before[RateName.CACHED_INPUT], after[RateName.INPUT]
    way = "falls" if path.usd_after < path.usd_before else "rises"
    bill = f"the bill {way} by {change_words(path.usd_before, path.usd_after).lstrip('+−')}"
    return (
        f"{_after_name(path)} lists {listed(prices)}, yet {bill}: "
        f"cached prompt tokens cost {_price(cached)} per 1M now, and {_price(full)} before"
    )


def announced_words(one: Announcement) -> str:
    """`B300 288GB GPU-hour $12.00 → $15.00 from 2026-09-01`."""
    if one.card is None:
        return f"{_card_item(one.now)} {gone_from(one)}" if one.now else gone_from(one)
    before = listed_rates_of(one.now) if one.now else {}
    rates = [
        f"{RATES[rate]} {f'{_price(before.get(rate))} → ' if one.now else ''}{_price(usd)}"
        for rate, usd in listed_rates_of(one.card).items()
        if usd is not None and usd != before.get(rate)
    ]
    return f"{_card_item(one.card)} {', '.join(rates)} from {one.on}{_instead(one)}"


def gone_from(one: Announcement) -> str:
    """`gone from 2026-09-26 (before: 2026-10-15)`."""
    return f"gone from {one.on}{_instead(one)}"


def _instead(one: Announcement) -> str:
    """What was announced before, where it is announced otherwise now."""
    old = one.instead_of
    if old is None:
        return ""
    return f" (before: {old.on})" if old.on != one.on else " (before: other rates)"


def run_words(effect: Effect) -> str:
    """A run as a sentence calls it."""
    if effect.name:
        return f"`{effect.name}` ({effect.model.key})"
    return f"{effect.model.key} at the default run"


def path_words(path: PathEffect) -> str:
    """A path, with both windows where another one is priced now."""
    was, now = path.before.variant, path.after.variant
    if was and now and was != now:
        return f"{PATH_NAMES[path.path]} {was} → {now}"
    return variant_name(path.path, now or was)


def _before_name(path: PathEffect) -> str:
    return variant_name(path.path, path.before.variant)


def _after_name(path: PathEffect) -> str:
    return variant_name(path.path, path.after.variant)


def _item(move: Move) -> str:
    card = move.after or move.before
    return _card_item(card) if card else move.key.item


def _card_item(card: AnyCard) -> str:
    """`gpt-oss-120b Tinker 128K`, `B300 288GB`."""
    return card_label(card) if isinstance(card, GpuCard) else f"{card.model} {card_label(card)}"


def item_name(move: Move) -> str:
    """Whose rate moved: a model's key as one types it, or a GPU."""
    card = move.after or move.before
    return _card_key(card) if card else move.key.item


def _card_key(card: AnyCard) -> str:
    return gpu_name(card.gpu_type) if isinstance(card, GpuCard) else card.model


def from_day(move: Move) -> str:
    """` from 2026-09-01`, with a blank in front; empty where no day is known."""
    if move.on is None:
        return ""
    certain = move.after is None or move.after.from_certain
    return f" {'from' if certain else 'first seen'} {move.on}"


def _price(usd: Decimal | None) -> str:
    return NO_AMOUNT if usd is None else price(usd)


def share_of(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """By how much of itself a figure moved; None without two, or from nothing."""
    if not before or after is None:
        return None
    with exact():
        return (after - before) / before


def change_words(before: Decimal | None, after: Decimal | None) -> str:
    """`+25.0%`, `−45.4%`; `new` and `gone` without a figure on one side."""
    if before == after:
        return NO_AMOUNT
    if before is None or after is None:
        return "new" if before is None else "gone"
    share = share_of(before, after)
    if share is None:
        return "was free"
    shown = percent(abs(share))
    return f"{'+' if share > 0 else '−'}{'under 0.1%' if shown == percent(Decimal(0)) else shown}"


def _usd(usd: Decimal | None) -> str:
    return NO_AMOUNT if usd is None else money(usd)


def largest_share(move: Move) -> Decimal:
    """By how much of itself the rate moved that moved most; 0 where none has a figure on both sides."""
    shares = (share_of(before, after) for _, before, after in move.differences)
    return max((abs(share) for share in shares if share is not None), default=Decimal(0))


def items_words(cards: Sequence[AnyCard]) -> str:
    """`kimi-k2p6 (Serverless standard and priority) and B300 (Dedicated)`."""
    by_item: dict[str, list[AnyCard]] = {}
    for card in cards:
        by_item.setdefault(_card_key(card), []).append(card)
    return some([f"{item} ({_paths(alike)})" for item, alike in by_item.items()])


def _paths(cards: Sequence[AnyCard]) -> str:
    tinker = [card_label(card) for card in cards if isinstance(card, TinkerCard)]
    order = [*CardPath]
    paths = {card.key.path for card in cards if not isinstance(card, TinkerCard)}
    others = path_names(sorted(paths, key=order.index))
    return ", ".join([*tinker, others] if others else tinker)


def some(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])} and {more:,} more" if more > 0 else listed(names)


def cards_words(moves: Sequence[Move]) -> str:
    """Models with their paths; of few cards that are new also the rates."""
    cards = [card for move in moves if (card := move.after or move.before)]
    if moves[0].kind is MoveKind.NEW and len(cards) <= _SPELLED_OUT:
        return "; ".join(f"{_card_item(card)} {card_rates(card)}" for card in cards)
    return items_words(cards)
