"""What is asked of one model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.answers import Asking
from bot.requests.request import Field, Intent, Request, Value, number_of
from engine.caveats import BillingPath
from pricing.catalogue import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A field to solve for, of one model: the fields that are said, each with one value, and the paths named."""

    field: Field
    model: Model
    fields: Mapping[Field, Value]
    paths: tuple[str, ...]
    asking: Asking

    @property
    def budget_usd(self) -> Decimal | None:
        return number_of(self.fields, Field.BUDGET_USD)

    @property
    def deadline_hours(self) -> Decimal | None:
        return number_of(self.fields, Field.DEADLINE_HOURS)

    @property
    def says_throughput(self) -> bool:
        """Whether a throughput was said: that of a cluster of one size."""
        return bool(self.fields.keys() & {Field.PROMPT_TPS, Field.DECODE_TPS})

    @property
    def is_of_dedicated(self) -> bool:
        """Whether its paths are all, or dedicated is one of those named: no other has hours."""
        return not self.paths or BillingPath.DEDICATED in self.paths

    def another(self, intent: Intent, fields: Mapping[Field, Value]) -> Request:
        """Another question about the same model and preset."""
        preset = self.asking.preset
        return Request(
            intent=intent,
            models=(self.model.key,),
            fields=fields,
            preset=preset.name if preset else None,
        )

    def how_many(
        self,
        field: Field,
        fields: Mapping[Field, Value],
        paths: tuple[str, ...] = (),
        models: tuple[str, ...] = (),
    ) -> Request:
        """The same run with another field solved for; of several models where they are given."""
        kept = {name: value for name, value in fields.items() if name is not field}
        asked = self.another(Intent.SOLVE, kept)
        return replace(asked, solve_for=field, paths=paths, models=models or asked.models)
