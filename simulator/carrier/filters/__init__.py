"""What networks do not let pass for its text or its traffic: filters, what they look for, what they remember."""
