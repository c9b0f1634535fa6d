"""How a school's own policy is joined to the duties: it adds to them, and takes nothing away.

What rows ask for adds up, so a row more asks for more; a duty's own row can be given the policy's words,
further conditions under which it applies, and more to ask for. There is no way to write less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec.structs import asdict, replace

from flows.model import URGENCIES, Hold, Layer, Level, OwnAction
from flows.policy.facts import HAPPENED
from flows.policy.own import More, OwnPolicy, OwnRow, OwnVariant, SecondLook, Written
from flows.policy.table import Conditions, Rule, Table, Variant, wrong
from flows.school import Seat
from flows.words import known, say

#: What a level is called where the policy itself names it, and where it is the school's.
_NAMED, _OURS = "policy", "setting"
_BODIES = ("police", "legal")
#: Whom a row may tell. The Headteacher and the Chair give way where they must not know (rows L), so that only
#: a whole row asks for them; who is on call and who stands in for absence are never asked for by a row.
_GIVE_WAY = (Seat.HEADTEACHER, Seat.CHAIR)
_TOLD = (Seat.VICE_CHAIR, Seat.SUBSTITUTE_GOVERNOR, Seat.DSL, Seat.DEPUTY_DSL)
#: Who is behind it, in a school's words, and the fact that says so.
_BEHIND_IT = {"parent": "maybe_parent", "pupil": "child_poster", "insider": "insider"}
#: What the lead rows and the hold say, and no row may.
_NOT_TO_ASK = ("leads", "later_if_cleared", "hold_contact_with_poster", "close_with_advice")
_CONSIDER = "consider_"

AnyRow = TypeVar("AnyRow", bound=Variant)


def join(duties: Table, own: OwnPolicy) -> Table:
    """Return the duties with all that a school adds. Raises PolicyError for what would not be an addition."""
    rows = {row.id: row for row in duties.row}
    _only_adds(own, rows)
    for more in own.more:
        rows[more.row] = _with_more(rows[more.row], more)
    ours = [*map(_own_row, own.row), *map(_second_look, own.second_look)]
    actions = _own_actions(own)
    suffix = duties.hold.suffix
    waiting = [a for name, c in own.consequence.items() if c.reaches_poster for a in (name, _CONSIDER + name)]
    later = {a + suffix: replace(actions[a], words=say("own.later", words=actions[a].words)) for a in waiting}
    return replace(
        duties,
        version=_version(duties, own),
        clause=own.clause,
        row=[
            *(rows[r.id] for r in duties.row if not r.late),
            *ours,
            *(rows[r.id] for r in duties.row if r.late),
        ],
        contact=[*duties.contact, *own.contact],
        follow=[
            *(f for f in duties.follow if not f.late),
            *own.follow,
            *(f for f in duties.follow if f.late),
        ],
        hold=replace(duties.hold, waits=[*duties.hold.waits, *waiting]),
        own=actions | later,
    )


def _version(duties: Table, own: OwnPolicy) -> str:
    """Return by what is decided: the school's version, and the duties' where theirs is another."""
    return own.version if own.version == duties.version else f"{own.version} (duties: {duties.version})"


# -- what a file may say ------------------------------------------------------------------------------------


def _only_adds(own: OwnPolicy, duties: dict[str, Rule]) -> None:
    """Raise PolicyError for the first thing that no file of a school's may say."""
    if not own.version.strip():
        raise wrong("version", "version", "is empty", 'Write the day it holds from: version = "2027-01-05"')
    for row in (*own.row, *own.second_look):
        if row.id in duties:
            mend = f'Add to it with [[more]] row = "{row.id}"; a row of your own needs a name of its own'
            raise wrong(row.id, "id", "is the name of a duty, which no file replaces", mend)
    for more in own.more:
        if more.row not in duties:
            raise wrong(more.row, "row", "is no duty", f"Choose among {', '.join(sorted(duties))}")
    for look in own.second_look:
        for what in look.if_any:
            if what not in HAPPENED:
                raise wrong(
                    look.id, "if_any", f"has no value {what!r}", f"Choose among {', '.join(HAPPENED)}"
                )
        if not look.if_any:
            raise wrong(look.id, "if_any", "is empty", f"Choose among {', '.join(HAPPENED)}")
    _own_names(own)
    mine = {*own.consequence, *own.body}
    for row in (*own.row, *own.second_look):
        _may_ask(row.id, row, mine, (*_GIVE_WAY, *_TOLD))
        _may_ask_each(row.variant, mine)
    for more in own.more:
        _may_ask(more.row, more, mine, (*_GIVE_WAY, *_TOLD))
        _may_ask_each(more.variant, mine)
    for line in own.follow:
        _actions(line.id, line.actions, mine)
    for contact in own.contact:
        _actions(contact.id, [contact.action] if contact.action else [], mine)


