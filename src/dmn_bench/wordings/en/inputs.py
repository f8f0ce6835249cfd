"""English sentences of the room `inputs`.

Keys that ``Reader.problems`` may return have no placeholders: they are said without facts.
"""

WORDS: dict[str, str] = {
    # any file
    "inputs.path_outside": "a file of the set must lie inside its folder; this path is absolute, climbs out with .. "
    "or leads out by a link. Copy the file into the folder and correct cases.csv.",
    "inputs.file_missing": "the file named in cases.csv does not exist. Restore it or correct its path.",
    "inputs.no_reader": "no reader recognises this file; the readers installed are: {readers}. Convert the file or "
    "install the extension that reads it.",
    "inputs.several_readers": "more than one reader claims this file: {readers}. Remove one of the extensions.",
    "inputs.too_large": "the file asks for more memory than any image or recording of the set needs when "
    "decoded. It is damaged or hostile; export it again.",
    # DICOM
    "inputs.dicom_unreadable": "the file begins as DICOM but cannot be parsed. It is damaged; export it again.",
    "inputs.dicom_no_preamble": "a DICOM file begins with 128 bytes and the letters DICM; this one does not. Export it "
    "again as a DICOM Part 10 file.",
    "inputs.dicom_no_transfer_syntax": "the file does not say how it is encoded (Transfer Syntax UID is missing). "
    "Export it again as a DICOM Part 10 file.",
    "inputs.dicom_no_pixels": "an image was expected; this DICOM object holds no pixel data. Remove it from the case "
    "or name the image itself.",
    "inputs.dicom_bad_geometry": "rows, columns, frames, samples or bits of the image are missing or make no sense. "
    "The file is damaged; export it again.",
    "inputs.dicom_no_decoder_planned": "the pixel data are compressed in a way for which no decoder is planned. "
    "Export the file again uncompressed or in JPEG 2000, JPEG-LS, JPEG lossless or RLE.",
    "inputs.decoder_not_installed": "the transfer syntax {syntax} is decoded by {package}, which is not installed; no "
    "other decoder is tried. Install the extra dmn-bench[{extra}].",
    "inputs.dicom_pixels_damaged": "the pixel data are cut or damaged: they do not give the image that the attributes "
    "announce. Export the file again.",
    "inputs.dicom_size_differs": "the compressed image and the attributes disagree on its size. The file is damaged or "
    "was altered; export it again.",
    "inputs.dicom_bad_lut": "a look-up table, rescale value or window of the image cannot be understood. Export the "
    "file again or correct these attributes.",
    "inputs.dicom_bad_window": "the width of the window must be at least 1 (above 0 for LINEAR_EXACT and SIGMOID). "
    "Export the file again or correct the attribute.",
    "inputs.dicom_bad_spacing": "a pixel spacing is given but is not two numbers above 0; no distance can be measured "
    "on this image. Export the file again if distances matter.",
    "inputs.dicom_polarity_contradicts": "PhotometricInterpretation and PresentationLUTShape contradict each other on "
    "what is white; the former is followed. Look at the image before you keep it.",
    # series
    "inputs.series_empty": "a series of DICOM files was expected; the folder holds none. Correct the path or fill it.",
    "inputs.series_mixed": "a folder must hold one series of images of one size and direction; this one holds several. "
    "Give each series its own folder.",
    "inputs.series_doubled_slice": "two slices of the series lie at the same place. Remove the doubled files.",
    "inputs.series_no_position": "the slices of a series are sorted by their position in the patient; in this file "
    "the position or the orientation is missing. Export the series again.",
    "inputs.series_gap": "the distance between two neighbouring slices is much larger than between the others: a "
    "slice is probably missing. Export the series again.",
    # PNG, JPEG, TIFF
    "inputs.raster_damaged": "the picture is cut or damaged. Restore it from its source; nothing is filled in.",
    "inputs.raster_pages_differ": "the pages of a TIFF become the frames of one image and must agree in size and "
    "kind; these do not. Save each page as a file of its own.",
    "inputs.raster_kind_unknown": "the pixels are neither grey (8 or 16 bits) nor colours. Save the picture as grey "
    "or RGB.",
    "inputs.raster_zero_filled": "some program in this process allows cut pictures to be filled with zeros "
    "(LOAD_TRUNCATED_IMAGES). Remove the extension that sets it.",
    # recordings
    "inputs.unit_unknown": "the unit of a signal is no voltage (nV, uV, mV or V). Correct the unit or remove the "
    "signal from the recording.",
    "inputs.wfdb_bad_header": "the header of the record does not follow the WFDB format: name, signals, sampling rate "
    "and number of samples are needed, then one line for each signal. Correct the .hea file.",
    "inputs.wfdb_several_segments": "a record of several segments cannot be read. Join the segments into one record.",
    "inputs.wfdb_file_outside": "the header names a signal file outside its own folder. Correct the .hea file.",
    "inputs.wfdb_format_unknown": "the signals are stored in a format that is not read here (read are 8, 16, 24, 32, "
    "61, 80, 160, 212, 310, 311). Convert the record to format 16.",
    "inputs.wfdb_several_rates": "the signals of a record must have one sampling rate and no shift; these do not. "
    "Resample the record.",
    "inputs.wfdb_not_calibrated": "a signal has no gain, so its millivolts are unknown. Write the gain into the .hea "
    "file.",
    "inputs.wfdb_signal_file_missing": "a signal file named in the header does not exist beside it. Restore it.",
    "inputs.wfdb_samples_missing": "the signal file holds fewer samples than the header says: it is cut. Restore it.",
    "inputs.wfdb_samples_surplus": "the signal file holds more samples than the header says: header and signals do not "
    "belong together. Restore both.",
    "inputs.wfdb_damaged": "the signals of the record cannot be decoded. Restore the record from its source.",
    "inputs.wfdb_checksum_differs": "a signal differs from the checksum in the header: one of them was changed. "
    "Restore the record from its source.",
    "inputs.annotations_missing": "the annotation file of the record does not exist. Restore it or correct the name "
    "of the annotator.",
    "inputs.annotations_damaged": "the annotation file cannot be understood. Restore it from its source.",
    "inputs.waveform_missing": "an ECG was expected; this DICOM object holds no waveform. Correct the path.",
    "inputs.waveform_cut": "the waveform holds fewer samples than the attributes say: it is cut. Export it again.",
    "inputs.waveform_damaged": "the waveform or its calibration cannot be understood. Export the file again.",
    "inputs.waveform_kind_unknown": "the samples of the waveform are of a kind that is not read here. Export the file "
    "again with 16-bit signed samples, little endian.",
    # a case as a whole
    "inputs.case_without_files": "the case has no file, so no candidate can be asked about it; only output files can "
    "be tested. Add its files to cases.csv.",
    "inputs.several_recordings": "a case may hold one recording; this one holds several. Make each a case of its own.",
    "inputs.form_unknown": "a candidate can receive array, dicom, wfdb or file; {found} is none of these. Correct "
    "`receives` in its manifest.",
    "inputs.form_not_available": "the candidate receives {expected}, but this file is read by {found}. Choose a "
    "candidate that takes this kind of file, or convert the set.",
}
