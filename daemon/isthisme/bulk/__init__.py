"""Describing and scanning in bulk, on many machines: where pictures lie, the cluster, and the shelf they end on."""