def _own_names(own: OwnPolicy) -> None:
    for name in (*own.consequence, *own.body):
        if not name.replace("_", "").isalnum() or name != name.lower():
            raise wrong(name, name, "is no name for it", "Write small_words_joined")
        if (
            known(f"action.{name}")
            or name.startswith(_CONSIDER)
            or (name in own.consequence and name in own.body)
        ):
            raise wrong(name, name, "is the name of something else", "Call it something else")
    for name, consequence in own.consequence.items():
        if not consequence.do.strip():
            raise wrong(name, "do", "is empty", "Say in one plain sentence what is done")


def _may_ask_each(variants: Iterable[OwnVariant], mine: set[str]) -> None:
    for variant in variants:
        _may_ask(variant.id, variant, mine, _TOLD)


def _may_ask(owner: str, asking: OwnVariant | More, mine: set[str], seats: tuple[Seat, ...]) -> None:
    for seat in asking.tell:
        if seat not in seats:
            whole = seat in _GIVE_WAY
            what = f"has no value {seat!r}" + (" in a variant" if whole else "")
            mend = "Only a whole row can ask for them" if whole else f"Choose among {', '.join(seats)}"
            raise wrong(owner, "tell", what, mend)
    _actions(owner, asking.actions, mine)
    for action in asking.consider:
        if action not in mine:
            raise wrong(owner, "consider", f"has no value {action!r}", "Name a [consequence.…] or a [body.…]")


def _actions(owner: str, actions: Iterable[str], mine: set[str]) -> None:
    for action in actions:
        if action not in mine and (not known(f"action.{action}") or action.endswith(_NOT_TO_ASK)):
            mend = "Describe it under [consequence.…], or name one that docs/own-policy.md lists"
            raise wrong(owner, "ask", f"has no value {action!r}", mend)


# -- a school's own actions, rows and variants --------------------------------------------------------------


def _own_actions(own: OwnPolicy) -> dict[str, OwnAction]:
    """Return every action a school brings, and each once more as something to consider."""
    found = {}
    for name, c in own.consequence.items():
        words = say("own.letter", words=c.do, letter=c.letter) if c.letter else c.do
        found[name] = OwnAction(name=name, words=words, called=c.do.rstrip("."), decide=c.decide)
    for name, body in own.body.items():
        words = say("own.body", name=body.name)
        reach = " · ".join(way for way in (body.phone, body.email) if way)
        whether = say("own.whether", name=body.name)
        found[name] = OwnAction(
            name=name, words=words, called=whether, decide=True, body=body.name, reach=reach
        )
    consider = {_CONSIDER + n: replace(a, words=say("own.consider", words=a.words)) for n, a in found.items()}
    return found | consider


def _own_row(row: OwnRow) -> Rule:
    variants = [*map(_variant, row.variant)]
    base = _variant(row)
    return Rule(
        **asdict(base),
        layer=Layer.POLICY if row.quote else Layer.SETTING,
        clauses=row.clauses,
        quote=row.quote,
        because=row.because,
        level_layer=_level_layer({}, [base, *variants], row.named),
        kind=row.kind,
        safeguarding_deadline=row.safeguarding_deadline,
        apart=row.apart,
        asks_head=Seat.HEADTEACHER in row.tell,
        chairs_part=Seat.CHAIR in row.tell,
        variant=variants,
    )


