"""Sample cards: every block, every tone, the hostile, the large and the nearly empty."""

from __future__ import annotations

from flows.ui.cards import (
    Attachment,
    Bullets,
    Button,
    Buttons,
    Callout,
    Card,
    Divider,
    Facts,
    Heading,
    Line,
    Link,
    Mark,
    Quote,
    Small,
    Style,
    Text,
    Tone,
)
from tests.adapters.sample_words import HOSTILE, INTENTS, LONG, VERY_LONG


def button(label: str = "Take this on", name: str = "act", style: Style = Style.PLAIN, **rest: str) -> Button:
    """Return a button with one of the sample intents."""
    return Button(label=label, intent=INTENTS[name], style=style, **rest)


def card(*blocks: object, tone: Tone = Tone.PLAIN, kind: str = "sample") -> Card:
    """Return a card of these blocks, with a summary that says nothing."""
    return Card(kind=kind, summary="You have a message about a report.", blocks=blocks, tone=tone)  # type: ignore[arg-type]


BLOCKS: dict[str, Card] = {
    "heading": card(Heading("A report for you")),
    "text": card(Text("Two lines,\nthe second one here.")),
    "small": card(Small("HPS-2026-014 · opened Tuesday 24 November at 14:05")),
    "heading-pressed": card(
        Heading("What it says", button("Change", describes="Change what it says")), Text("The words.")
    ),
    "facts": card(
        Facts((("How soon", "Today by 17:00"), ("Who leads", "Chair of governors"), ("Police", "—")))
    ),
    "bullets": card(Bullets(("Keep the evidence", "Do not reply", "Do not guess who it is"))),
    "lines": card(
        Line(Mark.TO_DO, "Offer support to the child.", "by 17:00 on Friday 27 November", button("Record")),
        Line(
            Mark.TO_DO, "Ring the LADO.", button=button("Record the LADO", describes="Record: ring the LADO")
        ),
        Line(Mark.WAITS, "Only once the hold is cleared: ask them to take it down."),
        Line(Mark.DONE, "Police", "contacted, Headteacher, 10:05 on Tuesday 24 November"),
        Line(Mark.NOT_NEEDED, "Tell families", "done elsewhere", button("Record", "fill")),
        Buttons((button("More…", "ask"),)),
    ),
    "numbered": card(Bullets(("Ring 999", "Tell somebody by phone", "Write down the time"), ordered=True)),
    "quote": card(Quote("They said it again last night.", source="What the reporter wrote")),
    "quote-bare": card(Quote("No source is given for this one.")),
    "link": card(Link("The complaints procedure", "https://school.example/complaints?from=bot&to=school")),
    "link-tel": card(Link("Ring 101", "tel:101"), Link("Write to Legal", "mailto:legal@council.example")),
    "attachment": card(
        Attachment("screenshot <1> & more.png", "image/png", 482_113, "a3" * 32),
        Attachment("note.pdf", "application/pdf", 999, "0f" * 32),
        Attachment("kept.png", "image/png", 482_113),
    ),
    "divider": card(Text("Above the line"), Divider(), Text("Below the line")),
    "buttons": card(
        Buttons(
            (
                button("Take this on", "act", Style.PRIMARY, describes="Take on case HPS-2026-014"),
                button("I have a conflict", "fill"),
                button(
                    "Throw it away", "discard", Style.DANGER, confirm="Throw your report away? It is gone."
                ),
            )
        )
    ),
    "every-intent": card(Buttons(tuple(button(f"Button {name}", name) for name in INTENTS))),
    **{f"tone-{tone}": card(Callout(tone, f"A callout that is {tone}."), tone=tone) for tone in Tone},
}

CASE_CARD = Card(
    kind="case_card",
    summary="There is a new report for the leadership.",
    tone=Tone.DANGER,
    blocks=(
        Heading("HPS-2026-014"),
        Callout(Tone.DANGER, "Urgent: acknowledge by 14:25. Also told by phone."),
        Facts(
            (
                ("State", "Open, nobody has taken it on"),
                ("Kind", "Reported as possibly threatening violence"),
                ("Who leads", "Chair of governors"),
                ("Legal", "Recommended – decide and record why"),
                ("Police", "Recommended – decide and record why"),
            )
        ),
        Text("What the policy asks for now:"),
        Bullets(
            (
                "Keep the evidence: do not delete, do not reply.",
                "Do not contact the poster until the hold is cleared.",
                "Support the person the posting is about.",
            ),
            ordered=True,
        ),
        Quote(
            "circumstances include where postings have a racist element "
            "or where violence is threatened or encouraged",
            source="School policy, clause C8",
        ),
        Divider(),
        Small("Policy 2026-09 · rows C8v.yes, C4, L2 · HPS-2026-014"),
        Buttons(
            (
                button("Take this on", "act", Style.PRIMARY, describes="Take on HPS-2026-014"),
                button("I have a conflict", "fill", confirm="You will not see this case again. Go on?"),
                button("Open the record", "ask"),
            )
        ),
    ),
)

RECEIPT = Card(
    kind="receipt",
    summary="Your report is safe.",
    tone=Tone.GOOD,
    blocks=(
        Heading("Thank you. Your report is safe."),
        Text("The Chair of governors is told now, because the posting is about the Headteacher."),
        Facts((("Reference", "HPS-2026-014"), ("You will hear by", "Wednesday at 17:00"))),
        Link("Social media policy", "https://school.example/social-media"),
        Buttons((button("Add to this report", "fill"), button("See my reports", "ask"))),
    ),
)

#: Cards with hostile words in every place that takes words.
HOSTILE_CARDS: dict[str, Card] = {
    f"hostile-{name}": card(
        Heading(f"H {words}"),
        Text(f"T {words}"),
        Small(f"S {words}"),
        Facts(((f"K {words}", f"V {words}"),)),
        Bullets((f"B {words}",)),
        Line(Mark.TO_DO, f"I {words}", f"N {words}", button(f"O {words}")),
        Quote(f"Q {words}", source=f"R {words}"),
        Callout(Tone.CAUTION, f"C {words}"),
        Link(f"L {words}", "https://school.example/"),
        Attachment(f"A {words}", "text/plain", 12, "1b" * 32),
        Buttons((button(f"P {words}"),)),
    )
    for name, words in HOSTILE.items()
}

#: More than one message or modal may hold, on one platform or another.
LARGE_CARDS: dict[str, Card] = {
    "long": card(Heading("H " + LONG), Text(LONG), Quote(LONG, source="Q"), Callout(Tone.CAUTION, LONG)),
    "very-long": card(Quote(VERY_LONG, source="What the reporter wrote")),
    "many-blocks": card(*(Text(f"Paragraph number {n} of many.") for n in range(70))),
    "many-facts": card(Facts(tuple((f"Label {n}", f"Value {n}") for n in range(35)))),
    "many-lines": card(Bullets(tuple(f"Line number {n} of many" for n in range(60)))),
    "many-buttons": card(Buttons(tuple(button(f"Button number {n}") for n in range(30)))),
}

EDGE_CARDS: dict[str, Card] = {
    "empty": card(),
    "blank-words": card(Heading(" "), Text(""), Quote(""), Facts((("Label", ""),)), Bullets(())),
    "no-buttons": card(Text("Nothing to press."), Buttons(())),
}

#: Every card, by name: use this in ``parametrize``.
CARDS: dict[str, Card] = {
    **BLOCKS,
    "case-card": CASE_CARD,
    "receipt": RECEIPT,
    **HOSTILE_CARDS,
    **LARGE_CARDS,
    **EDGE_CARDS,
}
