"""Which cluster a dedicated run gets, and how fast it is: throughput belongs to a model, a GPU type and a count."""

from dataclasses import dataclass
from decimal import Decimal

from engine.caveats import (
    Caveat,
    ClusterTooSmall,
    NoThroughput,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ThroughputUnusual,
)
from pricing.catalogue import Cluster, GpuType, Model

# The least that serving engines store of a parameter; a billion of them then take half a gigabyte.
BITS_PER_PARAMETER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRequest:
    """What a request says of the cluster; None is left open. Throughput is the whole cluster's."""

    gpus: int | None = None
    gpu_type: GpuType | None = None
    prompt_tps: Decimal | None = None
    decode_tps: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlan:
    """The cluster that a run gets; None is neither said nor known.

    `replicas` counts the catalogue's clusters in it, None where it is no whole multiple of one.
    `defaults` names the fields that the catalogue supplied.
    """

    gpus: int | None
    gpu_type: GpuType | None
    prompt_tps: Decimal | None
    decode_tps: Decimal | None
    replicas: int | None
    defaults: tuple[str, ...]


def plan_cluster(model: Model, said: ClusterRequest) -> ClusterPlan:
    """Fill what the request leaves open from the model's own cluster.

    k times its GPUs are k replicas with k times its throughput; any other count or type has the
    throughput that is said, and none otherwise.
    """
    own = model.cluster
    gpus = said.gpus if said.gpus is not None or own is None else own.gpus
    gpu_type = said.gpu_type if said.gpu_type is not None or own is None else own.gpu_type
    replicas = _replicas(own, gpus=gpus, gpu_type=gpu_type)
    scaled = (own.prompt_tps * replicas, own.decode_tps * replicas) if own and replicas else None
    prompt_tps = Decimal(scaled[0]) if said.prompt_tps is None and scaled else said.prompt_tps
    decode_tps = Decimal(scaled[1]) if said.decode_tps is None and scaled else said.decode_tps
    plan = {"gpus": gpus, "gpu_type": gpu_type, "prompt_tps": prompt_tps, "decode_tps": decode_tps}
    return ClusterPlan(
        gpus=gpus,
        gpu_type=gpu_type,
        prompt_tps=prompt_tps,
        decode_tps=decode_tps,
        replicas=replicas,
        defaults=tuple(
            field
            for field, value in plan.items()
            if value is not None and getattr(said, field) is None
        ),
    )


def _replicas(own: Cluster | None, *, gpus: int | None, gpu_type: GpuType | None) -> int | None:
    if own is None or gpus is None or gpu_type is not own.gpu_type or gpus % own.gpus:
        return None
    return gpus // own.gpus


def missing_throughput(model: Model, plan: ClusterPlan) -> NoThroughput | None:
    """Why a plan cannot be priced, with the nearest counts that could; None where it can."""
    fields = ("gpus", "gpu_type", "prompt_tps", "decode_tps")
    missing = tuple(field for field in fields if getattr(plan, field) is None)
    if not missing:
        return None
    own = model.cluster
    return NoThroughput(
        gpus=plan.gpus,
        gpu_type=plan.gpu_type,
        nearest_gpus=_multiples_near(plan.gpus, own.gpus) if own else (),
        nearest_gpu_type=own.gpu_type if own else None,
        missing=missing,
    )


def _multiples_near(gpus: int | None, unit: int) -> tuple[int, ...]:
    """The whole multiples of a cluster at or around a count, the lower first."""
    if gpus is None or gpus <= unit:
        return (unit,)
    below = gpus // unit * unit
    return (below,) if below == gpus else (below, below + unit)


def cluster_caveats(model: Model, plan: ClusterPlan) -> tuple[Caveat, ...]:
    """What the throughput of a complete plan leaves out, and what about it looks wrong."""
    gpus, gpu_type, prompt_tps, decode_tps = (
        plan.gpus,
        plan.gpu_type,
        plan.prompt_tps,
        plan.decode_tps,
    )
    if gpus is None or gpu_type is None or prompt_tps is None or decode_tps is None:
        return ()
    supplied = "prompt_tps" in plan.defaults or "decode_tps" in plan.defaults
    small = too_small_for(model, plan)
    caveats: list[Caveat] = [
        *([small] if small else []),
        *_unusual(model, "prompt_tps", prompt_tps / gpus),
        *_unusual(model, "decode_tps", decode_tps / gpus),
    ]
    if supplied and model.cluster and plan.replicas and plan.replicas > 1:
        caveats.append(
            ReplicasScaleLinearly(replicas=plan.replicas, cluster_gpus=model.cluster.gpus)
        )
    if supplied:
        caveats.append(SaturatedThroughput(prompt_tps=prompt_tps, decode_tps=decode_tps))
    return tuple(caveats)


def too_small_for(model: Model, plan: ClusterPlan) -> ClusterTooSmall | None:
    """Whether the GPUs of a plan cannot hold the model's weights; None where they can, or it is not known."""
    if model.parameters_billion is None or plan.gpus is None or plan.gpu_type is None:
        return None
    weights_gb = model.parameters_billion * BITS_PER_PARAMETER // 8
    memory_gb = plan.gpus * plan.gpu_type.memory_gb
    if weights_gb <= memory_gb:
        return None
    return ClusterTooSmall(
        gpus=plan.gpus, gpu_type=plan.gpu_type, memory_gb=memory_gb, weights_gb=weights_gb
    )


def _unusual(model: Model, field: str, tps_per_gpu: Decimal) -> tuple[Caveat, ...]:
    if model.throughput_band is None:
        return ()
    lowest, highest = model.throughput_band.of(field)
    if lowest <= tps_per_gpu <= highest:
        return ()
    unusual = ThroughputUnusual(
        field=field, tps_per_gpu=tps_per_gpu, lowest=lowest, highest=highest
    )
    return (unusual,)
