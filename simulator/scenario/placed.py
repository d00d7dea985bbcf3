"""Where something stands that was found wrong only when all files were taken together.

It knows files and the keys that lead into them. What is wrong, and why, it does not know: that comes with each problem,
whose path says what it is about and not in which file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from simulator.scenario.file import content_of
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.tree import Node, lines_of, tree_of


def placed(problems: Iterable[Problem], texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems, each at the key that its path leads to in the last of these files that goes as far along it as any.

    ``texts`` are the files' by their names, in order. One whose path begins in none of them stays as it is.
    """
    trees = [(name, tree_of(text, name), lines_of(text)) for name, text in texts.items()]
    return tuple(_placed(one, trees) for one in problems)


def placed_in_files(problems: Iterable[Problem], names: Iterable[str]) -> tuple[Problem, ...]:
    """The same for files, or shipped scenarios, of these names; of what is none nothing has a place.

    So it is with what came by standard input, which is gone, with a module, and with what was made by a program.
    """
    texts = {}
    for name in names:
        if name != "-" and not name.endswith(".py"):
            try:
                texts[name] = content_of(name)
            except (ScenarioError, OSError):
                continue
    return placed(problems, texts)


def _placed(problem: Problem, trees: list[tuple[str, Node, list[str]]]) -> Problem:
    found, deepest = problem, 1
    for name, tree, lines in trees:
        depth, (line, column) = _followed(tree, problem.path)
        if depth >= deepest:
            deepest = depth
            found = replace(problem, file=name, line=line + 1, column=column + 1, source=lines[line])
    return found


def _followed(node: Node, path: str) -> tuple[int, tuple[int, int]]:
    """How many steps of a path a file has, and where the key of the last one stands (from 0)."""
    depth, place = 0, (node.line, node.column)
    while path:
        # a name may have a full stop in it, and may begin as another one does
        step = max((one for one in node.inside if _begins(path, one)), key=lambda one: len(_text(one)), default=None)
        if step is None:
            break
        depth += 1
        path = path[len(_text(step)) :].removeprefix(".")
        inside = node.inside[step]
        place = node.keys[step] if isinstance(step, str) else (inside.line, inside.column)
        node = inside
    return depth, place


def _begins(path: str, step: str | int) -> bool:
    text = _text(step)
    return path.startswith(text) and path[len(text) :][:1] in ("", ".", "[")


def _text(step: str | int) -> str:
    # numbers are known without the plus that they may be written with
    return step.removeprefix("+") if isinstance(step, str) else f"[{step}]"


__all__ = ["placed", "placed_in_files"]
