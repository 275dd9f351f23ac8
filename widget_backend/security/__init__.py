"""Keys and what they protect: sealed values, signed state, bearer sessions, one-time tickets."""
