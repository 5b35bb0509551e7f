"""Solve one linear program with raw highspy: what an expert would write, for comparison.

    python benchmarks/peers/highspy_simplex.py PROGRAM.npz RUNS

Runs in a process of its own: highspy and OR-Tools carry different builds of HiGHS and cannot be
loaded together. Prints one line of JSON: medians of seconds, objective, peak memory.
"""

import json
import resource
import statistics
import sys
import time

import highspy
import numpy as np

KB_PER_MB = 1024


def solve(arrays: dict[str, np.ndarray]) -> tuple[float, float, float]:
    """Return seconds from ready arrays to the solution (clock, processor), and the objective."""
    started_s, processor_s = time.perf_counter(), time.process_time()
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", "false")
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("solver", "simplex")
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(arrays["cost"]), len(arrays["row_lower"])
    model.col_cost_ = arrays["cost"]
    model.col_lower_, model.col_upper_ = arrays["lower"], arrays["upper"]
    model.row_lower_, model.row_upper_ = arrays["row_lower"], arrays["row_upper"]
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = arrays["start"]
    model.a_matrix_.index_ = arrays["index"]
    model.a_matrix_.value_ = arrays["value"]
    highs.passModel(model)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise SystemExit(f"HiGHS ended with {highs.getModelStatus()}")
    np.array(highs.getSolution().col_value)
    return (
        time.perf_counter() - started_s,
        time.process_time() - processor_s,
        highs.getInfo().objective_function_value,
    )


def main() -> None:
    """Print the figures."""
    with np.load(sys.argv[1]) as stored:
        arrays = {name: stored[name] for name in stored.files}
    results = [solve(arrays) for _ in range(int(sys.argv[2]))]
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "seconds": statistics.median(seconds for seconds, _, _ in results),
                "processor_s": statistics.median(seconds for _, seconds, _ in results),
                "objective": results[-1][2],
                "peak_mb": kilobytes / KB_PER_MB,
            }
        )
    )


if __name__ == "__main__":
    main()
