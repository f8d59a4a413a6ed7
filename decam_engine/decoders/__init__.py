"""From the bytes of a file to a picture. A new format is one new file and one line here."""

from __future__ import annotations

from decam_engine.decoders.base import Decoded, ReadOptions
from decam_engine.decoders.dicom import decode_dicom, is_dicom
from decam_engine.decoders.raster import FORMATS, decode_raster

__all__ = ["FORMATS", "Decoded", "ReadOptions", "decode_file"]


def decode_file(data: bytes, name: str, options: ReadOptions) -> Decoded:
    """The bytes of a file in any format that is read; ``name`` is for the messages.

    Raises:
        ImageError: see the decoders.
    """
    decoder = decode_dicom if is_dicom(data, name) else decode_raster
    return decoder(data, name, options)
