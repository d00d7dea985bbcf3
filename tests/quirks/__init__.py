"""The quirks that come with the package: what each must show on the wire."""