def _second_look(look: SecondLook) -> Rule:
    """Return the row: it applies where its rows did, what it names has happened, and its conditions hold."""
    after = [look.after] if isinstance(look.after, str) else look.after
    before: Conditions = {"matched": [*after]} if after else {}
    sets = [spelled_out(look.id, conditions) for conditions in look.when or [{}]]
    row = _own_row(replace(look, when=[]))
    return replace(row, when=[{**before, what: [True], **more} for what in look.if_any for more in sets])


def _variant(each: OwnVariant) -> Variant:
    """Return a variant, or what a row has of one, as the table has it; those who may give way are columns."""
    return Variant(
        id=each.id,
        when=[spelled_out(each.id, conditions) for conditions in each.when],
        unless=[spelled_out(each.id, conditions) for conditions in each.unless],
        tell=_told(each.tell),
        police=each.police,
        legal=each.legal,
        urgency=each.urgency,
        actions=[*_asked(each)],
        hold=each.hold,
    )


def _told(seats: Iterable[str]) -> list[str]:
    return [seat for seat in seats if seat not in _GIVE_WAY]


def _asked(by: OwnVariant | More) -> Iterator[str]:
    yield from by.actions
    yield from (_CONSIDER + action for action in by.consider)


def spelled_out(owner: str, conditions: Written) -> Conditions:
    """Return conditions with every value in a list, and who is behind it as the fact that says so."""
    found: Conditions = {}
    for fact, value in conditions.items():
        if fact != "behind_it":
            found[fact] = value if isinstance(value, list) else [value]
        elif isinstance(value, str) and value in _BEHIND_IT:
            found[_BEHIND_IT[value]] = [True]
        else:
            mend = f"Choose one of {', '.join(_BEHIND_IT)}"
            raise wrong(owner, "when.behind_it", f"has no value {value!r}", mend)
    return found


# -- a duty with more -------------------------------------------------------------------------------------


def _with_more(row: Rule, more: More) -> Rule:
    """Return a duty's row with what a school adds to it."""
    own = {variant.id: variant for variant in more.variant}
    variants = [_stronger(each, own.pop(each.id)) if each.id in own else each for each in row.variant]
    variants += map(_variant, own.values())
    base = _stronger(row, more)
    return replace(
        base,
        when=[*(spelled_out(row.id, conditions) for conditions in more.when), *row.when],
        layer=Layer.POLICY if more.quote else row.layer,
        clauses=[*row.clauses, *more.clauses],
        quote=more.quote or row.quote,
        because=f"{row.because} {more.because}".strip(),
        level_layer=_level_layer(row.level_layer, [base, *variants], more.named),
        asks_head=row.asks_head or Seat.HEADTEACHER in more.tell,
        chairs_part=row.chairs_part or Seat.CHAIR in more.tell,
        variant=variants,
    )


def _stronger(duty: AnyRow, more: OwnVariant | More) -> AnyRow:
    """Return a row or variant of the duties, asking for more; never for less than before."""
    hold = more.hold if isinstance(more, OwnVariant) else None
    return replace(
        duty,
        tell=[*dict.fromkeys((*duty.tell, *_told(more.tell)))],
        police=_more_of(tuple(Level), duty.police, more.police),
        legal=_more_of(tuple(Level), duty.legal, more.legal),
        urgency=_more_of(URGENCIES, duty.urgency, more.urgency),
        actions=[*dict.fromkeys((*duty.actions, *_asked(more)))],
        hold=Hold.SAFEGUARDING if Hold.SAFEGUARDING in (duty.hold, hold) else duty.hold or hold,
    )


def _more_of(steps: tuple[str, ...], one: str, other: str) -> str:
    """Return the higher of two steps; what is no step stays, for the check to name it."""
    ranks = {step: rank for rank, step in enumerate(steps)}
    if one in ranks and other in ranks:
        return max(one, other, key=ranks.__getitem__)
    return other or one


def _level_layer(before: dict[str, str], asking: list[Variant], named: list[str]) -> dict[str, str]:
    """Return whose each level is: named by the policy, or the school's."""
    bodies = [body for body in _BODIES if body in before or any(getattr(each, body) for each in asking)]
    return {body: _NAMED if body in named else before.get(body, _OURS) for body in bodies}
