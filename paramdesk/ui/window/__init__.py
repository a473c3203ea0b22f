"""The window around the panels: its parts, its actions and what they do."""
