"""Hatchling's hook: a wheel carries the extension as each browser loads it, in `isthisme/extension/BROWSER`.

What a package holds only `scripts/build-extension` knows.
"""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ExtensionInWheel(BuildHookInterface):  # type: ignore[type-arg]  # hatchling has its configuration's type only
    _written: TemporaryDirectory[str]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._written = TemporaryDirectory()
        if version == "editable":  # a checkout's own extension folder is found there
            return
        builder = _extension_builder(self.root)
        for browser in builder.BROWSERS:
            folder = Path(self._written.name, browser)
            builder.write_folder(browser, folder)
            build_data["force_include"][str(folder)] = f"isthisme/extension/{browser}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        self._written.cleanup()


def _extension_builder(root: str) -> Any:
    loader = SourceFileLoader("build_extension", str(Path(root, "scripts", "build-extension")))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None  # noqa: S101 a loader was given
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module
