"""The cards of the demonstration sets: what each says of itself."""

from __future__ import annotations

from . import contour_set, ecg_set, fracture_set, fundus_set, nodule_set

_SYNTHETIC = """\
# Synthetic: every image and recording was drawn by reference_sets/make_demo_sets.py. Nobody was examined.
# The set shows how dmn-bench works; it says nothing about any device on any person. "public: true" makes every report
# a technical test, never a local validation.
"""

_NOBODY = """\
public: true
data_protection: {route: not_applicable}
"""

FRACTURE = f"""\
{_SYNTHETIC}format: dmn-bench/reference-set/1
id: {fracture_set.SET_ID}
version: 1.0.0
title:
  en: "Demonstration (synthetic): wrist and ankle radiographs"
  fr: "Démonstration (données synthétiques) : radiographies du poignet et de la cheville"
modality: DX
findings:
  - {{name: fracture, code: "SCT:125605004", title: {{en: Fracture, fr: Fracture}}}}
sampling: enriched
local_prevalence:
  - {{finding: fracture, value: 0.18, low: 0.12, high: 0.25, source: "invented for the demonstration"}}
reference_standard: {{method: consensus, rule: majority, readers: 3, blinded_to_device: true, wfdb_annotator: null}}
strata:
  sex: {{column: sex, levels: [F, M]}}
  age: {{column: age_years, edges: [18, 60]}}
  body_region: {{column: body_region, levels: [wrist, ankle]}}
  cast: {{column: cast, levels: ["no", "yes"]}}
  manufacturer: {{dicom: Manufacturer}}
{_NOBODY}"""

NODULE = f"""\
{_SYNTHETIC}format: dmn-bench/reference-set/1
id: {nodule_set.SET_ID}
version: 1.0.0
title:
  en: "Demonstration (synthetic): lung nodules on chest radiographs"
  fr: "Démonstration (données synthétiques) : nodules pulmonaires sur radiographies du thorax"
modality: DX
findings:
  - {{name: nodule, code: "SCT:427359005", title: {{en: Lung nodule, fr: Nodule pulmonaire}}}}
sampling: enriched
local_prevalence:
  - {{finding: nodule, value: 0.06, low: 0.03, high: 0.10, source: "invented for the demonstration"}}
reference_standard: {{method: consensus, rule: majority, readers: 3, blinded_to_device: true, wfdb_annotator: null}}
strata:
  sex: {{column: sex, levels: [F, M]}}
  age: {{column: age_years, edges: [50, 70]}}
  emphysema: {{column: emphysema, levels: ["no", "yes"]}}
  manufacturer: {{dicom: Manufacturer}}
  view: {{dicom: ViewPosition}}
{_NOBODY}"""

FUNDUS = f"""\
{_SYNTHETIC}format: dmn-bench/reference-set/1
id: {fundus_set.SET_ID}
version: 1.0.0
title:
  en: "Demonstration (synthetic): diabetic retinopathy, both eyes"
  fr: "Démonstration (données synthétiques) : rétinopathie diabétique, les deux yeux"
modality: OP
findings:
  - {{name: dr, code: "SCT:4855003", title: {{en: Diabetic retinopathy, fr: Rétinopathie diabétique}}}}
sampling: enriched
local_prevalence:
  - finding: dr
    positive_when: ">= 2"
    unit: eye
    value: 0.12
    low: 0.08
    high: 0.17
    source: "invented for the demonstration: referable eyes"
reference_standard:
  method: two graders, a third where they differ
  rule: adjudication
  readers: 3
  blinded_to_device: true
strata:
  sex: {{column: sex, levels: [F, M]}}
  age: {{column: age_years, edges: [45, 65]}}
  camera: {{column: camera}}
  media: {{column: media, levels: [clear, hazy]}}
{_NOBODY}"""

ECG = f"""\
{_SYNTHETIC}format: dmn-bench/reference-set/1
id: {ecg_set.SET_ID}
version: 1.0.0
title:
  en: "Demonstration (synthetic): beats of ninety-second rhythm strips"
  fr: "Démonstration (données synthétiques) : battements de tracés de quatre-vingt-dix secondes"
modality: ECG
findings:
  - {{name: atrial_fibrillation, code: "SCT:49436004", title: {{en: Atrial fibrillation, fr: Fibrillation atriale}}}}
sampling: convenience
reference_standard:
  method: known from the generator
  readers: 0
  blinded_to_device: true
  wfdb_annotator: {ecg_set.ANNOTATOR}
strata:
  sex: {{column: sex, levels: [F, M]}}
  age: {{column: age_years, edges: [50, 70]}}
  recorder: {{column: recorder}}
  rhythm: {{column: rhythm, levels: [sinus, atrial fibrillation, bundle branch block]}}
{_NOBODY}"""

CONTOUR = f"""\
{_SYNTHETIC}format: dmn-bench/reference-set/1
id: {contour_set.SET_ID}
version: 1.0.0
title:
  en: "Demonstration (synthetic): heart, spinal canal and tumour on chest CT"
  fr: "Démonstration (données synthétiques) : cœur, canal rachidien et tumeur sur scanner du thorax"
modality: CT
findings:
  - {{name: heart, title: {{en: Heart, fr: Cœur}}}}
  - {{name: spinal_canal, title: {{en: Spinal canal, fr: Canal rachidien}}}}
  - {{name: tumour, title: {{en: Tumour, fr: Tumeur}}}}
sampling: convenience
reference_standard:
  method: three readers drew every structure
  readers: 3
  blinded_to_device: true
  consensus: {{rule: majority}}
strata:
  sex: {{column: sex, levels: [F, M]}}
  age: {{column: age_years, edges: [55, 70]}}
  contrast: {{column: contrast, levels: ["no", "yes"]}}
  scanner: {{dicom: ManufacturerModelName}}
{_NOBODY}"""

CARDS = {
    contour_set.SET_ID: CONTOUR,
    fracture_set.SET_ID: FRACTURE,
    nodule_set.SET_ID: NODULE,
    fundus_set.SET_ID: FUNDUS,
    ecg_set.SET_ID: ECG,
}
