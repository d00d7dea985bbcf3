"""A running SMSC inside a Python program, in a thread of its own."""
