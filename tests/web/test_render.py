"""The workspace's renderer keeps to the contract, and its forms can be used by everybody."""

from __future__ import annotations

import itertools
import re

import msgspec
import pytest
from markupsafe import Markup

from adapters.web.render import Desk, card_html, form_html, marked, refilled
from flows.ui.cards import Attachment, Card, Link
from flows.ui.forms import Form, Value
from tests.adapters.contract import RenderContract
from tests.adapters.sample_cards import card
from tests.adapters.samples import CARDS, FORMS, LEADER_FORM, REPORT_PAGE
from tests.web.reading import Reading


def desk() -> Desk:
    """Return a place to render for, whose keys are counted."""
    numbers = itertools.count(1)
    return Desk(account="kit", place="dm", mint=lambda: f"key{next(numbers)}")


class TestHtml(RenderContract):
    """The contract of every renderer."""

    carries_hidden_fields = True

    def render_card(self, card: Card) -> Markup:
        """Return the card as HTML."""
        return card_html(card, desk())

    def render_form(self, form: Form) -> Markup:
        """Return the form as HTML."""
        return form_html(form, desk())

    def texts(self, rendered: Markup) -> list[str]:
        """Return the words of the page."""
        return Reading(rendered).words

    def live(self, rendered: Markup) -> list[str]:
        """Return tags, attributes and addresses that are not ours."""
        return Reading(rendered).live

    def intents(self, rendered: Markup) -> list[str]:
        """Return what the buttons carry."""
        return Reading(rendered).intents


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://school.example/", "data:text/html,x", " https://x"]
)
def test_only_safe_links_can_be_followed(url: str) -> None:
    """A link that is not https, tel or mailto is shown as words."""
    page = Reading(card_html(card(Link("Here", url)), desk()))
    assert page.live == []
    assert url.strip() in page.text
    assert "<a" not in card_html(card(Link("Here", url)), desk())


def test_a_button_that_asks_first_works_without_script() -> None:
    """The question stands in the page, and only the button under it does the thing."""
    html = card_html(CARDS["buttons"], desk())
    assert "<details" in html
    assert "Throw your report away? It is gone." in html
    assert html.count("{&#34;type&#34;:&#34;d&#34;") == 1


@pytest.mark.parametrize("name", FORMS)
def test_every_control_has_a_name_for_ears(name: str) -> None:
    """Each control is inside a label, or a label points at it; ids are given once."""
    html = form_html(FORMS[name], desk())
    page = Reading(html)
    assert sorted(set(page.ids)) == sorted(page.ids)
    pointed = set(re.findall(r'<label for="([^"]+)"', html))
    controls = set(re.findall(r'<(?:textarea|input)[^>]*? id="([^"]+)"', html))
    assert controls == pointed
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= set(page.ids)


def test_errors_stand_at_the_top_and_beside_the_field() -> None:
    """Each error is said twice: in a list that links to its field, and at the field."""
    html = form_html(FORMS["errors"], desk())
    for field in FORMS["errors"].fields:
        assert f'href="#f-sample-{field.name}"' in html
        assert f'id="f-sample-{field.name}-error"' in html
    assert 'role="group"' in html


def test_a_day_that_does_not_exist_is_still_there() -> None:
    """A browser's date control would drop 2026-13-40; what was typed stays."""
    html = form_html(FORMS["errors"], desk())
    assert 'type="text" value="2026-13-40"' in html
    assert 'type="date" value="2026-11-20"' in form_html(FORMS["date-kept"], desk())


def test_what_was_typed_is_kept_beside_its_error() -> None:
    """A refused form comes back filled in, with the words beside the field they are about."""
    typed: dict[str, Value] = {
        "danger": "no",
        "targets": ("pupil", "school"),
        "words": "my <b>words</b>\n",
        "first_seen": "x",
    }
    form = marked(refilled(REPORT_PAGE, typed), {"words": "Say a little more."})
    html = form_html(form, desk())
    assert "my &lt;b&gt;words&lt;/b&gt;\n</textarea>" in html
    assert 'value="no" checked' in html
    assert {"pupil", "school"} == set(re.findall(r'name="many.targets" value="(\w+)" checked', html))
    assert "Say a little more." in html
    assert sum(bool(field.error) for field in form.fields) == 1


def test_keeping_nothing_changes_nothing() -> None:
    """A form that comes back without words of the person is the same form."""
    for form in FORMS.values():
        assert form == refilled(form, {})


def test_a_textarea_keeps_its_first_empty_line() -> None:
    """Browsers drop one line end after the tag, so one more is put there."""
    form = msgspec.structs.replace(
        FORMS["text-area"], fields=(msgspec.structs.replace(FORMS["text-area"].fields[0], value="\n\nx"),)
    )
    assert ">\n\n\nx</textarea>" in form_html(form, desk())


def test_fields_that_depend_say_on_what() -> None:
    """Where nothing can hide a field, a sentence says when to answer it."""
    html = form_html(LEADER_FORM, desk())
    assert "Answer this only if you chose “Not now” for “Was CC Legal Services contacted?”." in html
    assert 'data-shown="contacted" data-values="yes"' in html


def test_a_file_that_can_be_opened_is_linked() -> None:
    """A record's file is linked where the card speaks of one case, and only named where it does not."""
    record = card(*CARDS["attachment"].blocks, *CARDS["buttons"].blocks)
    assert "/w/kit/evidence/01JD00000000000000000CASE0/" + "a3" * 32 in card_html(record, desk())
    assert "evidence" not in card_html(CARDS["attachment"], desk())


@pytest.mark.parametrize(("media_type", "saved"), [("image/png", False), ("application/pdf", True)])
def test_a_document_is_saved_under_its_name(media_type: str, saved: bool) -> None:  # noqa: FBT001 - a cell of the table
    """A picture opens beside the page; anything else is saved, under the name that it has here."""
    file = Attachment('Pack "A" – HPS.pdf', media_type, 3, "a3" * 32)
    html = card_html(card(file, *CARDS["buttons"].blocks), desk())
    assert ('download="Pack &#34;A&#34; – HPS.pdf"' in html) is saved
    assert ('target="_blank"' in html) is not saved
