"""Flowroute's Messaging v2.1 and v2.2: send, records, webhooks, receipts of two levels."""

from simulator.gateway.dialects.flowroute.api import flowroute
from simulator.gateway.dialects.flowroute.settings import FlowrouteSettings, demo, demo_account

__all__ = ["FlowrouteSettings", "demo", "demo_account", "flowroute"]
