"""`python -m tests.benchmarks` measures speed."""

from tests.benchmarks.bench import main

main()
