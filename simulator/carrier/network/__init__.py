"""Networks that decide: the chain of their questions, what they tell, and what is so."""
