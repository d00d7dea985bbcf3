"""Worlds from a seed: random accounts, networks, scenarios, troubles and traffic in virtual time, and what must hold.

No socket, no task, no clock: an Smsc and model gateways exchange octets, and the time is a number.
"""
