"""The rules that keep the house in order, each a function from sources to findings.

Knows which floor may import what and how names, sizes and docstrings must be. Reads files as text and never imports
them. tests/test_tidy.py holds the repository against it, and small bad samples against each rule.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

LINES_MAX = 500
INIT_LINES_MAX = 40

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"__init__"}),
    frozenset({"smpp", "sms", "carrier", "journal"}),
    frozenset({"scenario", "checks"}),
    frozenset({"smsc", "shaping"}),
    frozenset({"net"}),
    frozenset({"control"}),
    frozenset({"gateway", "harness", "embed", "serving", "recounting", "importing"}),
    frozenset({"cli", "pytest_plugin"}),
)
FLOOR_OF = {part: number for number, parts in enumerate(FLOORS) for part in parts}


def up_to(floor: int) -> frozenset[str]:
    """The parts on floors 1 to `floor`."""
    return frozenset().union(*FLOORS[1 : floor + 1])


# The names and declarations of the wire: what the script may know of it.
WIRE_NAMES = {
    *("smpp.constants", "smpp.errors", "smpp.fields", "smpp.pdus", "smpp.tlvs", "smpp.vendor_tlvs", "smpp.wire"),
}

# What each part may import of ours, beside itself: whole parts, or single modules.
OURS: dict[str, frozenset[str]] = {
    # Lazy: it names the homes of the public names, and imports them for type checkers at most.
    "__init__": up_to(7),
    "smpp": frozenset(),
    "sms": frozenset(),
    "carrier": frozenset(),
    "journal": frozenset(),
    "scenario": frozenset({"carrier", "sms", "journal", "checks", *WIRE_NAMES}),
    "checks": frozenset({"carrier", "sms", "journal", *WIRE_NAMES}),
    # How what we send looks, where a scenario says it: forms and facts in, PDUs and octets out.
    "shaping": frozenset({"smpp", "sms", "carrier", "scenario"}),
    "smsc": frozenset({"smpp", "sms", "carrier", "scenario", "shaping", "checks", "journal"}),
    "net": frozenset({"smpp", "sms", "smsc", "scenario.rules", "journal"}),
    "control": up_to(4),
    # It must stay honest, as a stranger's code would be: the ESME's side of the wire and nothing of the carrier's.
    "gateway": frozenset({"smpp", "sms", "net.client", "net.http", "net.addresses", "net.dial"}),
    "harness": up_to(5),
    # The running server is put together once, and hosted in a thread or started by the command.
    "serving": up_to(5),
    "embed": up_to(5) | {"serving"},
    # The file of events, read again afterwards.
    "recounting": up_to(5),
    # What others have written, as scenarios.
    "importing": frozenset({"smpp", "sms", "carrier", "scenario"}),
    "cli": up_to(7),
    "pytest_plugin": up_to(7),
}

# What each part may import of others, beside the standard library.
WEB = {"trio", "fastapi", "starlette", "pydantic", "pydantic_core"}
OTHERS: dict[str, frozenset[str]] = {
    "scenario": frozenset({"pydantic", "pydantic_core", "yaml", "re2"}),
    "checks": frozenset({"pydantic", "yaml", "re2"}),
    "net": frozenset({"trio"}),
    "control": frozenset({*WEB, "prometheus_client"}),
    "gateway": frozenset({*WEB, "httpx2", "h11", "yaml"}),
    "harness": frozenset({*WEB, "httpx2", "h11", "hdrh", "faker", "smpplib", "locust", "gevent", "matplotlib", "rich"}),
    "serving": frozenset({"trio"}),
    "embed": frozenset({"trio"}),
    "recounting": frozenset({"hdrh"}),
    "cli": frozenset({"typer", "rich", "trio"}),
    "pytest_plugin": frozenset({"typer", "rich", "trio", "pytest"}),
}
OTHERS_OF_FILES: dict[str, frozenset[str]] = {"net.http": frozenset({"anycorn"}), "net.tls": frozenset({"trustme"})}

# Floors 1 to 3 decide and never touch the world; the time is an argument.
PURE = up_to(3)
IO_MODULES = frozenset(
    "trio asyncio anyio socket socketserver select selectors ssl threading _thread multiprocessing concurrent "
    "subprocess signal time sched logging http urllib ftplib smtplib tempfile shutil sqlite3 secrets uuid".split()
)
IO_CALLS = frozenset({"open", "print", "input", "breakpoint"})
FILE_METHODS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes", "open"})
READS_FILES = frozenset({"scenario.file"})
ENVIRONMENT = frozenset({"environ", "environb", "getenv", "putenv"})
READS_ENVIRONMENT = frozenset({"cli.main", "pytest_plugin"})

NAMES_AVOIDED = frozenset(
    "util utils helper helpers common misc manager handler handlers processor base abstract impl data info".split()
)
# Not even a variable is called so: one word per thing (receipt; silence, disconnect, lose).
WORDS_AVOIDED = frozenset({"dlr", "drop", "drops", "dropped"})
# The specifications' own words, and the two verbs of a sans-I/O connection.
NAMES_GIVEN = re.compile(
    r"data_?sm|data_?coding|user_?data|additional_?status_?info(_?text)?|receive_data|data_to_send", re.IGNORECASE
)

ASYNCHRONOUS = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the repository's root with forward slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file's syntax tree."""
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def module(self) -> str:
        """The dotted name below `simulator`: `smpp.codec`; a package is named by its folder, the root `__init__`."""
        name = self.path.removeprefix("simulator/").removesuffix(".py").replace("/", ".")
        return name if name == "__init__" else name.removesuffix(".__init__")

    @cached_property
    def part(self) -> str:
        """The folder or file of the table of floors: `smpp`, `journal`, `cli`."""
        return self.module.partition(".")[0]

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """(line, absolute dotted name) of every import, wherever it stands; `from a import b` gives `a.b`."""
        found = []
        package = ("simulator." + self.module).split(".")
        if not self.path.endswith("__init__.py"):
            package.pop()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*above, *filter(None, [node.module])])
                found += [(node.lineno, f"{origin}.{alias.name}") for alias in node.names]
        return found

    @cached_property
    def ours(self) -> list[tuple[int, str]]:
        """The imports of our own, without the leading `simulator.`."""
        return [(line, name.removeprefix("simulator.")) for line, name in self.imports if is_ours(name)]


