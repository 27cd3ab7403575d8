// The ATmega328P in simavr, with the plant on its pins.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plant.h"

#define MCU_HZ 16000000ULL

struct mcu_counters {
  uint64_t commands, resets, watchdog_resets, brown_outs;
};

// Loads the firmware; false where it is none (said on standard error).
bool mcu_start(const char *firmware, struct plant *plant, uint64_t seed);

// Runs until that cycle; false where the firmware crashed.
bool mcu_run_until(uint64_t cycle);

// Cycles since power-on, through all resets.
uint64_t mcu_cycle(void);

// The bridge's enable pin as the bridge sees it, and the duty, thousandths.
bool mcu_enabled(void);
int mcu_duty(void);

// Patches an endless loop into the flash at the program counter; with interrupts off it is a full hang that only the hardware
// watchdog ends, else only the main loop stands still. The next reset restores the flash.
void mcu_hang(bool interrupts_off);

// Holds the MCU in reset for that long, as its brown-out detector does; it then starts with BORF.
void mcu_brown_out(double seconds);

// The reset button or the serial adapter's DTR.
void mcu_reset(void);

// Encoder connected or not: without it both phases stay as they are.
void mcu_connect_encoder(bool connected);

struct mcu_counters mcu_counters(void);
