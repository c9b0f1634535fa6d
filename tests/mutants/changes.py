"""What one thing in a program may wrongly be instead, and what a statement's own lines are."""

from __future__ import annotations

import ast

SWAPPED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitOr: (r"\|", "&"),
    ast.BitAnd: ("&", "|"),
}
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}
METHODS = {
    "startswith": "endswith",
    "endswith": "startswith",
    "removeprefix": "removesuffix",
    "append": "count",
}


def enums(sources: list[bytes]) -> dict[str, list[str]]:
    """Return the members of every enumeration, to swap one for another."""
    found = {}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases):
                names = [
                    target.id
                    for line in node.body
                    if isinstance(line, ast.Assign)
                    for target in line.targets
                    if isinstance(target, ast.Name)
                ]
                found[node.name] = names
    return found


def header(node: ast.stmt | ast.match_case) -> tuple[int, int]:
    """Return the lines of a statement, without those of the statements in it."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, max(node.pattern.lineno, node.body[0].lineno - 1)
    inner = getattr(node, "body", None) or getattr(node, "cases", None)
    if not inner:
        return node.lineno, node.end_lineno or node.lineno
    first = inner[0].pattern if isinstance(inner[0], ast.match_case) else inner[0]
    return node.lineno, max(node.lineno, first.lineno - 1)


def is_type(node: ast.AST, child: ast.AST) -> bool:
    """Say whether a child is a docstring, or a type: in brackets, or what a value is cast to."""
    if isinstance(node, ast.Expr) and isinstance(child, ast.Constant):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast":
        return child is node.args[0]
    return isinstance(node, ast.Subscript) and child is node.slice and isinstance(child, ast.Tuple | ast.Name)


def other_constants(value: object) -> list[str]:
    """Return other values of the same kind."""
    match value:
        case bool():
            return [str(not value)]
        case int():
            return [str(value + 1)] + ([str(value - 1)] if value > 0 else [])
        case float():
            return [str(value * 2)]
        case str():
            return ['"XX"'] + (['""'] if value else [])
        case bytes():
            return ['b"XX"']
    return []
