"""Which benchmarks there are, and how their figures are shown."""
import argparse
from benchmarks import assess_graded, assess_raw
from benchmarks.measure import measure

ROOMS = {"assess_graded": assess_graded, "assess_raw": assess_raw}

def main(args):
    p = argparse.ArgumentParser(); p.add_argument("names", nargs="*"); p.add_argument("--quick", action="store_true")
    o = p.parse_args(args)
    for name, room in ROOMS.items():
        if o.names and not any(name.startswith(n) for n in o.names): continue
        for bench in room.prepare(quick=o.quick):
            r = measure(bench, quick=o.quick)
            print(bench.title)
            for f in r.figures: print(f"  {f.name:50} {'not installed' if f.value is None else f'{f.value:10.2f} {bench.unit} {f.ratio:9.2f} x'}  {f.note}")
            for v in r.verdicts: print("  ", v.goal.code, v.measured, v.goal.at_most, v.met)
