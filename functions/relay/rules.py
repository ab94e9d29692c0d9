"""Which versions of an order follow one another without a gap."""


def runs(versions: list[int]) -> list[tuple[int, int]]:
    """(first, last) of the unbroken runs of sorted versions."""
    found: list[tuple[int, int]] = []
    for version in versions:
        if found and version <= found[-1][1] + 1:
            found[-1] = (found[-1][0], version)
        else:
            found.append((version, version))
    return found
