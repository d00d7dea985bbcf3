"""What drives the carrier to see whether it holds: random worlds from a seed. It decides nothing of any message."""
