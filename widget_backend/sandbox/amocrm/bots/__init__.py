"""SalesBots: what they are made of, how they run, and where they wait."""
