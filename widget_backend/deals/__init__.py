"""What the product does with deals: their history, copies and the choice of who takes them."""
