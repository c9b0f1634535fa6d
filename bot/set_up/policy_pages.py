"""The pages on which a school writes its own policy: its rows as they are signed, and what differs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from aiohttp import web
from markupsafe import Markup

from adapters.web.guard import html
from adapters.web.reading import read
from adapters.web.render import page
from bot.commands.policy import policy_page
from bot.school_file.parse import FORMS
from bot.set_up.answers import Answers
from bot.set_up.paper import html_of
from bot.set_up.policy import ASKED, STEPS, Draft
from flows.errors import PolicyError
from flows.policy.compare import sentence
from flows.words import say

#: what may be changed of each kind of part, in order
_FIELDS = {
    "row": ("id", "because", "quote", "police", "legal", "soon"),
    "second_look": ("id", "because", "quote", "police", "legal", "soon"),
    "duty": ("because", "quote", "police", "legal", "soon"),
    "consequence": ("do", "letter", "decide"),
    "words": ("words",),
}
_LONG = {"because", "quote", "do", "words"}


class PolicyPages:
    def __init__(self, answers: Answers) -> None:
        """Go on with the draft that is kept beside the school's file."""
        self._answers = answers
        self._draft = Draft(answers.path.parent)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/policy", self.show),
            web.post("/policy/begin", self.begin),
            web.get("/policy/print", self.printed),
            web.get("/policy/change/{kind}/{name}", self.change),
            web.post("/policy/change/{kind}/{name}", self.take),
            web.post("/policy/force", self.force),
        ]

    async def show(self, _request: web.Request) -> web.Response:
        """Show the forms to begin with; or the policy, and what comes out differently."""
        return html(self._shown())

    def _shown(self, error: str = "") -> str:
        if self._draft.policy is None:
            return page("set_up/forms", forms=FORMS, error=error)
        found = self._draft.differences()
        return page(
            "set_up/policy",
            error=error,
            form=self._draft.form,
            rows=self._rows(),
            consequences=self._draft.raw.get("consequence", {}),
            different=found.different,
            looked_at=found.looked_at,
            differences=[sentence(one) for one in found.differences],
            today=self._answers.today.isoformat(),
            version=self._draft.policy.version,
        )

    def _rows(self) -> list[tuple[str, str, str, Markup, Markup]]:
        """Return each row of the policy as it is signed: its kind, its name, whose it is, why, and what."""
        policy = self._draft.policy
        rows = sorted(policy.table.row, key=lambda row: self._kind(row.id) == "duty") if policy else []
        said = [(row.id, *policy_page.row_parts(row, policy)) for row in rows if policy]
        return [
            (self._kind(name), name, whose, html_of(why), html_of(what)) for name, whose, why, what in said
        ]

    def _kind(self, name: str) -> str:
        return next((kind for kind in ("row", "second_look") if self._draft.part(kind, name)), "duty")

    async def begin(self, request: web.Request) -> web.Response:
        """Begin with a form."""
        form = dict((await read(request)).pairs).get("form", "")
        if form not in FORMS:
            return html(self._shown(say("own_page.choose")), status=400)
        self._draft.begin(form)
        return _see("/policy")

    async def printed(self, _request: web.Request) -> web.Response:
        """Show the page that is signed."""
        if self._draft.policy is None:
            return _see("/policy")
        return html(page("set_up/printed", paper=html_of(policy_page.page(self._draft.policy))))

    async def change(self, request: web.Request) -> web.Response:
        """Show a part as it can be changed."""
        kind, name = self._which(request)
        return html(self._form(kind, name, self._now(kind, name)))

    async def take(self, request: web.Request) -> web.Response:
        """Take a change; where it would not hold, say why beside what it is about, and change nothing."""
        kind, name = self._which(request)
        sent = dict((await read(request)).pairs)
        try:
            self._change(kind, name, sent)
        except PolicyError as error:
            return html(self._form(kind, name, sent, error), status=422)
        return _see(f"/policy#{sent.get('id', name).replace(' ', '-')}")

    def _change(self, kind: str, name: str, sent: dict[str, str]) -> None:
        if kind == "duty":
            self._draft.firmer(name, sent)
        elif kind == "consequence":
            self._draft.consequence(name, sent)
        elif kind == "words":
            self._draft.reword(sent.get("words", ""))
        else:
            self._draft.change(kind, name, sent)

    def _form(self, kind: str, name: str, now: dict[str, str], error: PolicyError | None = None) -> str:
        """Return the page of one part; an error stands beside the field it is about."""
        about = error.part.rpartition(".")[2] if error else ""
        fields = [
            {"key": key, "value": now.get(key, ""), "steps": STEPS.get(key, ()), "long": key in _LONG}
            for key in _FIELDS[kind]
        ]
        asks = {
            f"consequence.{each}": now.get(f"consequence.{each}", "") for each in self._consequences(kind)
        }
        return page(
            "set_up/change",
            kind=kind,
            part=name,
            fields=fields,
            asks=asks,
            asked=ASKED,
            called=self._draft.raw.get("consequence", {}),
            error=f"{error.message} {error.hint}" if error else "",
            about=about if about in _FIELDS[kind] else _FIELDS[kind][0],
        )

    def _consequences(self, kind: str) -> list[str]:
        return [*self._draft.raw.get("consequence", {})] if kind in ("row", "second_look") else []

    def _now(self, kind: str, name: str) -> dict[str, str]:
        """Return what a part says now, by field."""
        if kind == "words":
            return {"words": self._draft.words}
        if kind == "consequence":
            mine = self._draft.raw["consequence"][name]
            return {**mine, "decide": "yes" if mine.get("decide") else "no"}
        if kind == "duty":
            more = next((one for one in self._draft.parts("more") if one["row"] == name), {})
            return self._draft.levels(name) | {
                key: value for key, value in more.items() if isinstance(value, str)
            }
        row: dict[str, Any] = self._draft.part(kind, name) or {}
        asked = {f"consequence.{each}": key for key in ASKED for each in row.get(key, [])}
        return asked | {key: value for key, value in row.items() if isinstance(value, str)}

    def _which(self, request: web.Request) -> tuple[str, str]:
        """Return which part is meant. Raises HTTPNotFound for one that is none."""
        kind, name = request.match_info["kind"], request.match_info["name"]
        there = {
            "words": name == "all",
            "consequence": name in self._draft.raw.get("consequence", {}),
            "duty": self._draft.policy is not None and name in self._draft.duties,
        }
        if not (there[kind] if kind in there else kind in _FIELDS and self._draft.part(kind, name)):
            raise web.HTTPNotFound
        return kind, name

    async def force(self, request: web.Request) -> web.Response:
        """Write it with the day from which it holds, and name it in the school's file."""
        sent = dict((await read(request)).pairs)
        try:
            since = dt.date.fromisoformat(sent.get("since", ""))
        except ValueError:
            return html(self._shown(say("set_up.no_date")), status=422)
        before = self._answers.given.get("policy.file", "") or FORMS[0]
        fresh = {"policy.file": self._draft.write(since)}
        if since > self._answers.today:
            fresh |= {"policy.from": since.isoformat(), "policy.before": before}
        self._answers.given.pop("policy.from", None)
        self._answers.take(fresh)
        return _see("/step/look")


def _see(place: str) -> web.Response:
    return web.Response(status=303, headers={"Location": place})
