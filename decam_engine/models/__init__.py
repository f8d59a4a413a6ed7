"""Models as black boxes: opening them, feeding them, naming their classes."""

from decam_engine.models.activations import ACTIVATIONS
from decam_engine.models.blackbox import Assumption, BlackBox, Prediction
from decam_engine.models.loading import load_model
from decam_engine.models.preprocessing import Preprocessing

__all__ = ["ACTIVATIONS", "Assumption", "BlackBox", "Prediction", "Preprocessing", "load_model"]
