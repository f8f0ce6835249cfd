"""The commented candidate.yaml and device.yaml of a new package: every field is there, in the user's language."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from pydantic import BaseModel

from ..catalogue import Device
from ..vocabulary import Language
from ..wordings import say

WIDTH = 110
FILLED = {"gpu": "false", "hosts": "[]", "descriptive_tags": "[]"}  # what is true of the template
ADDRESSES = {"http": "127.0.0.1:8000", "dicom-node": "127.0.0.1:11112", "dicomweb": "127.0.0.1:8042"}
OF_DICOM = ("dicom-node", "dicomweb")
SCORED = ("classification", "detection")
ECG_TASKS = ("beats", "statements", "episodes")
NAMED = ("classification", "detection", "grading", "statements")  # tasks whose answers name findings


def candidate_yaml(name: str, adapter: str, task: str, finding: str, language: Language) -> str:
    """How the package is asked."""
    blocks = [
        *_comment("candidate_top", language),
        "format: dmn-bench/candidate/1",
        f"id: {json.dumps(name)}",
        "",
        *_comment(f"candidate_{adapter.replace('-', '_')}", language),
        f"adapter: {adapter}",
        *_asked(name, adapter, task, finding),
        "",
        *_comment("candidate_points", language),
    ]
    if task in SCORED:
        blocks += ["operating_points:", f"  {json.dumps(finding)}: {{score_at_least: 0.5, source: null_source}}"]
    else:
        blocks += ["operating_points: {}"]
    blocks += [
        "",
        *_comment("candidate_findings", language),
        "findings: {}",
        "",
        *_comment("candidate_device", language),
        "device: device.yaml",
    ]
    source = json.dumps(say("plugin_new.source", language), ensure_ascii=False)
    return "\n".join(blocks).replace("null_source", source) + "\n"


def device_yaml(adapter: str, task: str, finding: str, language: Language) -> str:
    """What the vendor declares: all of it open, but for what is true of the template."""
    lines = [*_comment("device_top", language), "format: dmn-bench/device/1"]
    for group, field in Device.model_fields.items():
        part = field.annotation
        if group == "format":
            continue
        lines += ["", *_comment(f"device_{group}", language)]
        if isinstance(part, type) and issubclass(part, BaseModel):
            lines += [f"{group}:", *_fields(group, part, adapter, language)]
        elif group == "outputs":
            scores = "[0, 1]" if task in SCORED else "null"
            named = f"{{finding: {json.dumps(finding)}, scores: {scores}}}" if task in NAMED else ""
            lines.append(f"outputs: [{named}]")
        else:
            lines += [f"{group}: null"]
    return "\n".join(lines) + "\n"


def _fields(group: str, part: type[BaseModel], adapter: str, language: Language) -> Iterator[str]:
    filled = dict(FILLED)
    if adapter in ADDRESSES:
        purpose = json.dumps(say("plugin_new.host_purpose", language), ensure_ascii=False)
        filled["hosts"] = f'[{{address: "{ADDRESSES[adapter]}", purpose: {purpose}, images: true}}]'
    for name in part.model_fields:
        yield f"  # {say(f'plugin_new.field.{group}.{name}', language)}"
        yield f"  {name}: {filled.get(name, 'null')}"


def _asked(name: str, adapter: str, task: str, finding: str) -> list[str]:
    """The lines that say how the product is asked, by adapter."""
    quoted = json.dumps(finding)
    return {
        "python": ["entry: product:Candidate", "python: null", f"receives: {_receives(task)}", "options: {}"],
        "command": [
            'command: ["{python}", "{candidate}/product.py", "{input}", "{output}"]',
            f"receives: {_receives(task)}",
        ],
        "wire": [
            'command: ["python3", "{candidate}/product.py"]',
            f"receives: {_receives(task)}",
            f"options: {{finding: {quoted}}}",
        ],
        "onnx": [
            f"receives: {_receives(task)}",
            "options:",
            "  model: model.onnx",
            "  input: {levels: as_is, channels: grey, scale: 0.00392156862745098, layout: nchw}",
            _onnx_output(task, quoted),
        ],
        "http": [
            "options:",
            f"  url: http://{ADDRESSES['http']}",
            "  form: json",
            "  request:",
            "    path: /v1/analyse",
            '    body: {id: "$request_id", pixels: "$image.pixels"}',
            "  response:",
            f"    findings: {{{quoted}: {{score: /{finding}}}}}",
            "    score_unit: fraction",
            "    status: /status",
            "    statuses: {done: answered, unsupported: rejected_input}",
            "    reason: /reason",
            "    echo: /id",
        ],
        "container": [
            f"receives: {_receives(task)}",
            "options:",
            f"  image: {name}:latest",
            "  allow_tag: true",
            f"  class_options: {{finding: {quoted}}}",
        ],
        "dicom-node": [
            "options:",
            f"  host: {ADDRESSES['dicom-node'].partition(':')[0]}",
            f"  port: {ADDRESSES['dicom-node'].partition(':')[2]}",
            "  ae_title: DEVICE",
            "  our_ae_title: DMNBENCH",
            "  listen_port: 11113",
            f"  dicom: {{finding: {quoted}}}",
        ],
        "dicomweb": [
            "options:",
            f"  url: http://{ADDRESSES['dicomweb']}/dicom-web",
            "  modalities: [SR]",
            f"  dicom: {{finding: {quoted}}}",
        ],
        "predictions": ["options: {path: results.csv}"],
    }[adapter]


def _onnx_output(task: str, quoted: str) -> str:
    if task == "segmentation":
        return (
            f"  output: {{kind: masks, name: brightness, masks: {{structures: {{{quoted}: 0}}, score_at_least: 0.5}}}}"
        )
    return f"  output: {{kind: score, name: brightness, finding: {quoted}}}"


def _receives(task: str) -> str:
    return "{signals: array}" if task in ECG_TASKS else "{image: array}"


def _comment(name: str, language: Language) -> list[str]:
    text = say(f"plugin_new.{name}", language)
    return [f"# {line}" for line in textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)]
