"""The examples that the help of each command shows."""

EXAMPLES = """\
examples:
  rlcost ask kimi-k2p6 turns=20 episodes=5000
  rlcost ask "price 5k rollouts of qwen 397b, twenty turns each, 8k prompt growing 12k a turn"
  rlcost rates kimi-k2p6 --as-of 2026-05-16
"""
ASK_EXAMPLES = """\
examples:
  rlcost ask kimi-k2p6 turns=20 episodes=5000
  rlcost ask --model kimi-k2p6 --turns 20 --json
  rlcost ask "gpt-oss-120b, 40 turns, budget $5k, within 6 hours"
  rlcost ask --published kimi-k2p6
  rlcost ask --json - < requests.txt

`--cards=ID,ID` prices with the cards that an earlier answer named, whatever was observed since.
With `-` each line is a request, or an object {"text": ..., "previous": {...}} whose `previous` is the
request that it follows up, as `rlcost parse` prints one. What stands behind `--` is all request.
"""
QUESTIONS = {
    "compare": (
        "compare models at one shape, by the cheapest path of each",
        """\
examples:
  rlcost compare kimi-k2p6 gpt-oss-120b turns=20
  rlcost compare --csv
""",
    ),
    "sweep": (
        "price a run at several values of one field or two",
        """\
examples:
  rlcost sweep kimi-k2p6 turns=5..40
  rlcost sweep kimi-k2p6 turns=2..40 --png turns.png
""",
    ),
    "limits": (
        "show where dedicated costs what each other path costs",
        """\
examples:
  rlcost limits kimi-k2p6 turns=20
""",
    ),
    "solve": (
        "solve for episodes within a budget, turns at a crossover, or GPUs for a deadline",
        """\
examples:
  rlcost solve how many episodes kimi-k2p6 budget=10k
  rlcost solve at how many turns is dedicated cheaper than priority kimi-k2p6
  rlcost solve how many gpus kimi-k2p6 deadline=6h
""",
    ),
    "explain": (
        "show how each figure comes about",
        """\
examples:
  rlcost explain kimi-k2p6 turns=20
""",
    ),
}
PARSE_EXAMPLES = """\
examples:
  rlcost parse "kimi k2.6, 20 turns, 5k episodes"
  rlcost parse - < requests.txt
"""
RATES_EXAMPLES = """\
examples:
  rlcost rates
  rlcost rates kimi-k2p6 --as-of 2026-05-16
  rlcost rates h200 --json
"""
HISTORY_EXAMPLES = """\
examples:
  rlcost rates history kimi-k2p6
  rlcost rates history gpt-oss-120b --json
"""
CHECK_EXAMPLES = """\
examples:
  rlcost rates check
  rlcost rates check --json

The exit status is 3 when a source could not be read; its last rates stay. What changed within bounds is used from then on,
the rest waits for `rlcost rates review`. docs/operations.md lists the sources and the settings of their addresses.
"""
REVIEW_EXAMPLES = """\
examples:
  rlcost rates review
  rlcost rates review approve 7 --why "announced on their blog"
  rlcost rates review reject 8 --why "prices are in cents there"
  rlcost rates review --decided
"""
SHAPES_EXAMPLES = """\
examples:
  rlcost shapes
  rlcost shapes swe-pro
  rlcost shapes --json
"""
MODELS_EXAMPLES = """\
examples:
  rlcost models
  rlcost models --json
"""
SERVE_EXAMPLES = """\
examples:
  rlcost serve
  rlcost serve --socket

Settings come from the environment; docs/operations.md lists them.
"""
MIGRATE_EXAMPLES = """\
examples:
  rlcost migrate
"""
MANIFEST_EXAMPLES = """\
examples:
  rlcost manifest
"""
