"""A sample school to learn and show with: unmistakably invented, the same on every run."""

from sync_server.sample.plant import AlreadyPlanted, Planted, plant
from sync_server.sample.school import SCHOOL_ID, SCHOOL_NAME

__all__ = ["SCHOOL_ID", "SCHOOL_NAME", "AlreadyPlanted", "Planted", "plant"]
