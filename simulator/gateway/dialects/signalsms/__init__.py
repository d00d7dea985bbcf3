"""SignalSMS's gateway: dispatch to many, status of each, a wallet, rates, senders."""

from simulator.gateway.dialects.signalsms.api import signalsms
from simulator.gateway.dialects.signalsms.settings import SignalsmsSettings, demo, demo_account

__all__ = ["SignalsmsSettings", "demo", "demo_account", "signalsms"]
