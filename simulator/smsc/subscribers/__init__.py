"""The subscribers' side of the SMSC: their phones, what they write, acknowledge, and hear by broadcast."""
