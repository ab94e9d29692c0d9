"""What every tier reads and no checkout brings: the tables of places, made of the installed packages where they are missing."""

from infra.geography import made

made()
