"""Runs the benchmarks: `python -m benchmarks [name ...] [--quick]`."""

import sys

from benchmarks import run

sys.exit(run.main(sys.argv[1:]))
