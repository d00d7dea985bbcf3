"""``python -m simulator.cli`` is ``carrier-sim``."""

from simulator.cli.main import main

main()
