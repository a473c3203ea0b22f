"""The vocabularies of the frameworks, as generic translators: which kind says what is written in the kind."""
