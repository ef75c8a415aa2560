#!/usr/bin/env python3
"""Compares the crates that stand in the public interface of each library with the list in its Cargo.toml.

A breaking release of a crate on the list is a breaking release of the library. The list is
`package.metadata.public-dependencies`. What stands in the interface comes from rustdoc's JSON, which a stable compiler
writes when RUSTC_BOOTSTRAP is set.
"""

import json
import os
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARIES = ["sabr-assets", "sabr-ledger", "sabr-sqlite", "sabr-watchdog", "sabr"]
# The standard library, and a macro whose private types stand in the `impl Unpin` that it writes.
IGNORED = {"alloc", "core", "std", "pin_project_lite"}


def interface(library: str) -> dict:
    environment = os.environ | {"RUSTC_BOOTSTRAP": "1", "RUSTDOCFLAGS": "-Zunstable-options --output-format=json"}
    command = ["cargo", "doc", "--quiet", "--locked", "--no-deps", "--lib", "--all-features", "--package", library]
    target = ROOT / "target" / "public_dependencies"
    subprocess.run([*command, "--target-dir", target], cwd=ROOT, env=environment, check=True)
    return json.loads((target / "doc" / f"{library.replace('-', '_')}.json").read_text())


def mentioned(value: object) -> set[int]:
    """The ids of all types and traits in a part of an item."""
    if isinstance(value, list):
        return set().union(*map(mentioned, value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(mentioned, value.values()))
    if "path" in value and isinstance(value.get("id"), int):
        found.add(value["id"])
    return found


def is_written_by_us(item: dict) -> bool:
    """Not an implementation that every type has."""
    implementation = item["inner"].get("impl", {})
    return not (implementation.get("is_synthetic") or implementation.get("blanket_impl"))


def public_dependencies(library: str) -> set[str]:
    docs = interface(library)
    generic = {
        part
        for item in docs["index"].values()
        if not is_written_by_us(item)
        for part in item["inner"]["impl"]["items"]
    }
    ids = set()
    for key, item in docs["index"].items():
        if item["crate_id"] == 0 and int(key) not in generic and is_written_by_us(item):
            ids |= mentioned(item["inner"])
    crates = set()
    for name in (docs["paths"].get(str(key)) for key in ids):
        if name and name["crate_id"] != 0:
            crates.add(docs["external_crates"][str(name["crate_id"])]["name"])
    return crates - IGNORED


def main() -> int:
    status = 0
    for library in LIBRARIES:
        manifest = tomllib.loads((ROOT / "crates" / library / "Cargo.toml").read_text())
        listed = manifest["package"].get("metadata", {}).get("public-dependencies", [])
        found = sorted(public_dependencies(library))
        if listed != found:
            print(f"{library}: its Cargo.toml lists the public dependencies {listed}, and the interface has {found}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
