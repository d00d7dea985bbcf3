"""The SMSC without a socket: sessions that answer, messages that live, receipts that wait. It is told the time."""
