"""How the window looks: the tokens, the theme that chooses among them, the style that draws with them, the icons."""
