"""The engine: architectures, kinds of layers, and what they count. No Qt, no numpy, no files."""
