"""English sentences of the report's front: cover, summary, device, protocol, reference set, execution."""

WORDS: dict[str, str] = {
    "report_frame.title": "Report of a local performance measurement",
    "report_frame.contents": "Contents",
    "report_frame.footer": "Run {run} · protocol {protocol} · set {set} · results {sha256}",
    "report_frame.status": "Status: {status}",
    "report_frame.status_public": "technical test (public set)",
    "report_frame.status_local": "retrospective local validation",
    "report_frame.status_no_ce": "research, device without declared CE marking",
    "report_frame.fixed_not_a_certification": (
        "Local performance measurement before purchase. Not a certification, not an HAS assessment, not a CE conformity "
        "assessment, not a clinical investigation."
    ),
    "report_frame.never_locked": "not locked",
    "report_frame.locked_before": "locked on {date}, before the first answer",
    "report_frame.locked_after": "locked on {date}, after answers existed",
    "report_frame.cover_product": "Product tested",
    "report_frame.cover_manufacturer": "Manufacturer",
    "report_frame.cover_candidate": "Candidate in this run",
    "report_frame.cover_set": "Reference set",
    "report_frame.cover_set_hash": "Hash of the set (SHA-256)",
    "report_frame.cover_protocol": "Protocol",
    "report_frame.cover_protocol_hash": "Hash of the protocol (SHA-256)",
    "report_frame.cover_run": "Run",
    "report_frame.cover_operator": "Run by",
    "report_frame.cover_level": "Level of evidence",
    "report_frame.cover_limits": "Limits in one line",
    "report_frame.cover_report_hash": "Hash of the results (SHA-256)",
    "report_frame.efficacy_level": "level 2: diagnostic accuracy, retrospective study",
    "report_frame.one_line_limits": (
        "observed on this set, with this version, outside real use; says nothing of other versions, devices, sites or "
        "populations"
    ),
    "report_frame.signature_clinician": "Clinical lead (name, date, signature)",
    "report_frame.signature_buyer": "Procurement (name, date, signature)",
    "report_frame.signature_blank": "………………………………………………",
    "report_frame.banner.patients_unknown": (
        "Patients unknown: some cases carry no patient identifier and were counted as patients of their own. Intervals may "
        "be too narrow."
    ),
    "report_frame.banner.not_locked": (
        "Protocol not locked before the answers: nothing proves that its rules were written before the results were seen."
    ),
    "report_frame.banner.public_set": (
        "Public set: the device may have been trained on it. This is a technical test, never a local validation."
    ),
    "report_frame.banner.set_not_locked": "Reference set not locked: nothing proves that it did not change.",
    "report_frame.banner.single_reader": "Weak reference: read by one reader only.",
    "report_frame.banner.weak_reference": "Weak reference: one reader only, or labels derived from reports.",
    "report_frame.banner.not_blinded": (
        "Incorporation: readers of the reference were not blinded to the device; agreement may be overstated."
    ),
    "report_frame.banner.enriched": "Cases were enriched: the prevalence of the set is not that of the department.",
    "report_frame.banner.reidentification_overdue": "The review of the risk of re-identification is overdue.",
    "report_frame.banner.amended": "The protocol was amended after it was locked; the amendments are listed.",
    "report_frame.banner.isolation_weak": "The device ran with weaker protections than the standard ones.",
}
