"""Where trio begins: links that carry octets, the server, our own ESME. Nothing here decides about a message."""
