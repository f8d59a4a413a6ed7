"""DICOM files about an invented patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

# Every text of the file that is about a person, a place or a time; all of them unusual.
PERSONAL = {
    "PatientName": "Quibblethwaite^Zebedee",
    "PatientID": "PID-7731-XK",
    "PatientBirthDate": "19310704",
    "PatientSex": "O",
    "PatientAge": "093Y",
    "PatientAddress": "17 Wobblesham Lane",
    "OtherPatientNames": "Zebby^Quib",
    "PatientComments": "collects marmalade jars",
    "ReferringPhysicianName": "Plonkington^Maud",
    "OperatorsName": "Snodgrass^Ebenezer",
    "InstitutionName": "Mudbury General",
    "InstitutionAddress": "Gribblestead",
    "StudyDate": "20210317",
    "StudyTime": "081533",
    "AccessionNumber": "ACC998877",
    "StudyID": "STU5544",
    "StudyDescription": "persistent hiccups",
    "SeriesDescription": "chest of Quibblethwaite",
    "StationName": "BUNKER3",
    "DeviceSerialNumber": "SN-404-HALIBUT",
    "ProtocolName": "protocol Plonkington",
    "ImageComments": "taken on a Tuesday",
    "WindowCenterWidthExplanation": "as Quibblethwaite likes it",
    "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.111111",
    "SeriesInstanceUID": "1.2.826.0.1.3680043.8.498.222222",
}
# "O" is in every file.
SECRETS = [value for value in PERSONAL.values() if len(value) > 3] + [
    part for value in PERSONAL.values() for part in value.split("^") if len(part) > 3
]
SOP_UID = "1.2.826.0.1.3680043.8.498.333333"


def dicom(values: npt.NDArray[Any], photometric: str = "MONOCHROME2", **tags: Any) -> Dataset:
    """Uncompressed, with ``values`` of ``(H, W)``, ``(H, W, 3)`` or, with ``NumberOfFrames``,
    one axis more in front."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = SOP_UID
    ds.SOPClassUID, ds.SOPInstanceUID = SecondaryCaptureImageStorage, SOP_UID
    for keyword, value in PERSONAL.items():
        setattr(ds, keyword, value)
    frame = values[0] if "NumberOfFrames" in tags else values
    ds.Rows, ds.Columns = frame.shape[:2]
    ds.SamplesPerPixel = 1 if frame.ndim == 2 else 3
    if frame.ndim == 3:
        ds.PlanarConfiguration = 0
    ds.PhotometricInterpretation = photometric
    bits = 8 * values.dtype.itemsize
    ds.BitsAllocated = ds.BitsStored = bits
    ds.HighBit = bits - 1
    ds.PixelRepresentation = int(values.dtype.kind == "i")
    data = np.ascontiguousarray(values).tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB" if bits == 8 else "OW"
    for keyword, value in tags.items():
        setattr(ds, keyword, value)
    return ds


def write_dicom(path: Path, values: npt.NDArray[Any], *args: Any, **tags: Any) -> Path:
    """See :func:`dicom`."""
    dicom(values, *args, **tags).save_as(path, enforce_file_format=True)
    return path


def compress(path: Path, syntax: str) -> Path:
    """Written anew in another transfer syntax, by its name in gdcm."""
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    out = path.with_name(f"{path.stem}-{syntax}.dcm")
    writer.SetFileName(str(out))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return out
