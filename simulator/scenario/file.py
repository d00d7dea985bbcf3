"""Scenario files: found by name, read, checked as a whole, written again. Every error has its file, line and column.

It joins the tree of a YAML text, which knows places, with the shape, which knows what is allowed; neither knows the
other. The only file of its floor that reads files.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from simulator.scenario.declared import names_in
from simulator.scenario.match import SYNONYMS
from simulator.scenario.phrases import found_in
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.schema import Scenario
from simulator.scenario.shape import Found, Names, Shape
from simulator.scenario.tree import SIZE_MAX, Node, decoded, lines_of, resolved, tree_of
from simulator.scenario.words.wire_words import nearest

_HERE: Final = Path(__file__).parent.parent
SHIPPED: Final = (_HERE / "scenarios", _HERE.parent / "scenarios")
"""Where the scenarios are that come with the package: in an installation, in the repository."""


_SPELLINGS: Final = {name: synonym for synonym, name in SYNONYMS.items()}


def load(name: str | Path) -> Scenario:
    """The scenario of a file, or of a name among those that are shipped: `networks/plain`. Raises ScenarioError.

    A file that ends in .py is a module, and is run (modules.py).
    """
    path = found(str(name))
    try:
        if not path.is_file():
            # whoever opened a pipe would wait for ever
            raise ScenarioError([Problem(str(name), 0, 0, "", "no regular file", "a file to read")])
        with path.open("rb") as file:
            # one more than is allowed, so that too much is told and never read
            octets = file.read(SIZE_MAX + 1)
    except OSError as error:
        raise ScenarioError([Problem(str(name), 0, 0, "", error.strerror or "unreadable", "a file to read")]) from None
    if path.suffix == ".py":
        # imported here, because most scenarios are none
        from simulator.scenario.modules import scenario_from

        return scenario_from(decoded(octets, str(name)), str(name))
    return parse(octets, str(name))


def found(name: str) -> Path:
    """The file that a name means: itself, or one of those shipped, without its `.yaml`. Raises ScenarioError.

    A shipped one's folder may be left out where no other has the same name.
    """
    path = Path(name)
    if _is_there(path):
        return path
    for folder in SHIPPED:
        if _is_there(folder / f"{name}.yaml"):
            return folder / f"{name}.yaml"
    alike = [one for one in shipped() if one.rpartition("/")[2] == name]
    if len(alike) == 1:
        return found(alike[0])
    if alike:
        raise ScenarioError([Problem(name, 0, 0, "", f"{len(alike)} scenarios have this name", ", ".join(alike))])
    allowed = "a file, or the name of a shipped scenario"
    hint = nearest(name, [known for one in shipped() for known in (one, one.rpartition("/")[2])])
    raise ScenarioError([Problem(name, 0, 0, "", "no such file or scenario", allowed, hint)])


def content_of(name: str) -> str:
    """The text of the file that a name means. Raises ScenarioError, OSError."""
    return decoded(found(name).read_bytes(), name)


def _is_there(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        # a name too long, or with a NUL in it
        return False


def shipped() -> Iterator[str]:
    """The names of the scenarios that come with the package, in their order."""
    for folder in SHIPPED:
        for path in sorted(folder.rglob("*.yaml")):
            yield path.relative_to(folder).with_suffix("").as_posix()


def strangers(scenarios: Mapping[str, Scenario]) -> list[Problem]:
    """Networks, brands and campaigns that one of these files names and none of them declares, each at its place.

    The scenarios are those of the files, by name, and right each for itself. A file that declares none of a kind was
    not asked about that kind yet: who has those is known of all files together, and of one alone it is not.
    """
    declared = {name: _declared(one) for name, one in scenarios.items()}
    together = [tuple(one for names in kind for one in names) for kind in zip(*declared.values(), strict=True)]
    problems: list[Problem] = []
    for name, own in declared.items():
        if not all(own) and not name.endswith(".py"):
            content = content_of(name)
            names = names_in(tree_of(content, name).value)
            try:
                known = replace(names, networks=together[0], brands=together[1], campaigns=together[2])
                parse(content, name, known)
            except ScenarioError as error:
                problems += error.problems
    return problems


def _declared(scenario: Scenario) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The names of networks, brands and campaigns."""
    registry = scenario.registry
    return (
        tuple(scenario.networks or ()),
        () if registry is None else tuple(registry.brands or ()),
        () if registry is None else tuple(registry.campaigns or ()),
    )


def parse(content: str | bytes, file: str = "scenario", names: Names | None = None) -> Scenario:
    """The scenario of a text; ``file`` is its name in errors. Raises ScenarioError with all that is wrong.

    ``names`` are what it may name, where that is not what it declares itself.
    """
    text = decoded(content, file) if isinstance(content, bytes) else content
    root = tree_of(text, file)
    lines = lines_of(text)
    problems = list(root.problems)
    try:
        scenario = Scenario.model_validate(root.value, context=names or names_in(root.value))
    except ValidationError as error:
        problems += _placed(found_in(error.errors(include_url=False)), root, file, lines, problems)
    else:
        if not problems:
            rules = root.inside.get("rules")
            # a single one may stand without its list
            places = () if rules is None else rules.inside.values() if isinstance(rules.value, list) else (rules,)
            scenario.places.rules.extend((node.line + 1, node.column + 1) for node in places)
            return scenario
    raise ScenarioError(problems)


def _placed(wrong: Iterable[Found], root: Node, file: str, lines: list[str], told: list[Problem]) -> Iterator[Problem]:
    """Each thing that is wrong, with its place in the file; what is told of a place already is not told again."""
    seen = {problem.path for problem in told}
    # a short form that stands for two keys would tell its mistake twice
    told_here: set[tuple[str, str]] = set()
    for one in wrong:
        node, steps, key = root.at(one.path, _SPELLINGS)
        path = "".join(steps).removeprefix(".")
        if one.is_key and key is not None:
            line, column = key
        else:
            line, column = node.line, node.column
        if (path and path in seen) or (path, one.found) in told_here:
            continue
        told_here.add((path, one.found))
        yield Problem(file, line + 1, column + 1, path, one.found, one.allowed, one.hint, lines[line])


class _Dumper(yaml.SafeDumper):
    """Writes texts so that our own rules, which are YAML 1.2's, read them as texts."""

    def ignore_aliases(self, value: Any) -> bool:
        """No anchors: what is the same twice is written twice."""
        return True


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if isinstance(resolved(text), str) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


def written(shape: Shape) -> dict[str, Any]:
    """What was said, as plain values: texts, numbers, lists, mappings. A shape that is made of it is equal."""
    made: dict[str, Any] = shape.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    return made


def dump(scenario: Scenario) -> str:
    """The scenario as a file. ``parse`` makes an equal one of it; comments and short forms are gone."""
    return text_of(written(scenario))


def text_of(values: Mapping[str, Any]) -> str:
    """Plain values as a file's text."""
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
