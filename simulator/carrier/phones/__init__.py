"""The phones of a network: their states, what waits for them, what their owners answer and refuse."""
