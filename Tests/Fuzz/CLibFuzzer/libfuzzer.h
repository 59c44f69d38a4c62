// libFuzzer as a library, see https://llvm.org/docs/LibFuzzer.html; it installs no header for this.
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));
