"""How much may be sent: meters, quotas, throughput."""
