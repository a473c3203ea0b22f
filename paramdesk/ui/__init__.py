"""The window. The only part of the package that knows Qt."""
