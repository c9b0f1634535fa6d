"""Sample forms: every field with and without its extras, whole pages, the hostile and the large."""

from __future__ import annotations

from flows.ui.cards import Bullets, Callout, Facts, Heading, Quote, Style, Text, Tone
from flows.ui.forms import Choice, DateField, FileField, Form, Many, OnlyIf, Option, Shortcut, TextField
from tests.adapters.sample_cards import button
from tests.adapters.sample_words import HOSTILE, INTENTS, LONG, VERY_LONG

YES_NO = (
    Option("yes", "Yes"),
    Option("no", "No"),
    Option("not_sure", "Not sure", "We will treat it with care"),
)
TARGETS = (
    Option("school", "The school as a whole"),
    Option("staff", "Somebody who works here", "Not the Headteacher"),
    Option("headteacher", "The Headteacher"),
    Option("pupil", "A pupil"),
    Option("none", "None of these"),
    Option("not_sure", "Not sure"),
)


def form(*fields: object, name: str = "sample", **rest: object) -> Form:
    """Return a form of these fields that answers a page."""
    return Form(
        id=name,
        title="What did you see?",
        submit=INTENTS["answer"],
        submit_label="Continue",
        summary="The next question about your report.",
        fields=fields,  # type: ignore[arg-type]
        **rest,  # type: ignore[arg-type]
    )


CHOICE = Choice(
    name="danger", label="Is anybody in danger right now?", options=YES_NO, help="If so, ring 999 first."
)
MANY = Many(
    name="targets",
    label="Who is it about?",
    options=TARGETS,
    value=("staff", "pupil"),
    alone=("none",),
    help="Tick all that fit.",
)
WORDS = TextField(
    name="words",
    label="What does the posting say?",
    lines=5,
    most=3000,
    help="Copy the words if you can.",
    placeholder="It says…",
    required=True,
)
LINE = TextField(name="link", label="A link to it", placeholder="https://")
DAY = DateField(name="first_seen", label="When did you first see it?", help="Roughly is fine.")
FILES = FileField(name="files", label="Screenshots", help="Pictures or PDF, up to 10 MB each.", most_files=3)

FIELDS: dict[str, Form] = {
    "choice": form(CHOICE),
    "choice-kept": form(
        Choice(name="danger", label="Is anybody in danger?", options=YES_NO, value="not_sure", required=False)
    ),
    "many": form(MANY),
    "text-line": form(LINE),
    "text-area": form(WORDS),
    "text-kept": form(
        TextField(name="words", label="What it says", value="Kept as typed.\nTwo lines.", lines=3)
    ),
    "date": form(DAY),
    "date-kept": form(DateField(name="first_seen", label="First seen", value="2026-11-20", required=True)),
    "file": form(FILES),
    "shown": form(
        CHOICE,
        TextField(
            name="where",
            label="Where are they?",
            required=True,
            shown=OnlyIf("danger", ("yes", "not_sure")),
        ),
    ),
    "errors": form(
        Choice(name="danger", label="Is anybody in danger?", options=YES_NO, error="Choose one, please."),
        Many(name="targets", label="Who is it about?", options=TARGETS, error="“None” stands alone."),
        TextField(name="words", label="What it says", value="x", error="A few more words, please."),
        DateField(
            name="first_seen", label="First seen", value="2026-13-40", error="That day does not exist."
        ),
        FileField(name="files", label="Screenshots", error="That file is too big: 10 MB at most."),
    ),
    "buttons": form(
        CHOICE,
        buttons=(button("Back", "go-to"), button("Throw it away", "discard", Style.DANGER, confirm="Sure?")),
    ),
    "shortcuts": form(
        MANY,
        CHOICE,
        shortcuts=(
            Shortcut("Nobody, and no danger: go on", {"targets": ("none",), "danger": "no"}),
            Shortcut("Yes, now: tell the leaders", {"targets": ("not_sure",)}, Style.DANGER),
        ),
    ),
    "step": form(CHOICE, step=(2, 7), cursor="danger"),
    "intro": form(
        LINE,
        intro=(
            Heading("Before you go on"),
            Callout(Tone.CAUTION, "Do not open it again to check."),
            Text("Tell us what you remember."),
            Bullets(("The words", "The picture")),
        ),
    ),
    "no-fields": form(
        intro=(
            Facts((("Who is it about?", "A pupil"), ("Is anybody in danger?", "No"))),
            Text("The Headteacher is told today."),
        ),
        buttons=(button("Change: who", "go-to", describes="Change your answer to: Who is it about?"),),
    ),
}

#: A whole page of a report.
REPORT_PAGE = Form(
    id="what",
    title="What did you see?",
    submit=INTENTS["answer"],
    submit_label="Continue",
    summary="The next question about your report.",
    intro=(Text("You can answer “not sure” to anything."),),
    fields=(CHOICE, MANY, WORDS, LINE, DAY, FILES),
    buttons=(button("Back", "go-to"),),
    step=(2, 6),
    cursor="targets",
)

#: A leader's form: Legal was contacted, or not now and why.
LEADER_FORM = Form(
    id="legal",
    title="Decide on Legal",
    submit=INTENTS["fill"],
    submit_label="Record this",
    summary="A form about a report.",
    fields=(
        Choice(
            name="contacted",
            label="Was CC Legal Services contacted?",
            options=(Option("yes", "Contacted"), Option("no", "Not now")),
        ),
        TextField(name="how", label="How", shown=OnlyIf("contacted", ("yes",)), required=True),
        DateField(name="when", label="When", shown=OnlyIf("contacted", ("yes",))),
        TextField(name="reference", label="Their reference", shown=OnlyIf("contacted", ("yes",))),
        TextField(
            name="why", label="Why not now?", lines=4, shown=OnlyIf("contacted", ("no",)), required=True
        ),
    ),
)

#: Hostile words in every place of a form that takes words.
HOSTILE_FORMS: dict[str, Form] = {
    f"hostile-{name}": Form(
        id="hostile",
        title=f"Title {words}"[:400],
        submit=INTENTS["answer"],
        submit_label="Continue",
        summary="The next question about your report.",
        intro=(Quote(f"I {words}"),),
        fields=(
            Choice(
                name="one",
                label=f"Choice {words}",
                help=f"Help {words}",
                error=f"Error {words}",
                options=(Option("a", f"Option {words}", f"Described {words}"), Option("b", "Plain")),
            ),
            TextField(name="two", label=f"Text {words}", value=f"Value {words}", lines=3),
        ),
        buttons=(button(f"Button {words}", "go-to"),),
    )
    for name, words in HOSTILE.items()
}

LARGE_FORMS: dict[str, Form] = {
    "long-value": form(TextField(name="words", label="What it says", value=VERY_LONG, lines=8)),
    "long-label": form(TextField(name="words", label=LONG, help=LONG, placeholder=LONG)),
    "many-options": form(
        Many(
            name="who",
            label="Is it one of these?",
            options=tuple(Option(f"p{n}", f"Person {n}") for n in range(130)),
        )
    ),
    "many-fields": form(*(TextField(name=f"f{n}", label=f"Question {n}") for n in range(60))),
}

#: Every form, by name: use this in ``parametrize``.
FORMS: dict[str, Form] = {
    **FIELDS,
    "report-page": REPORT_PAGE,
    "leader-form": LEADER_FORM,
    **HOSTILE_FORMS,
    **LARGE_FORMS,
}
