"""The bill of materials of a bundle, as CycloneDX 1.6."""

from __future__ import annotations

import hashlib
import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from bundle import inventory
from bundle.facts import LICENCE, NAME, TIME, TITLE, version
from bundle.system_libraries import Library


def write(path: Path, packages: Sequence[Library]) -> None:
    """Write the bill of the bundle whose inner folder ``path`` lies in; the same for the same.

    Raises ``SystemExit`` for a bill that the schema refuses.
    """
    licence = LicenseFactory()
    bom = Bom()
    bom.metadata.timestamp = datetime.fromtimestamp(TIME, UTC)
    product = Component(
        name=NAME,
        version=version(),
        description=TITLE,
        type=ComponentType.APPLICATION,
        licenses=[licence.make_from_string(LICENCE)],
        bom_ref=f"{NAME}@{version()}",
    )
    bom.metadata.component = product
    parts = []
    for distribution in inventory.bundled():
        name, number = canonicalize_name(str(distribution.metadata["Name"])), distribution.version
        url = PackageURL("pypi", name=name, version=number)
        parts.append(
            Component(
                name=name,
                version=number,
                type=ComponentType.LIBRARY,
                purl=url,
                bom_ref=str(url),
                scope=ComponentScope.REQUIRED,
                description=str(distribution.metadata.get("Summary") or ""),
                licenses=[licence.make_from_string(inventory.licence_of(distribution))],
            )
        )
    number = sys.version.split()[0]
    parts.append(
        Component(
            name="python",
            version=number,
            type=ComponentType.PLATFORM,
            bom_ref=f"python@{number}",
            licenses=[licence.make_from_string("PSF-2.0")],
        )
    )
    for library in packages:
        parts.append(
            Component(
                name=library.package,
                version=library.version,
                type=ComponentType.LIBRARY,
                purl=PackageURL("deb", "debian", library.package, library.version),
                bom_ref=f"deb:{library.package}@{library.version}",
                description=", ".join(library.files),
                licenses=[licence.make_with_name(library.licence_names)],
            )
        )
    model = path.parent / "resources" / "models" / "efficientnet-lite0.onnx"
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    parts.append(
        Component(
            name=model.stem,
            version=digest[:12],
            type=ComponentType.MACHINE_LEARNING_MODEL,
            bom_ref=f"model:{model.stem}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            licenses=[licence.make_from_string(LICENCE)],
        )
    )
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(product, parts)
    listed = " ".join(sorted(str(part.bom_ref) for part in parts))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"{product.bom_ref} {listed}")
    text = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)
    problem = problem_in(text)
    if problem:
        raise SystemExit(f"build.py: the bill of materials is not CycloneDX: {problem}")
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def problem_in(text: str) -> str:
    """What the schema of CycloneDX 1.6 has against a bill; empty when nothing."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return "" if error is None else str(error)[:400]
