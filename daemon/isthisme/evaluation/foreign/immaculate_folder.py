"""Looks through folders as immaculate does: {"folder", "method"} in, {"seconds", "processor_seconds"} out, in JSON."""

import json
import os
import sys
import time


def main() -> None:
    import immaculate

    for line in sys.stdin:
        asked = json.loads(line)
        started, used = time.perf_counter(), sum(os.times()[:4])
        immaculate.find_duplicates(asked["folder"], method=asked["method"])
        seconds, used = time.perf_counter() - started, sum(os.times()[:4]) - used
        sys.stdout.write(json.dumps({"seconds": seconds, "processor_seconds": used}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
