"""The formats in which a summary is written: one module each, with a `FORMAT`."""
