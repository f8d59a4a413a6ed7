"""The desktop window of DE-CAM Studio; everything it computes comes from ``decam_engine``."""
