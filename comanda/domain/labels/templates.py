"""
Fill a template of a sentence: names of facts in braces, and parts in square brackets that need their facts.

Called by   comanda.domain.labels.sentences, comanda.domain.labels.change_sentences
Returns     text; empty without a fact that the template needs
Raises      KeyError for a fact that does not exist: a mistake of this code

Facts are put in as they are, so a text that a stranger wrote is never read as a template.
"""

import re
from collections.abc import Callable, Mapping

from comanda.domain.labels.event_facts import Reader

type Fact = Callable[[Reader], str]

_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_FACT = re.compile(r"\{(\w+)\}")


def filled(template: str, facts: Mapping[str, Fact], reader: Reader) -> str:
    """Return the template with its facts. A part in brackets is left out when one of its facts is empty."""
    kept = {name: facts[name](reader) for name in dict.fromkeys(_FACT.findall(template))}
    if not all(kept[name] for name in _FACT.findall(_OPTIONAL.sub("", template))):
        return ""
    pieces = _OPTIONAL.split(template)  # every second piece stood in brackets
    wanted = (piece for i, piece in enumerate(pieces) if i % 2 == 0 or all(kept[name] for name in _FACT.findall(piece)))
    return "".join(_FACT.sub(lambda found: kept[found[1]], piece) for piece in wanted)
