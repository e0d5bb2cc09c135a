"""What Slack accepts of a message, a modal and a home view, at most.

Where sources differ the smaller figure stands here: a message that an old client refuses is worth
less than one that is a little shorter. Lengths are in characters. Each comment names the source:
`reference` is a page of docs.slack.dev/reference, `measured` is what others met in practice.
"""

# Messages: reference/methods/chat.postMessage, reference/block-kit/blocks
MESSAGE_TEXT = 4000  # recommended; Slack cuts at 40,000
MESSAGE_BLOCKS = 50
BLOCKS_TEXT = 12_000  # measured: msg_blocks_too_long from about 13,200, documented nowhere
BLOCKS_JSON = 40_000  # the cut of a whole message, applied to its blocks as JSON
DATA_TABLE_CHARACTERS = (
    10_000  # data-table-block: over all tables of a message; newer clients 20,000
)
MESSAGE_PLAIN_TABLES = 1  # table-block
MESSAGE_CHARTS = 2  # measured, documented nowhere

# Modals and home views: reference/views
VIEW_BLOCKS = 100
VIEW_TITLE = 24
VIEW_SUBMIT = 24
VIEW_CLOSE = 24
VIEW_PRIVATE_METADATA = 3000
VIEW_CALLBACK_ID = 255

# Identifiers: reference/block-kit/blocks, reference/block-kit/block-elements
BLOCK_ID = 255
ACTION_ID = 255

# Layout blocks: reference/block-kit/blocks/NAME-block
SECTION_TEXT = 3000
SECTION_FIELDS = 10
SECTION_FIELD_TEXT = 2000
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
TEXT_OBJECT = 3000  # reference/block-kit/composition-objects/text-object: any text without its own
ACTIONS_ELEMENTS = 25
CONTEXT_ACTIONS_ELEMENTS = 5
MARKDOWN_TEXT = 12_000  # over all markdown blocks of a message
IMAGE_ALT_TEXT = 2000
ALERT_TEXT = 200

# Inputs: reference/block-kit/blocks/input-block, reference/block-kit/block-elements
INPUT_LABEL = 2000
INPUT_HINT = 2000
PLACEHOLDER = 150
PLAIN_TEXT_INPUT = 3000
SELECT_OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTION_DESCRIPTION = 75
OVERFLOW_OPTIONS = 5
CHECKBOXES = 10
RADIO_BUTTONS = 10

# Buttons: reference/block-kit/block-elements/button-element, feedback-buttons-element
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
BUTTON_URL = 3000
BUTTON_ACCESSIBILITY_LABEL = 75
FEEDBACK_BUTTON_TEXT = 75
FEEDBACK_BUTTON_VALUE = 2000
FEEDBACK_BUTTON_ACCESSIBILITY_LABEL = 75
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30

# Data tables: reference/block-kit/blocks/data-table-block
DATA_TABLE_ROWS = 100  # beside the header; newer clients 200
DATA_TABLE_ROWS_AND_HEADER = DATA_TABLE_ROWS + 1
DATA_TABLE_COLUMNS = 20
DATA_TABLE_PAGE_SIZE = 100  # the default of 5 hides rows
DATA_TABLE_CAPTION = 150  # none is documented: no longer than a header

# Charts: reference/block-kit/blocks/data-visualization-block
CHART_TITLE = 50
CHART_SERIES = 6  # newer clients 12
CHART_SEGMENTS = 6  # newer clients 12
CHART_POINTS = 20
CHART_LABEL = 20  # of a series, a segment, a point and a category alike
CHART_AXIS_LABEL = 50

# Suggested prompts: reference/methods/assistant.threads.setSuggestedPrompts, reference/app-manifest
SUGGESTED_PROMPTS = 4
