"""Info.plist of the app on macOS."""

from __future__ import annotations

from typing import Any

from bundle.facts import MODEL_MIME, SESSION_MIME, SESSION_SUFFIX, TITLE, version

MODEL_TYPE = "org.onnx.model"
SESSION_TYPE = "org.decam.studio.session"


def information() -> dict[str, Any]:
    """What PyInstaller does not write by itself."""
    return {
        "CFBundleDisplayName": TITLE,
        "CFBundleShortVersionString": version(),
        "CFBundleVersion": version(),
        "LSApplicationCategoryType": "public.app-category.graphics-design",
        # The oldest system that the wheels of Qt 6.11 and ONNX Runtime start on.
        "LSMinimumSystemVersion": "14.0",
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,
        "NSHumanReadableCopyright": "Apache License 2.0",
        "CFBundleDocumentTypes": [
            _documents("ONNX model", [MODEL_TYPE], "Alternate"),
            _documents("Photograph", ["public.image"], "Alternate"),
            _documents(f"{TITLE} session", [SESSION_TYPE], "Owner"),
        ],
        "UTImportedTypeDeclarations": [_type(MODEL_TYPE, "ONNX model", "onnx", MODEL_MIME)],
        "UTExportedTypeDeclarations": [
            _type(SESSION_TYPE, f"{TITLE} session", SESSION_SUFFIX.removeprefix("."), SESSION_MIME)
        ],
    }


def _documents(name: str, types: list[str], rank: str) -> dict[str, Any]:
    return {
        "CFBundleTypeName": name,
        "CFBundleTypeRole": "Viewer",
        "LSHandlerRank": rank,
        "LSItemContentTypes": types,
    }


def _type(identifier: str, name: str, suffix: str, mime: str) -> dict[str, Any]:
    return {
        "UTTypeIdentifier": identifier,
        "UTTypeDescription": name,
        "UTTypeConformsTo": ["public.data"],
        "UTTypeTagSpecification": {
            "public.filename-extension": [suffix],
            "public.mime-type": [mime],
        },
    }
