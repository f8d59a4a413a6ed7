"""Version resource of the two programs on Windows."""

from __future__ import annotations

from typing import Any

from bundle.facts import PUBLISHER, SUMMARY, TITLE, version


def version_info() -> Any:
    """What the properties dialog of the Explorer shows."""
    from PyInstaller.utils.win32.versioninfo import (
        FixedFileInfo,
        StringFileInfo,
        StringStruct,
        StringTable,
        VarFileInfo,
        VarStruct,
        VSVersionInfo,
    )

    numbers = (*(int(part) for part in version().split(".")[:3]), 0)
    strings = {
        "CompanyName": PUBLISHER,
        "FileDescription": f"{TITLE}: {SUMMARY}",
        "FileVersion": version(),
        "InternalName": "decam-studio",
        "LegalCopyright": f"{PUBLISHER}, Apache License 2.0",
        "ProductName": TITLE,
        "ProductVersion": version(),
    }
    return VSVersionInfo(
        ffi=FixedFileInfo(
            filevers=numbers,
            prodvers=numbers,
            mask=0x3F,
            flags=0x0,
            OS=0x40004,
            fileType=0x1,
            subtype=0x0,
            date=(0, 0),
        ),
        kids=[
            # 0409: English (United States); 04B0: Unicode.
            StringFileInfo(
                [StringTable("040904B0", [StringStruct(k, v) for k, v in strings.items()])]
            ),
            VarFileInfo([VarStruct("Translation", [0x0409, 0x04B0])]),
        ],
    )
