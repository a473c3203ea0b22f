"""The document, and everything that changes, follows, keeps or writes it."""
