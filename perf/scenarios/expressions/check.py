"""The expected value of this scenario: Python's parser on the same formulas in Python's notation, folding of its own."""
import ast

FORMULAS = [
    "a + b * c - 7",
    "(a - b) * (a + b) / (c - 3) + 12 / 4 * 5",
    "b - a if a < b else (-(a - b) if a - b < c else 0 - -c * (2 - 1))",
    "(1 + 2 * 3 - 7) * (a * a * a) + 1 * (b + 0)",
    "(a * 31 + b) * 31 + c if 10 < 3 * 4 else a / 0",
    "---a - (b - (c - (a - (b - (c - 1)))))",
]


def quotient(a, b):
    """Division as in the language: towards zero; by zero gives zero."""
    return 0 if b == 0 else (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)


def remainder(a, b):
    return a - quotient(a, b) * b


APPLY = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mult": lambda a, b: a * b,
    "Div": quotient,
    "Lt": lambda a, b: int(a < b),
}


def tree(node):
    """Nested tuples: ("n", value), ("v", index), ("-", operand), ("?", condition, yes, no), (operator, left, right)."""
    if isinstance(node, ast.Constant):
        return ("n", node.value)
    if isinstance(node, ast.Name):
        return ("v", ord(node.id) - 97)
    if isinstance(node, ast.UnaryOp):
        return ("-", tree(node.operand))
    if isinstance(node, ast.IfExp):
        return ("?", tree(node.test), tree(node.body), tree(node.orelse))
    if isinstance(node, ast.Compare):
        return ("Lt", tree(node.left), tree(node.comparators[0]))
    return (type(node.op).__name__, tree(node.left), tree(node.right))


def size(t):
    return 1 if t[0] in "nv" else 1 + sum(map(size, t[1:]))


def folded(t):
    if t[0] in ("n", "v"):
        return t
    if t[0] == "?":
        test = folded(t[1])
        if test[0] == "n":
            return folded(t[2] if test[1] else t[3])
        return ("?", test, folded(t[2]), folded(t[3]))
    parts = [folded(part) for part in t[1:]]
    if t[0] == "-":
        inner = parts[0]
        return {"n": lambda: ("n", -inner[1]), "-": lambda: inner[1]}.get(inner[0], lambda: ("-", inner))()
    left, right = parts
    if left[0] == right[0] == "n":
        return ("n", APPLY[t[0]](left[1], right[1]))
    if t[0] == "Add" and ("n", 0) in parts:
        return right if left == ("n", 0) else left
    if t[0] == "Mult" and ("n", 1) in parts:
        return right if left == ("n", 1) else left
    if t[0] == "Mult" and ("n", 0) in parts:
        return ("n", 0)
    return (t[0], left, right)


def value(t, variables):
    if t[0] == "n":
        return t[1]
    if t[0] == "v":
        return variables[t[1]]
    if t[0] == "-":
        return -value(t[1], variables)
    if t[0] == "?":
        return value(t[2] if value(t[1], variables) else t[3], variables)
    return APPLY[t[0]](value(t[1], variables), value(t[2], variables))


def main():
    total = 0
    for text in FORMULAS:
        formula = tree(ast.parse(text, mode="eval").body)
        simple = folded(formula)
        total = total * 3 + size(formula) * 100 + size(simple)
        for a in range(-10, 10):
            for b in range(-10, 10):
                for c in range(-10, 10):
                    total = remainder(total * 7 + value(formula, (a, b, c)), 1000003)
    print(total)


main()
