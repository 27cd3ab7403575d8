// Time since reset, and the millisecond tick.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Starts timer 2. Interrupts still off.
void clock_start(void);

// Milliseconds since reset, wrapping. Any context.
uint32_t clock_ms(void);

// Microseconds since reset in steps of 4, wrapping after 71 minutes. Any context.
uint32_t clock_us(void);

// True once for each millisecond tick since the last call (several ticks missed count as one). Main loop only.
bool clock_take_tick(void);

// Whether a tick waits to be taken; interrupts off.
bool clock_tick_waits(void);
