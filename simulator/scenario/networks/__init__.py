"""The sections of a scenario about networks, and the model's objects that are made of them."""
