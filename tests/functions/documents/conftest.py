"""Give the tests of papers a world that sells in Brazil."""

from tests.functions.documents.brazil import brazil

__all__ = ["brazil"]
