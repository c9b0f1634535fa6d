"""Every small wrong change that a line of ours can suffer: the mutants of one file.

A mutant changes one place and keeps the number of lines, so that a line of the mutant is a line of the file.
Not changed are docstrings, annotations, imports, decorators and f-strings (golden files hold the words).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from changes import METHODS, NAMES, SWAPPED, header, is_type, other_constants

UNTOUCHED = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.JoinedStr, ast.Pass, ast.Assert)


@dataclass(frozen=True)
class Mutant:
    """One wrong change: where it is, what it makes of the file, and how a person would say it."""

    path: str
    scope: str
    line: int
    first: int
    last: int
    start: int
    end: int
    text: str
    in_function: bool
    was: str
    now: str

    def applied(self, source: bytes) -> bytes:
        """Return the file with the change in it."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    @property
    def place(self) -> str:
        """Return what a list of mutants knows it by, wherever in its file it stands."""
        return f"{Path(self.path).stem}.{self.scope}"


@dataclass(frozen=True)
class Place:
    """Where the walk is: the function or class, the statement's lines, and whether it runs at import."""

    scope: str
    first: int
    last: int
    in_function: bool


class File:
    """One source file, and the mutants it can suffer."""

    def __init__(self, path: str, source: bytes, enumerations: dict[str, list[str]]) -> None:
        """Parse it."""
        self.path, self.source, self.enums = path, source, enumerations
        self.lines = source.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    @cached_property
    def tree(self) -> str:
        """Return the program, whatever its layout."""
        return ast.dump(ast.parse(self.source))

    @cached_property
    def mutants(self) -> list[Mutant]:
        """Return all that can be written; some are no Python, or no other program."""
        return list(self.visit(ast.parse(self.source), Place("", 1, len(self.lines), in_function=False)))

    def is_real(self, mutant: Mutant) -> bool:
        """Say whether a mutant is Python, and another program than before."""
        try:
            return ast.dump(ast.parse(mutant.applied(self.source))) != self.tree
        except (SyntaxError, ValueError):
            return False

    def at(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node's text begins and ends, in bytes."""
        return (
            self.starts[node.lineno - 1] + node.col_offset,  # type: ignore[attr-defined]
            self.starts[node.end_lineno - 1] + node.end_col_offset,  # type: ignore[attr-defined]
        )

    def text(self, node: ast.AST) -> str:
        """Return a node's text."""
        start, end = self.at(node)
        return self.source[start:end].decode()

    def change(self, place: Place, start: int, end: int, text: str) -> Mutant:
        """Put other text in a place, with as many lines as before."""
        missing = self.source[start:end].count(b"\n") - text.count("\n")
        text += " \\\n" * missing
        changed = (self.source[:start] + text.encode() + self.source[end:]).splitlines()
        first, last = (self.source.count(b"\n", 0, at) for at in (start, end))
        pairs = [
            (self.lines[at].decode().strip(), changed[at].decode().strip()) for at in range(first, last + 1)
        ]
        # The line that says it: not the one before it that only lost its comma.
        at = next((n for n, (was, now) in enumerate(pairs) if was.rstrip(",") != now.rstrip(", \\")), 0)
        return Mutant(
            path=self.path,
            scope=place.scope or "(module)",
            line=first + at + 1,
            first=place.first,
            last=place.last,
            start=start,
            end=end,
            text=text,
            in_function=place.in_function,
            was=pairs[at][0],
            now=pairs[at][1].removesuffix("\\").strip(),
        )

    def visit(self, node: ast.AST, place: Place) -> Iterator[Mutant]:
        """Walk down, knowing in which function and statement we are."""
        if isinstance(node, UNTOUCHED) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        ):
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from self.visit_named(node, place)
            return
        if isinstance(node, ast.stmt | ast.match_case):
            place = Place(place.scope, *header(node), place.in_function)
        elif isinstance(node, ast.ExceptHandler):
            place = Place(place.scope, node.lineno, node.body[0].lineno - 1, place.in_function)
        for start, end, text in self.changes(node):
            yield self.change(place, start, end, text)
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "ctx", "op", "ops"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not is_type(node, child):
                    yield from self.visit(child, place)

    def visit_named(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, place: Place
    ) -> Iterator[Mutant]:
        """Walk into a function or a class; a function's defaults run where it is defined."""
        is_function = not isinstance(node, ast.ClassDef)
        outside = Place(place.scope, node.lineno, node.body[0].lineno - 1, place.in_function)
        if not isinstance(node, ast.ClassDef):
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if default is not None:
                    yield from self.visit(default, outside)
        scope = f"{place.scope}.{node.name}".removeprefix(".")
        for child in node.body:
            yield from self.visit(
                child, Place(scope, child.lineno, child.lineno, is_function or place.in_function)
            )

    def changes(self, node: ast.AST) -> Iterator[tuple[int, int, str]]:
        """Return the changes that a node itself invites."""
        match node:
            case ast.Compare(left=left, ops=ops, comparators=others):
                yield from self.swapped([left, *others], ops)
            case ast.BoolOp(op=op, values=values):
                yield from self.swapped(values, [op] * (len(values) - 1))
                neutral = "True" if isinstance(op, ast.And) else "False"
                yield from ((*self.at(value), neutral) for value in values)
            case ast.BinOp(left=left, op=op, right=right):
                yield from self.swapped([left, right], [op])
            case ast.UnaryOp(op=ast.Not()):
                yield (*self.at(node), re.sub(r"^not\b\s*", "", self.text(node)))
            case ast.Constant():
                yield from ((*self.at(node), text) for text in other_constants(node.value))
            case ast.Name(id=name) if name in NAMES:
                yield (*self.at(node), NAMES[name])
            case ast.Attribute(value=ast.Name(id=name), attr=member) if member in self.enums.get(name, ()):
                members = self.enums[name]
                at = members.index(member)
                for other in {members[at - 1], members[(at + 1) % len(members)]} - {member}:
                    yield (*self.at(node), f"{name}.{other}")
            case ast.Attribute(value=value, attr=attr) if attr in METHODS:
                yield (self.at(value)[1], self.at(node)[1], f".{METHODS[attr]}")
            case ast.Call():
                yield from self.calls(node)
            case ast.IfExp(test=test) | ast.If(test=test) | ast.While(test=test):
                yield from self.conditions(test)
            case ast.comprehension(ifs=tests):
                for test in tests:
                    yield from self.conditions(test)
            case (
                ast.Set(elts=parts)
                | ast.List(elts=parts)
                | ast.Tuple(elts=parts)
                | ast.MatchOr(patterns=parts)
            ):
                yield from self.dropped(parts)
            case ast.Dict(keys=keys, values=values) if all(keys):
                yield from self.dropped([*zip(keys, values, strict=True)])
            case ast.match_case(
                pattern=ast.MatchAs(pattern=None, name=None),
                body=[ast.Pass() | ast.Return(value=ast.Constant(value=None))],
            ):
                return  # what falls out of a match does nothing as well
            case ast.match_case(body=[ast.Expr(value=ast.Call(func=ast.Name(id="assert_never")))]):
                return  # the type checker proves that it is never reached
            case ast.match_case(pattern=pattern, guard=guard):
                if guard is not None:
                    yield from self.conditions(guard)
                yield (self.at(pattern)[0], self.at(guard or pattern)[1], f"{self.text(pattern)} if False")
            case ast.stmt():
                yield from self.statements(node)

    def swapped(self, parts: list[ast.expr], ops: list[ast.AST]) -> Iterator[tuple[int, int, str]]:
        """Return each operator swapped for its neighbour."""
        for left, right, op in zip(parts, parts[1:], ops, strict=False):
            if type(op) in SWAPPED:
                pattern, other = SWAPPED[type(op)]
                start, end = self.at(left)[1], self.at(right)[0]
                gap = self.source[start:end].decode()
                yield (start, end, re.sub(rf"(?<!\w){pattern}(?!\w)", other, gap, count=1))

    def conditions(self, test: ast.expr) -> Iterator[tuple[int, int, str]]:
        """Return a condition turned round, always met and never met."""
        for text in (f"(not ({self.text(test)}))", "True", "False"):
            yield (*self.at(test), text)

    def dropped(self, parts: list[ast.AST] | list[tuple[ast.AST, ast.AST]]) -> Iterator[tuple[int, int, str]]:
        """Return a collection without each of its members."""
        pairs = [part if isinstance(part, tuple) else (part, part) for part in parts]
        for index, (first, last) in enumerate(pairs if len(pairs) > 1 else []):
            if index + 1 < len(pairs):
                yield (self.at(first)[0], self.at(pairs[index + 1][0])[0], "")
            else:
                yield (self.at(pairs[index - 1][1])[1], self.at(last)[1], "")

    def calls(self, node: ast.Call) -> Iterator[tuple[int, int, str]]:
        """Return a call with two arguments swapped, and without each of its named ones."""
        named = [word.value for word in node.keywords if word.arg]
        either_way = isinstance(node.func, ast.Name) and node.func.id in ("min", "max", "suppress")
        for parts in () if either_way else (node.args, named):
            for left, right in pairwise(parts):
                (start, middle), (after, end) = self.at(left), self.at(right)
                between = self.source[middle:after].decode()
                yield (start, end, self.text(right) + between + self.text(left))
        before: ast.AST = node.args[-1] if node.args else node.func
        for word in node.keywords:
            if node.args or before is not node.func:
                yield (self.at(before)[1], self.at(word)[1], "")
            before = word

    def statements(self, node: ast.stmt) -> Iterator[tuple[int, int, str]]:
        """Return a statement that is not done, or that ends something else."""
        match node:
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Delete():
                if "assert_never" not in ast.unparse(node):
                    yield (*self.at(node), "pass")
            case ast.Assign(targets=[ast.Subscript() | ast.Attribute(), *_]):
                yield (*self.at(node), "pass")
            case ast.Return(value=ast.Constant(value=False | None)):
                return  # whoever asks takes nothing for no; the constant itself is turned round elsewhere
            case ast.Return(value=ast.expr() as value):
                yield (*self.at(value), "None")
            case ast.Return():
                yield (*self.at(node), "pass")
            case ast.Continue():
                yield (*self.at(node), "break")
            case ast.Break():
                yield (*self.at(node), "continue")
