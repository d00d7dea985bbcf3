"""The reference gateway: messaging APIs over HTTP above SMPP. It speaks to carriers as a stranger's program would."""
