"""THE SCRIPT: what is laid over the model. It knows the model, and of the wire its names alone."""
