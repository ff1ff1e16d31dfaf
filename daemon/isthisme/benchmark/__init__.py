"""Speed and memory, each beside a peer measured in the same run: on noisy machines only the ratio tells."""
