"""The form: one input a field, with its range and its default, filled with the request at hand."""

from collections.abc import Iterator, Mapping

from bot.answers import SHAPE_DEFAULTS
from bot.formatting.blocks import Block, context, plain
from bot.formatting.buttons import ActionId, CallbackId, button
from bot.formatting.figures import number
from bot.formatting.limits import OPTION_TEXT, SELECT_OPTIONS
from bot.formatting.request_wording import field_words
from bot.formatting.wording import gpu_name, plural
from bot.presets import preset_fields_of, preset_values, worked_out
from bot.requests.fields import GPU_TYPES, RANGES
from bot.requests.request import Field, Span, Value
from pricing.catalogue import Catalogue
from pricing.shapes import Shape, presets

INPUT = "value"
"""The action id of every input; its block is named after the field."""

MODEL = "model"
"""The block of the model's input."""

PRESET = "preset"
"""The block of the preset's input; every other is named after its field."""

NO_PRESET = "none"
"""What is chosen to take a preset away again, since a list cannot be emptied."""

RUN_FIELDS = (
    Field.TURNS,
    Field.EPISODES,
    Field.INITIAL_PROMPT_TOKENS,
    Field.TOKENS_ADDED_PER_TURN,
    Field.DECODE_TOKENS_PER_TURN,
)
MORE_FIELDS = (
    Field.TOOL_RESULT_TOKENS_PER_TURN,
    Field.GPUS,
    Field.GPU_TYPE,
    Field.PROMPT_TPS,
    Field.DECODE_TPS,
    Field.BUDGET_USD,
    Field.DEADLINE_HOURS,
    Field.AS_OF,
)

_LABELS = {
    Field.TURNS: "Turns per episode",
    Field.EPISODES: "Episodes",
    Field.INITIAL_PROMPT_TOKENS: "Initial prompt tokens",
    Field.TOKENS_ADDED_PER_TURN: "Tokens added per turn",
    Field.DECODE_TOKENS_PER_TURN: "Tokens decoded per turn",
    Field.TOOL_RESULT_TOKENS_PER_TURN: "Tool result tokens per turn",
    Field.GPUS: "GPUs of the cluster",
    Field.GPU_TYPE: "GPU type",
    Field.PROMPT_TPS: "Prefill tokens per second, whole cluster",
    Field.DECODE_TPS: "Decode tokens per second, whole cluster",
    Field.BUDGET_USD: "Budget in US dollars",
    Field.DEADLINE_HOURS: "Deadline in hours",
    Field.AS_OF: "Rates of the day",
}
_HINTS = {
    Field.INITIAL_PROMPT_TOKENS: "The prompt of turn 1: system, tools and task.",
    Field.TOKENS_ADDED_PER_TURN: "What a turn adds to the context: the response and the tool result.",
    Field.DECODE_TOKENS_PER_TURN: "What the model generates each turn.",
    Field.TOOL_RESULT_TOKENS_PER_TURN: "Its part of the tokens added; leave one of the three out.",
    Field.PROMPT_TPS: "Saturated, and needed with a cluster other than the model's own.",
    Field.DECODE_TPS: "Saturated, and needed with a cluster other than the model's own.",
}
_OWN_CLUSTER = "the model's own"


def form_view(
    catalogue: Catalogue, *, values: Mapping[str, Value | str], more: bool, metadata: str
) -> Block:
    """The modal. `values` fill it, by block: what a request says, or what has been typed so far.

    `more` shows the cluster, throughput and limits too; `metadata` comes back with the form.
    """
    preset = _preset(values)
    blocks = [_model_input(catalogue, values.get(MODEL)), _preset_input(preset)]
    placeholders = _placeholders(values, preset)
    blocks += [_input(field, values.get(field), placeholders[field]) for field in RUN_FIELDS]
    if more:
        blocks += [_input(field, values.get(field), _default_words(field)) for field in MORE_FIELDS]
    else:
        blocks.append({"type": "actions", "block_id": "more", "elements": [_more_button()]})
    kept = "the preset's value, or its default" if preset else "its default"
    blocks.append(context(f"What is left empty keeps {kept}; the answer names each one used."))
    return {
        "type": "modal",
        "callback_id": CallbackId.PRICE_FORM.value,
        "title": plain("Price RL rollouts"),
        "submit": plain("Price it"),
        "close": plain("Cancel"),
        "private_metadata": metadata,
        "blocks": blocks,
    }


def _preset(values: Mapping[str, Value | str]) -> Shape | None:
    name = values.get(PRESET)
    return presets().get(name) if isinstance(name, str) and name in presets() else None


def _preset_input(chosen: Shape | None) -> Block:
    """The presets to choose from; what one gives is shown at once where nothing is said."""
    options = [option("None", NO_PRESET), *(_preset_option(shape) for shape in presets())]
    name = chosen.name if chosen else NO_PRESET
    element: Block = {
        "type": "static_select",
        "action_id": ActionId.FORM_PRESET.value,
        "options": options,
        "initial_option": next(each for each in options if each["value"] == name),
    }
    hint = "A shape that was measured, capped or published; what is said below comes before it."
    return block(PRESET, "Preset", element, hint=hint) | {"dispatch_action": True}


