"""
Compile the templates and translations of this folder, so that a page's first request does not: that took 140 ms of CPU.

Called by   infra/package.py, as `python -m functions.console.precompile` inside the folder of the packaged room
Returns     nothing; render.py finds the folder `compiled`
Raises      jinja2.TemplateSyntaxError, babel's PoFileError
"""

from functions.console import render
from functions.console.formats import CATALOGS


def main() -> None:
    environment = render.environment()  # before the folder is there, so it reads the sources
    catalogs = {language: render.catalog(language) for language in CATALOGS.values()}
    render.COMPILED.mkdir()
    environment.compile_templates(render.COMPILED, zip=None, ignore_errors=False)
    for language, content in catalogs.items():
        (render.COMPILED / f"{language}.mo").write_bytes(content)


if __name__ == "__main__":
    main()
