"""Find the versions of an order that follow one another without a gap. Pure."""


def unbroken_runs(versions: list[int]) -> list[tuple[int, int]]:
    """Return (first, last) of each unbroken run of sorted versions."""
    found: list[tuple[int, int]] = []
    for version in versions:
        if found and version <= found[-1][1] + 1:
            found[-1] = (found[-1][0], version)
        else:
            found.append((version, version))
    return found