def _preset_option(shape: Shape) -> Block:
    grows = f"{number(shape.initial_prompt_tokens)} + {number(shape.tokens_added_per_turn)} a turn"
    said = f"{plural(shape.turns, 'turn')}, {grows}, {number(shape.decode_tokens_per_turn)} decoded"
    return option(shape.name, shape.name) | {"description": plain(said[:OPTION_TEXT])}


def _placeholders(values: Mapping[str, Value | str], preset: Shape | None) -> dict[Field, str]:
    """What each field of the run is while its input is empty."""
    defaults = {field: number(value) for field, value in SHAPE_DEFAULTS.items()}
    given = preset_values(preset)
    of_preset = {
        field: f"{number(given[field])} from {preset.name}"
        for field in preset_fields_of(values, preset)
        if preset
    }
    follows = worked_out(values)
    from_tool_result = {follows: "follows from the tool result"} if follows else {}
    return defaults | of_preset | from_tool_result


def _more_button() -> Block:
    spoken = "Show inputs for cluster, throughput, budget and deadline"
    return button("Cluster, throughput, limits", ActionId.FORM_MORE, spoken=spoken)


def _model_input(catalogue: Catalogue, value: Value | str | None) -> Block:
    options = model_options(catalogue)
    chosen = next((option for option in options if option["value"] == value), None)
    groups = _grouped(options)
    element: Block = {
        "type": "static_select",
        "action_id": INPUT,
        "placeholder": plain("Choose a model"),
    } | groups
    if chosen:
        element["initial_option"] = chosen
    return block(MODEL, "Model", element, optional=False)


def model_options(catalogue: Catalogue) -> list[Block]:
    """The covered models to choose from."""
    return [option(model.label[:OPTION_TEXT], model.key) for model in catalogue]


def _grouped(options: list[Block]) -> Block:
    """All options, in groups where there are more than one list may hold."""
    if len(options) <= SELECT_OPTIONS:
        return {"options": options}
    cuts = range(0, len(options), SELECT_OPTIONS)
    groups = [
        {"label": plain(f"Models from {cut + 1}"), "options": options[cut : cut + SELECT_OPTIONS]}
        for cut in cuts
    ]
    return {"option_groups": groups}


def _input(field: Field, value: Value | str | None, placeholder: str) -> Block:
    hint = " ".join(_hint(field, value))
    if field is Field.GPU_TYPE:
        element = _gpu_select(value)
    elif field is Field.AS_OF:
        element = {"type": "datepicker", "action_id": INPUT, "placeholder": plain("Today")}
        if value:
            element["initial_date"] = str(value)
    else:
        element = _number_input(field, value, placeholder)
    return block(field, _LABELS[field], element, hint=hint)


def _hint(field: Field, value: Value | str | None) -> Iterator[str]:
    if field in _HINTS:
        yield _HINTS[field]
    if field in RANGES:
        allowed = RANGES[field]
        low = f"above {number(allowed.lowest)}" if allowed.above else number(allowed.lowest)
        yield f"From {low} to {number(allowed.highest)}."
    if isinstance(value, tuple | Span):
        yield f"Asked was {field_words(field, value)}; the form takes one value."


def _number_input(field: Field, value: Value | str | None, placeholder: str) -> Block:
    allowed = RANGES[field]
    element: Block = {
        "type": "number_input",
        "action_id": INPUT,
        "is_decimal_allowed": not allowed.whole,
        "min_value": str(allowed.lowest),
        "max_value": str(allowed.highest),
        "placeholder": plain(placeholder),
    }
    if value is not None and not isinstance(value, tuple | Span):
        element["initial_value"] = str(value)
    return element


def _default_words(field: Field) -> str:
    return "none" if field not in (Field.GPUS, Field.PROMPT_TPS, Field.DECODE_TPS) else _OWN_CLUSTER


def _gpu_select(value: Value | str | None) -> Block:
    options = [option(f"{gpu_name(gpu)} · {gpu.partition('_')[2]}", gpu) for gpu in GPU_TYPES]
    chosen = next((option for option in options if option["value"] == value), None)
    element: Block = {
        "type": "static_select",
        "action_id": INPUT,
        "placeholder": plain(_OWN_CLUSTER),
        "options": options,
    }
    if chosen:
        element["initial_option"] = chosen
    return element


def option(label: str, value: str) -> Block:
    """One choice of a list."""
    return {"text": plain(label), "value": value}


def block(
    block_id: str, label: str, element: Block, *, hint: str = "", optional: bool = True
) -> Block:
    """One input of a form, under its label."""
    out: Block = {
        "type": "input",
        "block_id": str(block_id),
        "label": plain(label),
        "element": element,
        "optional": optional,
    }
    if hint:
        out["hint"] = plain(hint)
    return out
