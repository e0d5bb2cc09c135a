"""The catalogue that ships, and what its reader refuses."""

import json
from pathlib import Path

import pytest

from pricing.catalogue import GpuType, load_catalogue
from pricing.files import RateFileError

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "models.jsonl"


def test_the_four_models_of_the_published_calculator_come_first() -> None:
    keys = [model.key for model in load_catalogue()][:4]
    assert keys == ["kimi-k2p6", "kimi-k2p5", "qwen3p5-397b", "gpt-oss-120b"]
    assert [m.key for m in load_catalogue() if m.cluster] == keys


def test_a_variant_is_named_by_its_window() -> None:
    variants = load_catalogue().get("qwen3p5-397b").tinker
    assert [(v.name, v.window_tokens) for v in variants] == [("64K", 65_536), ("256K", 262_144)]


def test_a_gpu_type_knows_its_memory() -> None:
    assert [GpuType.H200_141GB.memory_gb, GpuType.GB300_288GB.memory_gb] == [141, 288]


def test_the_clusters_of_the_catalogue_lie_within_their_own_bands() -> None:
    for model in load_catalogue():
        if model.cluster and model.throughput_band:
            low, high = model.throughput_band.prompt_tps_per_gpu
            assert low <= model.cluster.prompt_tps / model.cluster.gpus <= high
            low, high = model.throughput_band.decode_tps_per_gpu
            assert low <= model.cluster.decode_tps / model.cluster.gpus <= high


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('key = "a"\nlabel = "A"\nsize = 3', "models.toml, model 1 (a): unknown key `size`"),
        ('key = "a"', "models.toml, model 1 (a): `label` is missing"),
        (
            'key = "a"\nlabel = "A"\n[[model]]\nkey = "a"\nlabel = "B"',
            "models.toml holds `a` twice",
        ),
        ('key = "a"\nlabel = "A"\nfireworks_window_tokens = -1', "`fireworks_window_tokens` = -1"),
        ('key = "a', "models.toml cannot be read"),
    ],
)
def test_a_fault_is_named_by_file_and_model(tmp_path: Path, entry: str, complaint: str) -> None:
    file = tmp_path / "models.toml"
    file.write_text(f"[[model]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(RateFileError) as fault:
        load_catalogue(file)
    assert complaint in str(fault.value)


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference is not at hand")
def test_every_model_of_the_reference_is_carried_over() -> None:
    known = [json.loads(line) for line in REFERENCE.read_text(encoding="utf-8").splitlines()]
    for model, want in zip(load_catalogue(), known, strict=True):
        assert (model.key, model.label) == (want["key"], want["label"])
        assert [variant.model_dump() for variant in model.tinker] == want["tinker_ids"]
        assert list(model.fireworks_ids) == want["fireworks_ids"]
        assert model.fireworks_window_tokens == want["fireworks_window_tokens"]
        cluster = (
            model.cluster.model_dump(mode="json", exclude={"source"}) if model.cluster else None
        )
        assert cluster == (
            {k: v for k, v in want["cluster"].items() if k != "source"}
            if "cluster" in want
            else None
        )
