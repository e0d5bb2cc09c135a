"""Whatever is typed is answered, in text and in JSON; and what is not understood is not priced."""

import json
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.formatting.as_json import answer_json
from bot.formatting.text import render
from bot.formatting.views import view
from bot.requests import read
from tests.bot.asking import CATALOGUE, TODAY, ask

MODELS = [model.key for model in CATALOGUE]
PIECES = (
    "turns=20 turns=500 episodes=5000 prompt=8k added=0 decode=1e7 tool=500 gpus=12 gpus=16 gpu_type=h200 "
    "prompt_tps=40k decode_tps=1e-400 decode_tps=0.5 budget=$400 deadline=3h as_of=2026-05-16 as_of=2020-01-01 "
    "2026-09-10 as of 5..50:5 5,10 20 turns each 5k rollouts twenty turnz=3 and or vs compare rates serverless "
    "tinker fast limits explain how many GPUs episodes for $5 in 6 hours claude help ? - ; , ½ <@U1>"
).split()
TEXTS = st.one_of(
    st.text(max_size=200),
    st.builds(
        lambda model, pieces: " ".join([model, *pieces]),
        st.sampled_from([*MODELS, ""]),
        st.lists(st.sampled_from(PIECES), max_size=12),
    ),
)
PRICES = ("shape", "tokens", "cards")


@settings(max_examples=300)
@given(TEXTS, st.booleans())
def test_any_text_is_answered_and_nothing_is_priced_beside_a_problem(
    text: str, published: bool
) -> None:
    request = read(text, CATALOGUE, today=TODAY)

    reply = ask(request, published=published)
    shown = render(view(reply, published=published))
    found = json.loads(json.dumps(answer_json(reply, published=published), allow_nan=False))

    assert date.fromisoformat(found["as_of"]) <= TODAY
    assert bool(shown) == bool(found["verdict"])
    if request.problems:
        assert found["models"] == []
        assert not found.keys() & set(PRICES)
        assert not any(found.get(key) for key in ("published", "moved", "caveats"))
