"""Trains the classifiers that come with the program, from labelled contracts."""
