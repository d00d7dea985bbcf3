"""``carrier-sim gateway``: words become a configuration, and the reference gateway runs with it."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.ends import COULD_NOT_RUN, fail

HTTP_DEFAULT = "127.0.0.1:8776"


def gateway(
    *,
    smsc: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST:PORT", help="A carrier (127.0.0.1:2775). Repeatable: the next where those before are away."
        ),
    ] = None,
    http: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where the APIs listen.")] = HTTP_DEFAULT,
    db: Annotated[Path | None, typer.Option(metavar="FILE", help="The database; without it all ends with us.")] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML or TOML, or `load`: the limits lifted.")
    ] = None,
    allow_target: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="A host beside this machine that callbacks may go to.")
    ] = None,
) -> None:
    """Run the reference gateway: SignalWire's, Flowroute's and SignalSMS's APIs above SMPP."""
    # FastAPI and the dialects: most commands need none of it
    import logging

    import trio

    from simulator.gateway.config import LOAD, ConfigError, SmscSettings, demo, for_load, read_config
    from simulator.gateway.running import run_gateway
    from simulator.gateway.store import StoreError
    from simulator.net.addresses import address_from, is_loopback

    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        if config is None:
            chosen = demo()
        else:
            chosen = for_load() if str(config) == LOAD else read_config(config)
        where = address_from(http, "--http")
        carriers = [address_from(text, "--smsc") for text in smsc or ()]
    except (ConfigError, ValueError) as error:
        fail(str(error))
    if chosen.is_demo and not is_loopback(where[0]):
        fail(f"--http: {http!r} is off this machine, and the demo accounts are for everybody: give a --config")
    if carriers:
        # as the configuration's first one, but for where it is
        like = chosen.smscs[0] if chosen.smscs else SmscSettings()
        chosen.smscs = [
            like.model_copy(update={"host": host, "port": port, "name": "", "prefixes": []}) for host, port in carriers
        ]
    chosen.allow_targets += allow_target or []
    try:
        trio.run(run_gateway, chosen, where, db)
    except (OSError, StoreError) as error:
        fail(str(error), COULD_NOT_RUN)
