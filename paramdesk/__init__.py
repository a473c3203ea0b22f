"""Design neural networks layer by layer and see their shapes and parameter counts."""

__version__ = "0.1.0"
