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
    "inputs.raster_damaged": (
        "the picture is cut or damaged. Restore it from its source; nothing is filled in. Where the source is cut too, take "
        "its case out of the tables of the set and list it in sampling.csv as excluded, with the reason."
    ),
    "inputs.raster_pages_differ": "the pages of a TIFF become the frames of one image and must agree in size and "
    "kind; these do not. Save each page as a file of its own.",
    "inputs.raster_kind_unknown": "the pixels are neither grey (8 or 16 bits) nor colours. Save the picture as grey "
    "or RGB.",
    "inputs.raster_zero_filled": "some program in this process allows cut pictures to be filled with zeros "
    "(LOAD_TRUNCATED_IMAGES). Remove the extension that sets it.",
    "inputs.mask_with_losses": "a mask was expected; this picture is a JPEG, which invents values at every edge. Save the mask as PNG or TIFF.",
    "inputs.mask_transparent": "a mask was expected; this picture is partly transparent, and whether its colours or its transparency count cannot be told. Save it as grey without transparency.",
    "inputs.mask_colours": "a mask was expected; this picture has colours that are not grey. Save it as grey or with a palette, one value for each structure.",
    # NIfTI
    "inputs.nifti_damaged": "the file begins as NIfTI but is cut or damaged: it cannot be unpacked or its header cannot be understood. Export it again.",
    "inputs.nifti_cut": "the NIfTI file holds fewer voxels than its header says: it is cut. Restore it.",
    "inputs.nifti_bad_geometry": "the size of the volume, its place in the patient or where its voxels begin make no sense in the header of the NIfTI file. It is damaged or hostile; export it again.",
    "inputs.nifti_not_one_volume": "one volume of two or three dimensions was expected; this NIfTI file holds several (time, channels) or a line. Save each volume as a file of its own.",
    "inputs.nifti_kind_unknown": "the voxels of the NIfTI file are no real numbers of at most 64 bits (colours, complex numbers). Save it with whole or floating-point numbers.",
    "inputs.nifti_no_place": "the NIfTI file does not say where it lies in the patient (sform_code and qform_code are both 0): left and right cannot be told. Convert it again from its source.",
    "inputs.nifti_sheared": "the axes of the NIfTI volume are not at right angles, so its voxels are no boxes. Resample it to an orthogonal grid, or give the original series.",
    "inputs.nifti_not_finite": "the NIfTI file holds voxels that are no finite numbers. Correct the values and save it again.",
    "inputs.nifti_two_places": "sform and qform of the NIfTI file put the volume in different places; the sform is followed. Programs that follow the other see another place: make the two agree.",
    "inputs.no_nibabel": "a NIfTI file is read by nibabel, which is not installed. Install the extra dmn-bench[nifti].",
    # recordings
    "inputs.recording_too_long": "the recording is too long to be held in memory at once. Declare that the candidate "
    "receives its signals as wfdb: it is then given a copy of the file, written piece by piece.",
    "inputs.unit_unknown": "the unit of a signal is no voltage (nV, uV, mV or V). Correct the unit or remove the "
    "signal from the recording.",
    "inputs.wfdb_bad_header": "the header of the record does not follow the WFDB format: name, signals, sampling rate "
    "and number of samples are needed, then one line for each signal. Correct the .hea file.",
    "inputs.wfdb_file_outside": "the header names a signal file outside its own folder. Correct the .hea file.",
    "inputs.wfdb_format_unknown": "the signals are stored in a format that WFDB does not know (8, 16, 24, 32, 61, "
    "80, 160, 212, 310, 311, 508, 516, 524). Correct the .hea file.",
    "inputs.wfdb_other_leads": "a segment has other leads than the first segment of its record, or leads of one name in "
    "another order, so nobody can say which belong together. Correct the names in the .hea files.",
    "inputs.wfdb_several_rates": "the numbers of samples per frame of the signals are no multiples of each other, or "
    "a segment has another rate than its record. Resample the record.",
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
    # ECG files of manufacturers: XML and SCP-ECG
    "inputs.xml_damaged": "the file begins as XML but is not well formed: it is cut or damaged. Export it again.",
    "inputs.xml_forbidden": "the XML file declares entities or elements of its own, which no ECG needs and an attack "
    "does. Export it again; if it comes so from the device, do not open it.",
    "inputs.xml_excessive": "the XML file is nested more deeply, or has more elements or attributes, than any ECG. It "
    "is damaged or hostile; export it again.",
    "inputs.ecg_waveform_missing": "a rhythm recording was expected; the file holds none, or one without samples. "
    "Export the file again with its waveforms.",
    "inputs.ecg_rate_unknown": "the file states no sampling rate above 0 that can be used. Export it again.",
    "inputs.ecg_scale_unknown": "a lead states no step in volts that can be used, so its millivolts are unknown. "
    "Export the file again.",
    "inputs.ecg_counts_differ": "the file says it holds another number of leads, bytes or samples than it does. It is "
    "cut or was altered; export it again.",
    "inputs.ecg_lead_twice": "two leads of the recording have the same name. Export the file again or correct the "
    "names.",
    "inputs.ecg_leads_overlap": "two parts of the recording give different samples for one lead at one time. Export "
    "the file again.",
    "inputs.ecg_samples_damaged": "the samples of a lead cannot be decoded. The file is damaged; export it again.",
    "inputs.ecg_checksum_differs": "a part of the file differs from its checksum: one of them was changed. Export the "
    "file again.",
    "inputs.ecg_compression_unknown": "the samples are compressed or encoded in a way that is not read here. Export the "
    "file again without compression.",
    "inputs.scp_damaged": "the sections of the SCP-ECG file cannot be found or understood. Export it again.",
    "inputs.scp_bimodal": "the SCP-ECG file keeps fewer samples between the beats than within them (bimodal "
    "compression), which is not read here. Export it again without this compression.",
    # EDF, ISHNE, tables of samples, DICOM waveforms of several groups
    "inputs.edf_bad_header": "the header of the EDF file does not follow the format: sizes, limits or rates are missing or make no sense. Export the recording again.",
    "inputs.edf_not_finished": "the EDF file says that its recording has not ended. Close the recording at the device and export it again.",
    "inputs.edf_cut": "the EDF file holds fewer samples than its header says: it is cut. Restore it.",
    "inputs.edf_surplus": "the EDF file holds more bytes than its header says: header and samples do not belong together. Restore it.",
    "inputs.edf_no_voltage": "an ECG was expected; the EDF file holds no signal in V, mV, uV or nV that may be one. Correct the path, or export the ECG with its unit.",
    "inputs.edf_several_rates": "the ECG signals of the EDF file differ in sampling rate. Export them at one rate.",
    "inputs.edf_bad_times": "the times of the data records of the EDF file contradict each other, or EDF+C has pauses. Export the recording again.",
    "inputs.ishne_bad_header": "the header of the ISHNE file does not follow the format: offsets, leads or the sampling rate make no sense. Export the recording again.",
    "inputs.ishne_cut": "the ISHNE file holds fewer samples than its header says: it is cut. Restore it.",
    "inputs.ishne_surplus": "the ISHNE file holds more samples than its header says: header and samples do not belong together. Restore it.",
    "inputs.ishne_not_calibrated": "a lead of the ISHNE file has no resolution, so its millivolts are unknown. Export the recording with its calibration.",
    "inputs.ishne_checksum_differs": "the header of the ISHNE file differs from its checksum: it was changed after it was written, or by a program that does not renew the checksum. Look at its leads and its rate before you keep it.",
    "inputs.csv_no_unit": "the table of samples does not say in which unit they are. Write a line `# unit: uV` (or mV) at its top, or the unit behind each column name, or `unit` into the file of the same name ending in .json or .yaml.",
    "inputs.csv_no_rate": "the table of samples does not say its sampling rate. Write a line `# sampling_hz: 500` at its top, or add a column `time_s` or `time_ms`, or `sampling_hz` into the file of the same name ending in .json or .yaml.",
    "inputs.csv_time_without_unit": "the time column of the table does not say its unit. Call it time_s or time_ms.",
    "inputs.csv_uneven_time": "the times of the table are not evenly spaced: samples are missing or doubled. Export the recording again.",
    "inputs.csv_rate_contradicts": "the sampling rate that is stated and the time column of the table contradict each other. Correct one of them.",
    "inputs.csv_bad_index": "the column of sample numbers does not count up by one from its start. Samples are missing or doubled: export the recording again.",
    "inputs.csv_bad_number": "a cell of the table of samples is no number. Write samples in digits, with one decimal point or comma, and leave a cell empty where a sample is missing.",
    "inputs.csv_rows_differ": "the rows of the table differ in their number of cells, or it has other columns than leads are named. Export the recording again.",
    "inputs.csv_cut": "the table ends in the middle of a line, or has another number of rows than is stated in `n_samples`: it is cut. Restore it, or end its last row with a line end.",
    "inputs.csv_bad_facts": "a fact stated about the table is unknown or makes no sense. Known are sampling_hz, unit, leads, n_samples, sex (F or M) and age_years; each may be stated once.",
    "inputs.waveform_groups_overlap": "several rhythm groups of the DICOM object show one lead at one time. Export the file again with one rhythm group, or with the time offset of each.",
    "inputs.waveform_several_rates": "the rhythm groups of the DICOM object differ in sampling rate. Export the file again at one rate.",
    # a case as a whole
    "inputs.case_without_files": "the case has no file, so no candidate can be asked about it; only output files can "
    "be tested. Add its files to cases.csv.",
    "inputs.several_recordings": "a case may hold one recording; this one holds several. Make each a case of its own.",
    "inputs.form_lead_absent": "the candidate declared a lead that the recording does not have and that cannot be "
    "computed from I and II. Correct signals: leads, or count the refusal as the device's.",
    "inputs.form_too_short": "the recording is shorter than the candidate declared to take. Correct signals: "
    "least_seconds, or count the refusal as the device's.",
    "inputs.form_too_long": "the recording is longer than the candidate declared to take. Correct signals: "
    "most_seconds, or count the refusal as the device's.",
    "inputs.form_invalid_samples": "the recording has samples without value, which the candidate declared to refuse. "
    "Correct signals: invalid, or count the refusal as the device's.",
    "inputs.form_rates": "the sampling rate of the recording and the one that the candidate declares have no ratio of "
    "whole numbers up to 100,000. Declare a rate that has.",
    "inputs.voltage_excessive": "the recording holds a voltage beyond 2 V, which no body has. Correct its unit or gain.",
    "inputs.form_unknown": "a candidate can receive array, dicom, wfdb or file; {found} is none of these. Correct "
    "`receives` in its manifest.",
    "inputs.form_not_available": "the candidate receives {expected}, but this file is read by {found}. Choose a "
    "candidate that takes this kind of file, or convert the set.",
}
