"""A sample school to learn and show with: unmistakably invented, the same on every run."""
