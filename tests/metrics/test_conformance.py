"""Every built-in metric holds what every metric must hold."""

import pytest

from dmn_bench.metrics.agreement import Kappa, LinearKappa, QuadraticKappa
from dmn_bench.metrics.availability import FailureRate, Gradability
from dmn_bench.metrics.average_precision import AveragePrecision
from dmn_bench.metrics.beats import (
    QrsPositivePredictivity,
    QrsSensitivity,
    SvebPositivePredictivity,
    SvebSensitivity,
    TimeNotAnalysed,
    VebFalsePositiveRate,
    VebPositivePredictivity,
    VebSensitivity,
)
from dmn_bench.metrics.classification import (
    F1,
    Accuracy,
    LocalNegativePredictiveValue,
    LocalPositivePredictiveValue,
    LocalPrevalence,
    NegativeLikelihoodRatio,
    NegativePredictiveValue,
    PositiveLikelihoodRatio,
    PositivePredictiveValue,
    Sensitivity,
    Specificity,
)
from dmn_bench.metrics.detection import (
    AfrocArea,
    FalsePositivesPerImage,
    FalsePositivesPerNormalImage,
    LesionSensitivity,
    Luna16Mean,
    WeightedAfrocArea,
)
from dmn_bench.metrics.grades import ExactAgreement, GradeSensitivity, MeanGradeError, WithinOneGrade
from dmn_bench.metrics.measurement import (
    Bias,
    CriticalErrorRate,
    LimitsOfAgreement,
    MeanAbsoluteError,
    WithinTolerance,
)
from dmn_bench.metrics.ranking import RocArea
from dmn_bench.metrics.segmentation import (
    AcceptableShare,
    AverageSurfaceDistance,
    Dice,
    HausdorffDistance95,
    IntersectionOverUnion,
    SurfaceDice,
    VolumeBias,
    VolumeError,
)
from dmn_bench.testing import MetricChecks

from . import examples

HERE = LocalPrevalence(value=0.2, low=0.1, high=0.3)
OF_CALLS = [
    Sensitivity(),
    Specificity(),
    PositivePredictiveValue(),
    NegativePredictiveValue(),
    Accuracy(),
    F1(),
    PositiveLikelihoodRatio(),
    NegativeLikelihoodRatio(),
    LocalPositivePredictiveValue(local_prevalence=HERE),
    LocalNegativePredictiveValue(local_prevalence=HERE),
    RocArea(),
]
OF_GRADES = [
    QuadraticKappa(),
    LinearKappa(),
    Kappa(),
    GradeSensitivity(grade=2),
    ExactAgreement(),
    WithinOneGrade(),
    MeanGradeError(),
]
OF_BEATS = [
    QrsSensitivity(),
    QrsPositivePredictivity(),
    VebSensitivity(),
    VebPositivePredictivity(),
    VebFalsePositiveRate(),
    SvebSensitivity(),
    SvebPositivePredictivity(),
    TimeNotAnalysed(),
]
OF_MARKS = [
    LesionSensitivity(),
    LesionSensitivity(at_false_positives_per_image=0.5),
    LesionSensitivity(at_false_positives_per_image=0.5, interpolation="linear"),
    FalsePositivesPerImage(),
    AfrocArea(),
    AfrocArea(all_units=True),
    WeightedAfrocArea(),
    Luna16Mean(),
    FalsePositivesPerNormalImage(),
    AveragePrecision(),
    AveragePrecision(interpolation="all_points"),
]
OF_MEASUREMENTS = [
    Bias(),
    MeanAbsoluteError(),
    LimitsOfAgreement(limit="lower"),
    LimitsOfAgreement(limit="upper"),
    WithinTolerance(),
    CriticalErrorRate(),
]
OF_REGIONS = [
    *(metric() for metric in (Dice, IntersectionOverUnion, SurfaceDice, HausdorffDistance95, AverageSurfaceDistance)),
    HausdorffDistance95(definition="voxels"),
    *(metric(summary="upper_quartile") for metric in (Dice, HausdorffDistance95, VolumeError, VolumeBias)),
    *(Dice(summary=summary) for summary in ("lower_quartile", "mean")),
    VolumeBias(summary="mean"),
    AcceptableShare(measure="dice", limit=0.8),
    AcceptableShare(measure="nsd", limit=0.9),
    AcceptableShare(measure="hd95", limit=2.0),
]
EVERY = [
    *((metric, examples.segmented) for metric in OF_REGIONS),
    *((metric, examples.measured) for metric in OF_MEASUREMENTS),
    *((metric, examples.classified) for metric in OF_CALLS),
    *((metric, examples.grades) for metric in [*OF_CALLS, *OF_GRADES]),
    *((metric, examples.detected) for metric in OF_MARKS),
    *((metric, examples.beaten) for metric in OF_BEATS),
    *((metric, examples.sent) for metric in (FailureRate(), Gradability())),
]


class TestMetricsConform(MetricChecks):
    @pytest.fixture(autouse=True, params=EVERY, ids=lambda pair: f"{pair[0].name}-{pair[1].__name__}")
    def part(self, request):
        self.given, self.example = request.param

    def metric(self):
        return self.given

    def judgements(self):
        return self.example()
