"""The command ``carrier-sim numbers``: numbers of a network that nobody has, for tests and examples."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.ends import WRONG, fail

if TYPE_CHECKING:
    from simulator.scenario.networks.carriers import Sections


def numbers(
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="A network: att, tmobile, uk ...")],
    *,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 10,
    seed: Annotated[int, typer.Option(help="Chooses which ones, and their order.")] = 0,
    kind: Annotated[
        str | None,
        typer.Option(metavar="mobile|landline|toll_free|premium", help="Without this all but landlines."),
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option("--in", metavar="FILE", help="Where the network is described; else among the shipped ones."),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="A JSON list.")] = False,
) -> None:
    """Print fictitious numbers of a network: none of them belongs to anybody, whichever network is asked for.

    They are from ranges that numbering authorities keep free for films and tests. The same seed gives the same ones.
    """
    from simulator.carrier.fictitious import numbers_of

    sections = _sections(files or [])
    try:
        found = numbers_of(sections.plan, network, count=count, kind=kind or "", seed=seed)
    except ValueError as error:
        fail(str(error))
    typer.echo(json.dumps(found, indent=2) if is_json else "\n".join(found))


def _sections(names: list[str]) -> "Sections":
    """What the files say of networks; of all shipped ones where none is named, where each network is found once."""
    from simulator.scenario.file import load, shipped
    from simulator.scenario.networks.carriers import sections_of
    from simulator.scenario.problems import ScenarioError

    try:
        return sections_of([load(one) for one in names or [one for one in shipped() if one.startswith("networks/")]])
    except ScenarioError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG) from None


__all__ = ["numbers"]
