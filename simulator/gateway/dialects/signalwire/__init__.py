"""SignalWire's REST messages: create, redact, logs, callbacks, and replies to what comes in."""

from simulator.gateway.dialects.signalwire.api import signalwire
from simulator.gateway.dialects.signalwire.settings import SignalwireSettings, demo, demo_account

__all__ = ["SignalwireSettings", "demo", "demo_account", "signalwire"]
