"""Who can write summaries: name → where it is, imported on use."""

MODELS: dict[str, str] = {
    "extractive": "adapters.models.extractive:ExtractiveSummarizer",
}
