"""Long tests of what an index promises while people ask: a tenth of the counts in `make test`, all in `make soak`."""
