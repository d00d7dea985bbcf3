"""The running server, and what goes with it: recording, reloading, reports, garbage."""
