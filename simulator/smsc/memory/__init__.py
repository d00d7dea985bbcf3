"""What the SMSC remembers, and what it answers when it is asked about it later."""
