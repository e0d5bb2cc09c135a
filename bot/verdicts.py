"""What an answer says first: a closed set of judgements with their numbers, worded elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from bot.judged import Contender, Judged, Outcome
from bot.requests.request import Field, Number, Problem, Request, Value
from engine.caveats import BillingPath, Caveat, ClusterTooSmall, Reason
from pricing.catalogue import Model
from pricing.quotes import Quote

if TYPE_CHECKING:
    from bot.instead import Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The text has problems; `suggestion` is the corrected request where one is near, else `without` is the request with
    what was not read left out, where anything remains. `example_model` is one to name."""

    problems: tuple[Problem, ...]
    suggestion: str | None
    without: str | None
    example_model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestsInSlack:
    """Digests are asked for where they are wanted: in a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Helped:
    """How to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Nothing was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Rate cards are listed."""

    in_force: int
    on: date
    least_recently_verified: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapesListed:
    """Presets are listed, of so many; those that begin with `prefix`, or all."""

    prefix: str | None
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One model in a comparison that can be bought as asked, judged on the paths compared.

    `caveats` are those that bear on its cheapest path. `too_small`: dedicated is left out, since the cluster that was
    said cannot hold the model.
    """

    model: Model
    judged: Judged
    caveats: tuple[Caveat, ...]
    too_small: ClusterTooSmall | None = None

    @property
    def best(self) -> Contender:
        return self.judged.offered[0]

    @property
    def ceiling(self) -> Contender:
        """What the model costs at most, however far the phases overlap: the path whose dearer end is lowest."""
        return min(self.judged.offered, key=lambda contender: contender.usd_high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A model that no path compared sells as asked, with those paths and why; `too_small` as for one that is ranked."""

    model: Model
    judged: Judged
    paths: tuple[tuple[BillingPath, tuple[Reason, ...]], ...]
    too_small: ClusterTooSmall | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Models by the cheapest path of each, the cheapest first; `cut` had no room.

    `several` fields have more than one value, and then nothing is compared. `choiceless`: no model was named and none has
    a choice of paths, so that all are `lacking`. Where none is ranked, `suggestions` are requests that work. `elsewhere`:
    the model and the path that is cheapest of all, where that is none of the paths that were named.
    """

    ranked: tuple[Ranked, ...]
    lacking: tuple[Lacking, ...]
    cut: tuple[Model, ...] = ()
    named: bool
    choiceless: bool = False
    several: tuple[Field, ...] = ()
    suggestions: tuple[Request, ...] = ()
    elsewhere: tuple[Model, Contender] | None = None

    @property
    def within_reach(self) -> tuple[Ranked, ...]:
        """The models besides the cheapest that would be it if phases overlapped in them, and took turns in the others.

        None where the cheapest has no band, for its amount is then certain.
        """
        if not self.ranked or self.ranked[0].best.usd == self.ranked[0].ceiling.usd_high:
            return ()
        return tuple(
            each
            for each in self.ranked[1:]
            if all(each.best.usd <= o.ceiling.usd_high for o in self.ranked if o is not each)
        )

    @property
    def too_close(self) -> bool:
        """Whether how far prefill and decode overlap in each model could turn the order."""
        return bool(self.within_reach)

    def judged_of(self, model: Model) -> Judged | None:
        """How the paths of one of the models compare, with the budget and the deadline."""
        rows: tuple[Ranked | Lacking, ...] = (*self.ranked, *self.lacking)
        return next((row.judged for row in rows if row.model is model), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Values over which one path is the cheapest on offer; `path` is None where none can be bought.

    `usd_first` and `usd_last` are the run's bills at the two ends. `too_close` are the parts of it, from and to, over
    which dedicated leads only while its phases overlap. `held` is the value of the other field of a grid.
    """

    model: Model
    field: Field
    first: Number
    last: Number
    path: BillingPath | None
    usd_first: Decimal | None
    usd_last: Decimal | None
    too_close: tuple[tuple[Number, Number], ...]
    held: tuple[Field, Number] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Values of the swept field over which a path keeps its card and its standing; `quote` is that of the first."""

    model: Model
    first: Number
    last: Number
    quote: Quote
    held: tuple[Field, Number] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSpan:
    """Values of the swept field over which the budget or the deadline, whichever `limit` is, is kept by some path on offer,
    or by none."""

    model: Model
    limit: Field
    first: Number
    last: Number
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CaveatAt:
    """A caveat of a sweep: of one `model`, or of all where that is None; as it is at `point`, the last that has it and
    can be bought, or the last that has it, or at every point where that is empty."""

    caveat: Caveat
    model: Model | None
    point: Mapping[Field, Number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A sweep over one field or two: over the first, for each value of the second, who leads from where to where.

    Leads, stretches and `limits` follow each other without a gap, and hold for every whole value between the points. With
    `points_alone` nothing is known between the points: leads then name the points that have a throughput, and span no
    other, or all where none has, and there are no stretches. Dedicated leads nowhere that its cluster cannot hold the
    model, though it is on offer there. The leads are of `paths`, those asked for, or of all where that is empty;
    `left_out` are the leads that others have among all. `allowed` are the budget and the deadline that were said; over two
    fields and over points alone there are no `limits`.
    """

    fields: tuple[Field, ...]
    leads: tuple[Lead, ...]
    points_alone: bool
    paths: tuple[BillingPath, ...] = ()
    left_out: tuple[Lead, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    allowed: tuple[tuple[Field, Decimal], ...] = ()
    limits: tuple[LimitSpan, ...] = ()
    caveats: tuple[CaveatAt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSwept:
    """A sweep that an answer has no room for, or nothing to sweep; `suggestion` is a request that works.

    `asked` of `counted` are in the request, and `most` have room: points of `field`, fields with several values,
    models, or no values at all.
    """

    counted: Literal["points", "fields", "models", "nothing"]
    field: Field | None
    asked: int
    most: int
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """At-par limits were asked for; they stand with each model, and `unanswered` says which have none and why.

    `runs` are the verdicts on the run itself, one a model.
    """

    unanswered: "tuple[Unanswered, ...]" = ()
    runs: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A field was solved for; the solutions stand with each model, and `unanswered` says which have none and why.

    `undecided` are a budget or a deadline that was said and of which the solutions say nothing, with a request that does;
    None where no hours are known.
    `priced_at`: the value for which the paths are priced, where that is a solution and nothing that was said.
    """

    field: Field
    unanswered: "tuple[Unanswered, ...]" = ()
    undecided: tuple[tuple[Field, Request | None], ...] = ()
    priced_at: tuple[tuple[Field, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The working of each figure was asked for; `runs` are the verdicts on the run itself, one a model.

    `narrowed`: the fields with several values, with the first of them, which is the one that is worked out.
    """

    runs: tuple[Judged, ...]
    narrowed: Mapping[Field, Value]


Verdict = (
    Refused
    | DigestsInSlack
    | Helped
    | Silent
    | Listed
    | ShapesListed
    | Judged
    | Compared
    | Swept
    | NotSwept
    | Limited
    | Solved
    | Explained
)
