"""
Keep the sentence of a problem with its codes, until a page shows it in the language of its reader.

Called by   rooms that call the API for people
Returns     a text: the API's own sentence, which is English
"""

from typing import Self

from comanda.domain.labels import labels


class ProblemText(str):
    """Keep the sentence of a problem of the API. Its code is the problem's type."""

    __slots__ = ("parts",)

    parts: tuple[tuple[str, str], ...]  # codes with their sentences

    def __new__(cls, *parts: tuple[str, str]) -> Self:
        said = super().__new__(cls, "; ".join(sentence for _, sentence in parts))
        said.parts = parts
        return said

    def words(self, locale: str) -> str:
        """Return it in the language of a locale. A sentence whose code has no words stays as it is."""
        return "; ".join(self._tell(code, sentence, locale) for code, sentence in self.parts)

    def _tell(self, code: str, sentence: str, locale: str) -> str:
        return labels.problem(code, sentence, locale)


class FieldProblemText(ProblemText):
    """Keep what is wrong with one field: the code and the sentence of each of its errors."""

    __slots__ = ()

    def _tell(self, code: str, sentence: str, locale: str) -> str:
        return labels.field_problem(code, sentence, locale)
