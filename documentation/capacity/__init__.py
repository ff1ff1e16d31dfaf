"""What a large index costs: a model of machines, memory, disk, money and time, from figures that were measured."""
