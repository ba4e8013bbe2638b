"""Counts the instructions of a fixed set of work and compares them with the committed baseline.

Usage: instructions.py VQL [--update]

Every case is one run of `vql bench instructions CASE` below callgrind, which counts what one thread does
inside one function. Ends with 1 when a case needs more than 5 % more than the baseline says; with
--update it writes the baseline.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BOUND = 0.05
BASELINE = pathlib.Path(__file__).resolve().parent.parent / "benches" / "instructions.toml"
HEAD = """# Instructions of each case of `vql bench instructions`, as `.ci/instructions.py` counts them.
# After a change that is worth its cost: .ci/instructions.py target/release/vql --update

"""


def count(vql, case):
    with tempfile.TemporaryDirectory() as place:
        run = subprocess.run(
            [
                "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                "--toggle-collect=*bench::instructions::counted*",
                vql, "bench", "instructions", case, "--dir", place,
            ],
            capture_output=True, text=True, timeout=300, check=False,
            # What is hashed in another order in every run is hashed in one here as far as it can be.
            env={"PATH": os.environ["PATH"], "HOME": place},
        )
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found or int(found[1]) == 0:
        sys.exit(f"{case}: nothing was counted\n{run.stderr}{run.stdout}")
    return int(found[1])


def main():
    vql, update = sys.argv[1], "--update" in sys.argv[2:]
    cases = subprocess.run([vql, "bench", "instructions"], capture_output=True, text=True, check=True)
    cases = cases.stdout.split()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = dict(zip(cases, pool.map(lambda case: count(vql, case), cases)))
    if update:
        lines = "".join(f"{case} = {number}\n" for case, number in counted.items())
        BASELINE.write_text(HEAD + lines)
        return
    lines = [line.split(" = ") for line in BASELINE.read_text().splitlines() if " = " in line]
    baseline = {case: int(number) for case, number in lines if not case.startswith("#")}
    failed = False
    for case, number in counted.items():
        if case not in baseline:
            print(f"{case:>14}  {number:>13}  not in the baseline")
            failed = True
            continue
        change = number / baseline[case] - 1
        word = "MORE" if change > BOUND else "less" if change < -BOUND else ""
        print(f"{case:>14}  {number:>13}  {change:+8.2%}  {word}")
        failed |= change > BOUND
    for case in baseline.keys() - counted.keys():
        print(f"{case:>14}  in the baseline only")
        failed = True
    if failed:
        sys.exit("more than 5 % more instructions than the baseline: find out why, or update it")


main()
