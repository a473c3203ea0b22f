"""The bar chart: one bar per layer. Only here are pyqtgraph and numpy used, and only after the first paint."""
