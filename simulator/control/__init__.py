"""The control API: what happened and what to do, over HTTP. It knows the SMSC; nobody below knows it."""
