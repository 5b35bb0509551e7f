"""One module a format: the three vans as that vendor would export them."""
