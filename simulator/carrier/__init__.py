"""The model of a mobile network: what it decides about a message. It has never heard of a PDU, a socket or a clock."""
