"""Which models are covered: their names, ids, windows and clusters (pricing/data/models.toml)."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PositiveInt

from pricing.files import DATA, FileEntry, RateFileError, read_entries


class GpuType(StrEnum):
    """The GPUs that dedicated deployments are priced on; the name ends in the memory of one."""

    A100_80GB = "A100_80GB"
    H100_80GB = "H100_80GB"
    H200_141GB = "H200_141GB"
    B200_180GB = "B200_180GB"
    B300_288GB = "B300_288GB"
    GB300_288GB = "GB300_288GB"

    @property
    def memory_gb(self) -> int:
        return int(self.value.partition("_")[2].removesuffix("GB"))


FileGpuType = Annotated[GpuType, Field(strict=False)]


def window_name(tokens: int) -> str:
    """A window as price pages write it: 131,072 tokens are 128K."""
    return f"{tokens // 1024:,}K"


class TinkerVariant(FileEntry):
    """One Tinker id of a model and the window it serves, prompt and decode together."""

    id: str
    window_tokens: PositiveInt

    @property
    def name(self) -> str:
        return window_name(self.window_tokens)


class Cluster(FileEntry):
    """A deployment whose throughput is known; both figures are the whole cluster's, when saturated."""

    gpus: PositiveInt
    gpu_type: FileGpuType
    prompt_tps: PositiveInt
    decode_tps: PositiveInt
    source: str


Band = Annotated[tuple[PositiveInt, PositiveInt], Field(strict=False)]


class ThroughputBand(FileEntry):
    """Lowest and highest throughput published for models of this class, per GPU."""

    prompt_tps_per_gpu: Band
    decode_tps_per_gpu: Band
    source: str

    def of(self, field: str) -> tuple[int, int]:
        return self.prompt_tps_per_gpu if field == "prompt_tps" else self.decode_tps_per_gpu


class Model(FileEntry):
    """One covered model. `fireworks_window_tokens` None: not known. `cluster` None: no known throughput."""

    key: str
    label: str
    parameters_billion: PositiveInt | None = None
    tinker: Annotated[tuple[TinkerVariant, ...], Field(strict=False)] = ()
    fireworks_ids: Annotated[tuple[str, ...], Field(strict=False)] = ()
    fireworks_window_tokens: PositiveInt | None = None
    cluster: Cluster | None = None
    throughput_band: ThroughputBand | None = None


class Catalogue:
    """The covered models in reading order, the four of the published calculator first."""

    def __init__(self, models: Iterable[Model]) -> None:
        self.models = tuple(models)
        self._by_key: Mapping[str, Model] = {model.key: model for model in self.models}
        if len(self._by_key) < len(self.models):
            keys = [model.key for model in self.models]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise RateFileError(f"models.toml holds `{twice}` twice")

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    def get(self, key: str) -> Model:
        """The model of a key. Raises KeyError for a key that is not covered."""
        return self._by_key[key]

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    @cached_property
    def smallest_fireworks_window(self) -> int | None:
        """In tokens; None where no window of a model is known there."""
        windows = (model.fireworks_window_tokens for model in self.models)
        return min((window for window in windows if window is not None), default=None)


def load_catalogue(file: Path = DATA / "models.toml") -> Catalogue:
    """Read the catalogue. Raises RateFileError, naming the model, where the file has a fault."""
    return Catalogue(read_entries(file, "model", Model, name=_model_name))


def _model_name(raw: Mapping[str, Any]) -> str:
    return str(raw.get("key", "no key"))
