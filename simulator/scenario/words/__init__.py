"""The words of a scenario file, each a type that reads it, and the patterns that others wrote."""
