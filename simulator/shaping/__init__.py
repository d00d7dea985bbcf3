"""The form of what we send, where a scenario says one: forms and facts in, PDUs and octets out. No state, no time."""
