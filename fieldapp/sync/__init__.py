"""The phone's half of the sync conversation."""
