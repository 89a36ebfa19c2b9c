"""What `make release` makes of the programs, the charts and the documents. docs/releasing.md is its manual.

This package needs PyYAML and nothing else; sbom and elf, which the images' build uses too, need nothing but Python.
"""
