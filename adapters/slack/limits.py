"""Slack's limits: each a number with the page it was read on.

Characters unless said otherwise. Numbers without a published source are ours and say so.
"""

from __future__ import annotations

from typing import Final

BLOCK_KIT: Final = "https://docs.slack.dev/reference/block-kit/blocks"

#: blocks in a message · https://docs.slack.dev/reference/block-kit/blocks
MESSAGE_BLOCKS: Final = 50
#: blocks in a modal or home tab · https://docs.slack.dev/reference/block-kit/blocks
VIEW_BLOCKS: Final = 100
#: text object · https://docs.slack.dev/reference/block-kit/composition-objects/text-object
TEXT: Final = 3000
#: https://docs.slack.dev/reference/block-kit/blocks/header-block
HEADER: Final = 150
#: elements · https://docs.slack.dev/reference/block-kit/blocks/actions-block
ACTIONS: Final = 25
#: https://docs.slack.dev/reference/block-kit/block-elements/button-element
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2000
BUTTON_SPOKEN: Final = 75
#: https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30
#: https://docs.slack.dev/reference/block-kit/composition-objects/option-object
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
#: options · https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element
TICKS: Final = 10
#: options of a menu, and of each of its groups ·
#: https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
MENU_OPTIONS: Final = 100
MENU_GROUPS: Final = 100
PLACEHOLDER: Final = 150
#: https://docs.slack.dev/reference/block-kit/blocks/input-block
LABEL: Final = 2000
HINT: Final = 2000
#: https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
INPUT: Final = 3000
#: files and bytes each · https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
FILES: Final = 10
FILE_BYTES: Final = 10_000_000
#: https://docs.slack.dev/reference/views/modal-views
TITLE: Final = 24
PRIVATE: Final = 3000
#: action_id, block_id, callback_id · https://docs.slack.dev/reference/block-kit/blocks/actions-block
ID: Final = 255
#: ours, below what Slack refuses as msg_blocks_too_long (no figure is published)
MESSAGE_TEXT: Final = 12_000
#: top-level text is cut off by Slack at 40,000; ours is one line ·
#: https://docs.slack.dev/reference/methods/chat.postMessage
SUMMARY: Final = 300

#: seconds within which Slack wants an answer, and within which a trigger opens a modal ·
#: https://docs.slack.dev/interactivity/handling-user-interaction
ANSWER_WITHIN: Final = 3.0
#: ours: how long names may take that stand as ids in a message
NAMES_WITHIN: Final = 0.8
#: ours: how long a command waits to hear whether its window could be opened
OPEN_WITHIN: Final = 1.2
#: ours: how long the form itself may take before a page that says "one moment" is opened instead
FORM_WITHIN: Final = 1.2
#: seconds between two posts in one channel · https://docs.slack.dev/apis/web-api/rate-limits
POST_SPACING: Final = 1.0
#: seconds a membership may be old · ours
MEMBERS_FRESH: Final = 60.0
#: how long it is believed whether somebody in a channel is a guest (seconds)
GUESTS_FRESH = 600.0
#: members asked for at once · https://docs.slack.dev/reference/methods/conversations.members
MEMBERS_PAGE: Final = 999
#: people of a workspace asked for at once · https://docs.slack.dev/reference/methods/users.list
PEOPLE_PAGE: Final = 200
#: messages asked for at once where one of ours may have arrived, and the seconds clocks may differ · ours
LOOK_BACK: Final = 200
CLOCKS_DIFFER: Final = 600.0
#: how often a file is tried again before the next start, and the most seconds in between · ours
FILE_TRIES: Final = 4
FILE_PAUSE: Final = 10.0
