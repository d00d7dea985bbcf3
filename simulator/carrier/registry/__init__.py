"""Who may send, and what behind a number is registered: brands, campaigns, templates, verifications."""
