"""Accuracy and calibration on labelled contracts."""