def is_ours(name: str) -> bool:
    """Whether a dotted name is the package's."""
    return name.partition(".")[0] == "simulator"


def is_within(name: str, place: str) -> bool:
    """Whether a dotted name is a part or module, or lies inside it."""
    return name == place or name.startswith(place + ".")


def floors(source: Source) -> Iterator[str]:
    """Each import of ours goes to where the table allows it."""
    if source.part not in FLOOR_OF:
        yield f"{source.path}: {source.part} has no floor in the table"
        return
    allowed = OURS[source.part] | {source.part}
    for line, name in source.ours:
        if name.partition(".")[0] in FLOOR_OF and not any(is_within(name, place) for place in allowed):
            yield f"{source.path}:{line}: {source.part} imports {name}"


def others(source: Source) -> Iterator[str]:
    """Each import of other people's code is one that the table allows."""
    allowed = OTHERS.get(source.part, frozenset()) | OTHERS_OF_FILES.get(source.module, frozenset())
    for line, name in source.imports:
        top = name.partition(".")[0]
        if not is_ours(name) and top not in sys.stdlib_module_names and top not in allowed:
            yield f"{source.path}:{line}: {source.part} imports {top}"


def io_free(source: Source) -> Iterator[str]:
    """Floors 1 to 3 have no socket, task, clock, log, environment, shared luck or file."""
    if source.part not in PURE:
        return
    for line, name in source.imports:
        if name.partition(".")[0] in IO_MODULES:
            yield f"{source.path}:{line}: imports {name}"
        elif name.partition(".")[0] == "random":
            yield f"{source.path}:{line}: {name}: all luck is a hash"
    for node in source.nodes:
        if isinstance(node, ASYNCHRONOUS):
            yield f"{source.path}:{node.lineno}: async below net/"
        elif isinstance(node, ast.Attribute):
            yield from world_of_attribute(source, node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IO_CALLS:
            yield f"{source.path}:{node.lineno}: calls {node.func.id}()"


def world_of_attribute(source: Source, node: ast.Attribute) -> Iterator[str]:
    """The clock, the luck or the file that `owner.attr` reaches for."""
    owner = ast.unparse(node.value)
    if node.attr in {"now", "utcnow", "today"} and owner.rpartition(".")[2] in {"datetime", "date"}:
        yield f"{source.path}:{node.lineno}: reads the clock by {owner}.{node.attr}"
    elif node.attr in FILE_METHODS and source.module not in READS_FILES:
        yield f"{source.path}:{node.lineno}: touches a file by .{node.attr}"


def environment(source: Source) -> Iterator[str]:
    """The environment is read in cli/main.py and pytest_plugin.py alone: elsewhere configuration is arguments."""
    if source.module in READS_ENVIRONMENT:
        return
    for line, name in source.imports:
        if name.startswith("os.") and name.removeprefix("os.") in ENVIRONMENT:
            yield f"{source.path}:{line}: imports {name}"
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and ast.unparse(node.value) == "os":
            yield f"{source.path}:{node.lineno}: reads os.{node.attr}"


def border(source: Source) -> Iterator[str]:
    """Wire and model meet in smsc/translate.py, and in the script, which needs their names."""
    if FLOOR_OF.get(source.part, 0) not in range(1, 5) or source.part == "scenario":
        return
    met = {name.partition(".")[0] for _, name in source.ours} & {"smpp", "carrier"}
    if len(met) == 2 and source.module != "smsc.translate":
        yield f"{source.path}: imports both smpp and carrier"


def cycles(sources: list[Source]) -> Iterator[str]:
    """No module imports itself by way of others when it runs, not even inside a function.

    Two modules may name each other's types under `if TYPE_CHECKING`: that is no import.
    """
    known = {source.module for source in sources}
    graph = {source.module: targets(source, known) for source in sources if source.module != "__init__"}
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> Iterator[str]:
        if module in path:
            yield "import cycle: " + " -> ".join([*path[path.index(module) :], module])
        elif module not in done:
            for target in sorted(graph.get(module, ())):
                yield from visit(target, [*path, module])
            done.add(module)

    for module in sorted(graph):
        yield from visit(module, [])


def targets(source: Source, known: set[str]) -> set[str]:
    """The modules that a file imports when it runs: of `a.b.name` the longest prefix that is a module."""
    typing_only = {
        line
        for node in source.nodes
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    found = set()
    for line, name in source.ours:
        if line in typing_only:
            continue
        longest = name
        while longest and longest not in known:
            longest = longest.rpartition(".")[0]
        found.add(longest)
    return found - {"", source.module}


def size(source: Source) -> Iterator[str]:
    """A file has at most 500 lines, an `__init__` 40."""
    count = len(source.text.splitlines())
    limit = INIT_LINES_MAX if source.path.endswith("/__init__.py") else LINES_MAX
    if count > limit:
        yield f"{source.path}: {count} lines, at most {limit}"


def words(name: str) -> set[str]:
    """The words of a name, in lower case, without those that the specification gives."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", NAMES_GIVEN.sub("_", name))}


def names(source: Source) -> Iterator[str]:
    """No file, function or class has a name that could be anybody's; no name at all says dlr or drop."""
    stem = source.path.rpartition("/")[2].removesuffix(".py")
    for word in sorted(words(stem) & (NAMES_AVOIDED | WORDS_AVOIDED)):
        yield f"{source.path}: a file is named {word!r}"
    for node in source.nodes:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                avoided = NAMES_AVOIDED | WORDS_AVOIDED
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                avoided = WORDS_AVOIDED
            case _:
                continue
        for word in sorted(words(name) & avoided):
            yield f"{source.path}:{node.lineno}: {name} says {word!r}"


def one_state(sources: list[Source]) -> Iterator[str]:
    """A connection's state changes in one place of smpp/, so that the table decides and nothing else does."""
    places = [
        f"{source.path}:{node.lineno}"
        for source in sources
        if source.part == "smpp"
        for node in source.nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in {"state", "_state"}
    ]
    if len(places) > 1:
        yield "the state is assigned in " + ", ".join(sorted(places))


def no_global(source: Source) -> Iterator[str]:
    """No function changes a module's variable."""
    for node in source.nodes:
        if isinstance(node, ast.Global):
            yield f"{source.path}:{node.lineno}: global {', '.join(node.names)}"


def no_todo(source: Source) -> Iterator[str]:
    """No comment puts a thing off."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and re.search(r"\b(TODO|FIXME|XXX|HACK)\b", token.string):
            yield f"{source.path}:{token.start[0]}: {token.string}"


def docstrings(source: Source) -> Iterator[str]:
    """A module opens with a docstring, and every public class and function has one, its own or an inherited one."""
    if ast.get_docstring(source.tree) is None:
        yield f"{source.path}: no docstring"
    told: dict[str, set[str]] = {}
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            described = {member.name for member in node.body if isinstance(member, DEFINITIONS) and says(member)}
            told[node.name] = described.union(*inherited(node, told))
    yield from undocumented(source, source.tree, told)


def says(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether a definition has a docstring, or is a form that needs none."""
    marks = {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}
    return ast.get_docstring(node) is not None or bool(marks & {"overload", "setter"})


def inherited(node: ast.ClassDef, told: dict[str, set[str]]) -> list[set[str]]:
    """What the bases of a class say about its members: those bases that stand above it in the file."""
    return [told.get(ast.unparse(base).partition("[")[0], set()) for base in node.bases]


def undocumented(source: Source, parent: ast.Module | ast.ClassDef, told: dict[str, set[str]]) -> Iterator[str]:
    """The public definitions of a module or class that say nothing; what a function holds inside is its own."""
    known = told[parent.name] if isinstance(parent, ast.ClassDef) else set[str]()
    for node in parent.body:
        if not isinstance(node, DEFINITIONS) or node.name.startswith("_"):
            continue
        if not says(node) and node.name not in known:
            yield f"{source.path}:{node.lineno}: {node.name} has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from undocumented(source, node, told)


def no_mock(source: Source) -> Iterator[str]:
    """A test uses no mock: a fake that works says more."""
    for line, name in source.imports:
        if is_within(name, "unittest.mock") or is_within(name, "mock") or is_within(name, "pytest_mock"):
            yield f"{source.path}:{line}: imports {name}"


def no_sleep(source: Source) -> Iterator[str]:
    """A test waits for a fact and never for a while; only beside real peers there is no fact to wait for."""
    if source.path.startswith("tests/e2e/"):
        return
    for line, name in source.imports:
        if name == "time.sleep":
            yield f"{source.path}:{line}: imports {name}"
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr == "sleep" and ast.unparse(node.value) == "time":
            yield f"{source.path}:{node.lineno}: time.sleep"


Rule = Callable[[Source], Iterator[str]]
PACKAGE_RULES: tuple[Rule, ...] = (floors, others, io_free, environment, border, names, no_global)
TEST_RULES: tuple[Rule, ...] = (no_mock, no_sleep)
PROGRAM_RULES: tuple[Rule, ...] = (docstrings,)
EVERYWHERE: tuple[Rule, ...] = (size, no_todo)
