"""The inspector: a layer's options as a form, and how its numbers are computed."""
