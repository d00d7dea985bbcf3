"""What must hold of any gateway, whatever a scenario promises: the lint. Folds over the journal, nothing of its own."""
