"""Intents and words that the sample cards and forms are made of; the hostile ones try to be markup."""

from __future__ import annotations

from flows.model import Action
from flows.ui.intents import Act, AnswerPage, Ask, Begin, ChatCommand, Discard, Fill, GoTo, Intent, SendReport

DRAFT = "01JD0000000000000000DRAFT0"
CASE = "01JD00000000000000000CASE0"

#: One of each intent; the longest ids we mint.
INTENTS: dict[str, Intent] = {
    "begin": Begin(fresh=True, school="heamoor"),
    "answer": AnswerPage(DRAFT, 7, "what"),
    "go-to": GoTo(DRAFT, 7, "who"),
    "send": SendReport(DRAFT, 12),
    "discard": Discard(DRAFT, 12),
    "act": Act(CASE, Action.TAKE_ON, 3),
    "fill": Fill(CASE, Action.CLEAR_HOLD, 3),
    "ask": Ask(ChatCommand.CASE, "HPS-2026-014"),
}

#: Words that try to be something else than words, one line per trick.
HOSTILE: dict[str, str] = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)> &amp; \"quoted\" 'single'",
    "attribute": '"><a href="javascript:alert(3)">here</a><input autofocus onfocus=alert(4)>',
    "slack": "<!channel> <@U0000ASH> <https://evil.example|school.example> *bold* _it_ ~no~ `code` &lt;",
    "markdown": "# heading\n"
    "[here](https://evil.example) **bold** ![pixel](https://evil.example/p.gif)\n> not a quote",
    "teams": "<at>Everyone</at> {{DATE(2026-01-01T00:00:00Z)}} ${title} \\{{TIME()}}",
    "template": "{{ 7 * 7 }} {% include 'x' %} %(name)s {0} {name}",
    "bidi": "Mr Ash\u202efdp.exe\u202c is \u2066not\u2069 a file",
    "control": "bell\u0007 null-ish\u0001 escape\u001b[31mred\u001b[0m tab\there",
    "zero-width": "zero\u200bwidth\u200djoined\ufeff",
    "emoji": "\U0001f621\U0001f621 "
    "family \U0001f468\u200d\U0001f469\u200d\U0001f467 flag \U0001f1ec\U0001f1e7 e\u0301",
    "lines": "first line\nsecond line\r\n\n\nline after two empty ones\n- looks like a list\n1. so does this",
    "scheme": "javascript:alert(5) data:text/html,x https://evil.example/?a=1&b=2",
    "unbroken": "a" * 300,
}

#: Nearly as long as a message may be anywhere, with a mark at the end that must not go missing.
LONG = "Long words, word after word. " * 40 + "The very end of the long words."
#: As much as somebody may paste.
VERY_LONG = "The same again and again. " * 1920 + "The very end of the very long words."
