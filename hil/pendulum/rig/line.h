// The serial line between host and MCU: a pseudo-terminal with the damage that was ordered.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_direction { TO_MCU = 1, TO_HOST = 2, BOTH_WAYS = 3 };

// A byte for the MCU may carry this: it arrived with a framing error.
#define LINE_FRAMING_ERROR 0x100

struct line_counters {
  uint64_t to_mcu, to_host; // bytes that got through
  uint64_t lost;            // dropped: cut, corrupted away, or nobody read
};

// Path of the symbolic link, or null for none; the rate at which the MCU's UART really runs; seed of the damage.
void line_start(const char *link, uint32_t baud, bool check_baud, uint64_t seed);

// Makes the pseudo-terminal; false with the reason in errno.
bool line_plug(void);

// Takes it away, as a pulled USB plug does.
void line_unplug(void);

// Where the host opens it; empty while unplugged.
const char *line_path(void);

void line_cut(enum line_direction direction);

void line_restore(enum line_direction direction);

// Damages this share of all bytes: most get other bits, some vanish, some come twice.
void line_corrupt(double rate, enum line_direction direction);

// Takes bytes from the host into the queue to the MCU; the number taken.
size_t line_receive(void);

// The next byte for the MCU, or -1.
int line_take(void);

// Drops what waits for the MCU.
void line_discard(void);

// A byte from the MCU to the host.
void line_send(uint8_t byte);

struct line_counters line_counters(void);
