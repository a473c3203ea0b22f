"""Small widgets of our own, painted from the theme; nothing here knows what a layer is."""
