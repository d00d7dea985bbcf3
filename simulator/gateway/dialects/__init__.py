"""The three messaging APIs that the gateway speaks: each a router over HTTP and a Dialect for the core."""
