"""The wire: SMPP 3.3, 3.4 and 5.0 as octets, PDUs and connections. It has never heard of a carrier.

Import from the modules: `codec` (octets to PDUs and back), `pdus` (every PDU), `tlvs`, `constants` (the specification's
numbers under its names), `wire` (deliberate damage), `dissect` (any octets as JSON), `times`, `states`, `connection`.
"""
