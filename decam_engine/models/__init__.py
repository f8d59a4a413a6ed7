"""Models as black boxes: opening them, feeding them, naming their classes."""

from decam_engine.models.activations import ACTIVATIONS
from decam_engine.models.blackbox import Assumption, BlackBox, Prediction
from decam_engine.models.doctor import (
    Candidate,
    Diagnosis,
    choose,
    doctor,
    doctor_calls,
    doctor_steps,
)
from decam_engine.models.foreign import FOREIGN_SUFFIXES
from decam_engine.models.loading import load_model
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.remembered import forget_choice
from decam_engine.models.runtime import available_providers
from decam_engine.models.saving import save_sidecar, sidecar_of
from decam_engine.models.server import ServerBackend, ServerOptions
from decam_engine.models.serving import check_server_url
from decam_engine.models.sidecar import write_sidecar
from decam_engine.models.sockets import close_servers
from decam_engine.models.store import cache_size, clear_cache
from decam_engine.models.transport import is_server_url

__all__ = [
    "ACTIVATIONS",
    "FOREIGN_SUFFIXES",
    "Assumption",
    "BlackBox",
    "Candidate",
    "Diagnosis",
    "Prediction",
    "Preprocessing",
    "ServerBackend",
    "ServerOptions",
    "available_providers",
    "cache_size",
    "check_server_url",
    "choose",
    "clear_cache",
    "close_servers",
    "doctor",
    "doctor_calls",
    "doctor_steps",
    "forget_choice",
    "is_server_url",
    "load_model",
    "save_sidecar",
    "sidecar_of",
    "write_sidecar",
]
