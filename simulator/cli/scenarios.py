"""The commands about scenarios: ``check``, ``schema``, ``explain``, ``scenarios``, ``quirks``, ``stories``.

And what `serve` loads.
"""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.ends import WRONG, fail

if TYPE_CHECKING:
    from simulator.scenario.library import Shipped
    from simulator.scenario.problems import Problem
    from simulator.scenario.schema import Scenario

Words = Annotated[list[str] | None, typer.Argument(metavar="SEARCH ...", help="A name, or words to look for.")]
Names = Annotated[list[str], typer.Argument(metavar="FILE ...", help="Scenario files, - , or names of shipped ones.")]


def played(names: list[str], *, allows_conflicts: bool = False) -> "list[Scenario]":
    """The scenarios of files or names; all that is wrong, and what of them cannot go together, ends the command."""
    if not names:
        # reading files costs imports that nobody needs who has none
        return []
    scenarios, wrong = _loaded(names, is_error=True)
    if wrong:
        raise typer.Exit(WRONG)
    found = _conflicts(scenarios, names)
    for one in found:
        told = "warning: the later one wins: " if allows_conflicts else ""
        typer.echo(f"carrier-sim: {told}{one}", err=True)
    if found and not allows_conflicts:
        typer.echo("carrier-sim: with --allow-conflicts the later one wins", err=True)
        raise typer.Exit(WRONG)
    return scenarios


def _loaded(names: list[str], *, is_error: bool) -> "tuple[list[Scenario], int]":
    """The scenarios of files or names, and how many of them are wrong; all that is wrong with those is printed."""
    from simulator.scenario.file import load, parse, strangers
    from simulator.scenario.problems import ScenarioError
    from simulator.scenario.tree import SIZE_MAX

    scenarios, wrong = [], 0
    for name in names:
        try:
            scenarios.append(parse(sys.stdin.buffer.read(SIZE_MAX + 1), name) if name == "-" else load(name))
        except ScenarioError as error:
            wrong += 1
            typer.echo(str(error), err=is_error)
    if not wrong and "-" not in names and any(one.networks for one in scenarios):
        # all that there is to be named is known now
        unknown = strangers(dict(zip(names, scenarios, strict=True)))
        wrong = len({one.file for one in unknown})
        for one in unknown:
            typer.echo(str(one), err=is_error)
    # a file that is about no network alone may be laid over one that is
    if not wrong and (is_error or any(one.networks for one in scenarios)):
        for one in _misfits(dict(zip(names, scenarios, strict=True))):
            wrong += 1
            typer.echo(str(one), err=is_error)
    return scenarios, wrong


def _misfits(scenarios: "dict[str, Scenario]") -> "tuple[Problem, ...]":
    """What these files, by their names, say that no carrier can be made of, at its place."""
    from simulator.scenario.placed import placed_in_files
    from simulator.smsc.play.carriers_staged import misfits

    problems = misfits(list(scenarios.values()))
    return placed_in_files(problems, scenarios) if problems else ()


def _conflicts(scenarios: "list[Scenario]", names: list[str]) -> list[str]:
    from simulator.scenario.conflicts import conflicts

    return [str(one) for one in conflicts(scenarios, names)]


