"""The script played on the SMSC: what rules and carrier sections say, done to sessions and messages."""
