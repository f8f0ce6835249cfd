"""English sentences of the room `compare`: comparisons in a protocol, and the comparison document."""

WORDS: dict[str, str] = {
    "compare.margin_missing": "a claim of non-inferiority needs its margin, fixed before the answers. Add margin: the largest loss that is still acceptable, with its reason in the purpose.",
    "compare.margin_unused": "a margin belongs to the claim non-inferior, not to {claim}. Remove the margin, or change the claim.",
    "compare.against_itself": "{found} is compared with itself. Name two different candidates.",
    "compare.not_at_endpoint": "{found} is not asked at the endpoint {endpoint}, which has: {known}. Name one of these, or change the candidates of the endpoint.",
    "compare.margin_too_wide": "a margin on this metric lies above 0 and below 1; it is {found}. Write 0.05 for five points.",
}
