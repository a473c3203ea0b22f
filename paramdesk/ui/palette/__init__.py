"""The palette: layer kinds by category, searched by what people call them."""
