"""The forms of what we send: ids, texts, dates, addresses, parts, and the wire's own part of them."""
