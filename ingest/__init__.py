"""Turn files into versioned articles and passages in the library."""