def check(
    files: Names,
    *,
    allow_conflicts: Annotated[
        bool, typer.Option("--allow-conflicts", help="Files that contradict each other are no mistake.")
    ] = False,
) -> None:
    """Tell everything that is wrong with scenario files: place, what was found, what is allowed. Exit code 2 if any.

    Of several, what keeps them from being played together, too.
    """
    scenarios, wrong = _loaded(files, is_error=False)
    # a file that is named twice is the same file
    several = dict(zip(files, scenarios, strict=True)) if not wrong else {}
    conflicts = [] if allow_conflicts else _conflicts(list(several.values()), list(several))
    for one in conflicts:
        typer.echo(one)
    if wrong or conflicts:
        raise typer.Exit(WRONG)


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check them.

    In a file: `# yaml-language-server: $schema=carrier-sim.schema.json` names where it was saved.
    """
    from simulator.scenario.schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def explain(
    files: Names,
    *,
    to: Annotated[str, typer.Option("--to", "--destination", help="Destination of the message.")] = "12025550100",
    source: Annotated[str, typer.Option("--from", "--source", help="Its source.")] = "12025550199",
    text: Annotated[str, typer.Option(help="Its text.")] = "hello",
    account: Annotated[
        str | None, typer.Option(help="Who submits it; without this the first that the files name.")
    ] = None,
    bind_type: Annotated[str, typer.Option(metavar="TX|TRX", help="How he is bound.")] = "TRX",
    data_coding: Annotated[
        int | None, typer.Option(help="What the text is written in; without this what can carry it.")
    ] = None,
    command: Annotated[
        str, typer.Option(metavar="submit_sm|data_sm|submit_multi", help="What submits it.")
    ] = "submit_sm",
    tlv: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A TLV of it. Repeatable.")] = None,
    nth: Annotated[int, typer.Option(min=1, max=10_000, help="Tell of the N-th such message in a row.")] = 1,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Carrier time: 23:00, '23:00 America/Los_Angeles' or ISO 8601; else UTC."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of all luck; the file's, if nothing is said.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Leave the PDUs out.")] = False,
    is_json: Annotated[bool, typer.Option("--json", help="All of it as JSON.")] = False,
) -> None:
    """Tell what scenarios do to one message: which rules fill which slots, what is answered and what is sent.

    Where they play networks: whose the numbers are, how the sender is registered, what each network asks and answers,
    what is left of its limits, what became of the message in truth, and which codes platforms have for the cause.
    Of each rule that is not meant: what it wants and what came instead, the nearest first. No port is
    opened, and nobody waits: time is only counted.
    """
    from simulator.cli.chain import moment_of
    from simulator.cli.explained import explained, request_from, show
    from simulator.scenario.script import book_of_all
    from simulator.smsc.play.rehearsal import START, rehearse

    scenarios = played(files, allows_conflicts=True)
    try:
        request = request_from(command, (source, to), text, data_coding, book=book_of_all(scenarios), tlvs=tlv or [])
        if bind_type not in {"TX", "TRX"}:
            raise ValueError(f"--bind-type: {bind_type!r}, must be TX or TRX")
        luck = seed if seed is not None else next((one.seed for one in reversed(scenarios) if one.seed is not None), 0)
        start = START if at is None else moment_of(at, START)
        told = rehearse(scenarios, request, account=account, bind_type=bind_type, nth=nth, seed=luck, start=start)
    except ValueError as error:
        fail(str(error))
    if is_json:
        typer.echo(json.dumps(explained(told, files), indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        # a file is as wide as it needs to be
        console.width = 200
    show(told, files, console, is_brief=brief)


def quirks(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="SEARCH ...", help="A name, or words to look for.")
    ] = None,
    *,
    is_json: Annotated[bool, typer.Option("--json", help="Everything that is known of them, as JSON.")] = False,
) -> None:
    """List the catalogued misbehaviours of carriers that `serve` can play, or tell all of one of them."""
    _list("quirks", words or [], is_json=is_json)


def stories(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="SEARCH ...", help="A name, or words to look for.")
    ] = None,
    *,
    is_json: Annotated[bool, typer.Option("--json", help="Everything that is known of them, as JSON.")] = False,
) -> None:
    """List the stories, in which several things happen one after the other, or tell all of one of them."""
    _list("stories", words or [], is_json=is_json)


def scenarios(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="SEARCH ...", help="A name, a folder, or words to look for.")
    ] = None,
    *,
    is_json: Annotated[bool, typer.Option("--json", help="Everything that is known of them, as JSON.")] = False,
) -> None:
    """List all scenarios that come with the package, by their folders, or tell all of one of them.

    Folders: faults, networks, quirks, spoken, stories.
    """
    _list("", words or [], is_json=is_json)


def _list(folder: str, words: list[str], *, is_json: bool) -> None:
    """Those of a folder, by their names alone, or of all folders."""
    from simulator.scenario.library import listed, meant

    found = list(listed(folder, words))
    if is_json:
        typer.echo(json.dumps([one.as_json() for one in found], indent=2, ensure_ascii=False))
    elif len(found) == 1:
        _tell(found[0])
    else:
        names = [one.bare if folder else one.name for one in found]
        width = max(map(len, names), default=0)
        for name, one in zip(names, found, strict=True):
            typer.echo(f"{name:<{width}}  {one.text or ''}".rstrip())
    if not found:
        hint = meant(folder, words)
        where = f"scenarios/{folder}" if folder else "scenarios"
        fail(f"{' '.join(words)}: nothing in {where} tells of it" + (f"; did you mean {hint}?" if hint else ""))


def _tell(one: "Shipped") -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(one.name, style="bold"))
    for title, text in (("", one.text), ("The carrier", one.carrier), ("What breaks", one.breaks)):
        _paragraph(console, title, text)
    _paragraph(console, "A correct gateway", one.correct)
    _paragraph(console, "Seen in", ", ".join(one.source))
    console.print(Padding(Text(f"carrier-sim serve {one.name}", style="bold"), (1, 0, 0, 0)), soft_wrap=True)


def _paragraph(console: "object", title: str, text: str | None) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    assert isinstance(console, Console)
    if text:
        if title:
            console.print(Text(f"\n{title}", style="cyan"))
        console.print(Padding(Text(text), (0, 0, 0, 2)))


__all__ = ["check", "explain", "played", "quirks", "scenarios", "schema", "stories"]
