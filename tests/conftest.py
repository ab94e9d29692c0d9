"""What every tier reads and no checkout brings: the tables of places, made of the installed packages where they are missing."""

from local import compiled

compiled.keep()  # before anything large is imported

from infra.geography import made  # noqa: E402

made()
