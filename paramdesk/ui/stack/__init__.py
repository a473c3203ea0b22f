"""The layer-stack editor: rows, lanes, model, view and delegate."""
