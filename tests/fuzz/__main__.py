"""`scripts/fuzz`, as its help says."""

import sys

from tests.fuzz.command import main

sys.exit(main())
