"""What the demo, `make run`, the tests and the benchmarks share: the emulator, our programs, the walkthrough."""
