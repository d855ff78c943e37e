def find_quote(quote: str, text: str) -> str | None:
    return quote if quote in text else None


def foreign_facts(claim: str, source: str) -> list[str]:
    return []


def plain_text(text: str) -> str:
    return text
