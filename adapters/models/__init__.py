"""Who can write summaries, or be asked to: name → where it is, imported on use."""

MODELS: dict[str, str] = {
    "openai": "adapters.models.openai:OpenAiModel",
    "extractive": "adapters.models.extractive:ExtractiveSummarizer",
}
