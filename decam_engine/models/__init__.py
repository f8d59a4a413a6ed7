"""Models as black boxes: opening them, feeding them, naming their classes."""

from decam_engine.models.activations import ACTIVATIONS
from decam_engine.models.blackbox import Assumption, BlackBox, Prediction
from decam_engine.models.doctor import Candidate, Diagnosis, choose, doctor
from decam_engine.models.loading import load_model
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.remembered import forget_choice
from decam_engine.models.runtime import available_providers
from decam_engine.models.sidecar import write_sidecar

__all__ = [
    "ACTIVATIONS",
    "Assumption",
    "BlackBox",
    "Candidate",
    "Diagnosis",
    "Prediction",
    "Preprocessing",
    "available_providers",
    "choose",
    "doctor",
    "forget_choice",
    "load_model",
    "write_sidecar",
]
