"""What the engine knows of a price: numbers with units, and nothing of where they came from."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, PositiveInt

from engine.workload import Checked

Usd = Annotated[Decimal, Field(ge=0)]
TokensPerSecond = Annotated[Decimal, Field(gt=0)]


class TokenRates(Checked):
    """Prices per million tokens. A cached rate of None is not published, one of 0 is free."""

    input_usd_per_mtok: Usd
    cached_input_usd_per_mtok: Usd | None = None
    output_usd_per_mtok: Usd


class Deployment(Checked):
    """A cluster that is rented by the GPU-hour. Both throughputs are the whole cluster's, saturated;
    `prompt_tps` counts uncached prompt tokens only."""

    gpu_type: str
    gpus: PositiveInt
    usd_per_gpu_hour: Usd
    prompt_tps: TokensPerSecond
    decode_tps: TokensPerSecond
