"""DE-CAM: saliency maps for any image classifier, from its output alone."""

from decam_engine.batch.overview import write_overview
from decam_engine.check import CALLS as CHECK_CALLS
from decam_engine.check import check_faithfulness, check_stability, check_steps, stability_steps
from decam_engine.collection import write_collection
from decam_engine.colours import (
    COLOUR_MAPS,
    DEFAULT_COLOUR_MAP,
    DEFAULT_OPACITY,
    colour_table,
    colourise,
    diverging_table,
    overlay,
)
from decam_engine.comparison import write_comparison
from decam_engine.difference import Difference, difference
from decam_engine.entry import Entry
from decam_engine.errors import (
    DecamError,
    ExportError,
    FolderInUseError,
    ImageError,
    ModelError,
    SettingsError,
)
from decam_engine.explain import (
    Progress,
    check_settings,
    explain,
    explain_steps,
    explain_targets,
    explain_targets_steps,
    resume,
    resume_steps,
)
from decam_engine.explanation import Baselines, Evidence, Explanation, Stability
from decam_engine.fills import FILLS
from decam_engine.folder import ResultFolder
from decam_engine.images import Photo, find_images, load_image
from decam_engine.metrics import (
    Faithfulness,
    energy_in_box,
    insertion_deletion,
    pointing_game,
    rank_correlation,
)
from decam_engine.models import (
    ACTIVATIONS,
    FOREIGN_SUFFIXES,
    Assumption,
    BlackBox,
    Candidate,
    Diagnosis,
    Prediction,
    Preprocessing,
    ServerOptions,
    available_providers,
    cache_size,
    check_server_url,
    choose,
    clear_cache,
    close_servers,
    doctor,
    doctor_calls,
    doctor_steps,
    forget_choice,
    is_server_url,
    load_model,
    save_sidecar,
    sidecar_of,
    write_sidecar,
)
from decam_engine.question import Question
from decam_engine.regions import Region
from decam_engine.reports import DEFAULT_FORMATS, FORMATS, Template, read_logo, read_template
from decam_engine.reports.entries import Failure
from decam_engine.resources import demo_model, demo_photos
from decam_engine.saved import load_explanation
from decam_engine.saved_folder import SavedResult, list_explanations
from decam_engine.search import METHODS, PRESETS
from decam_engine.trust import EVIDENCE_CALLS, evidence_steps, find_evidence, run_fills
from decam_engine.verify import Verdict, verify
from decam_engine.version import __version__
from decam_engine.what_if import WhatIf, expected_score, what_if

__all__ = [
    "ACTIVATIONS",
    "CHECK_CALLS",
    "COLOUR_MAPS",
    "DEFAULT_COLOUR_MAP",
    "DEFAULT_FORMATS",
    "DEFAULT_OPACITY",
    "EVIDENCE_CALLS",
    "FILLS",
    "FOREIGN_SUFFIXES",
    "FORMATS",
    "METHODS",
    "PRESETS",
    "Assumption",
    "Baselines",
    "BlackBox",
    "Candidate",
    "DecamError",
    "Diagnosis",
    "Difference",
    "Entry",
    "Evidence",
    "Explanation",
    "ExportError",
    "Failure",
    "Faithfulness",
    "FolderInUseError",
    "ImageError",
    "ModelError",
    "Photo",
    "Prediction",
    "Preprocessing",
    "Progress",
    "Question",
    "Region",
    "ResultFolder",
    "SavedResult",
    "ServerOptions",
    "SettingsError",
    "Stability",
    "Template",
    "Verdict",
    "WhatIf",
    "__version__",
    "available_providers",
    "cache_size",
    "check_faithfulness",
    "check_server_url",
    "check_settings",
    "check_stability",
    "check_steps",
    "choose",
    "clear_cache",
    "close_servers",
    "colour_table",
    "colourise",
    "demo_model",
    "demo_photos",
    "difference",
    "diverging_table",
    "doctor",
    "doctor_calls",
    "doctor_steps",
    "energy_in_box",
    "evidence_steps",
    "expected_score",
    "explain",
    "explain_steps",
    "explain_targets",
    "explain_targets_steps",
    "find_evidence",
    "find_images",
    "forget_choice",
    "insertion_deletion",
    "is_server_url",
    "list_explanations",
    "load_explanation",
    "load_image",
    "load_model",
    "overlay",
    "pointing_game",
    "rank_correlation",
    "read_logo",
    "read_template",
    "resume",
    "resume_steps",
    "run_fills",
    "save_sidecar",
    "sidecar_of",
    "stability_steps",
    "verify",
    "what_if",
    "write_collection",
    "write_comparison",
    "write_overview",
    "write_sidecar",
]
