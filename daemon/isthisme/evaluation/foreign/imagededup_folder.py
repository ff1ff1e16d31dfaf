"""Looks through folders as imagededup does: {"folder", "method"} in, {"seconds", "processor_seconds"} out, in JSON."""

import json
import logging
import os
import sys
import time


def main() -> None:
    from imagededup import methods

    logging.disable(logging.INFO)  # it tells of every step

    for line in sys.stdin:
        asked = json.loads(line)
        hasher = getattr(methods, asked["method"])(verbose=False)
        started, used = time.perf_counter(), sum(os.times()[:4])
        hasher.find_duplicates(image_dir=asked["folder"])
        seconds, used = time.perf_counter() - started, sum(os.times()[:4]) - used
        sys.stdout.write(json.dumps({"seconds": seconds, "processor_seconds": used}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
