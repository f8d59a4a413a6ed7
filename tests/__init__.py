"""Tests of DE-CAM Studio."""
