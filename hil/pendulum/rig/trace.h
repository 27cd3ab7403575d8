// The trace: what the MCU and its motor did, in the MCU's time and in the host's.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Opens the file and writes its heading; false where it cannot (errno says why). Without a call all other functions do nothing.
bool trace_open(const char *path);

void trace_close(void);

// One event: CLOCK_MONOTONIC now, MCU cycle, name, value.
void trace_event(uint64_t cycle, const char *event, int64_t value);

// The same with words for a value.
void trace_words(uint64_t cycle, const char *event, const char *words);

// Hands what was written to the kernel, so that others can read it.
void trace_flush(void);

// CLOCK_MONOTONIC, ns.
int64_t monotonic_ns(void);
