"""Search words in SQL."""


def like_escaped(word: str) -> str:
    """A word for LIKE … ESCAPE '\\', so that % and _ mean themselves."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
