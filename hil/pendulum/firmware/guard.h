// Power, and everything that takes it away without being asked: command timeout, over-current, supply, sensors.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Flags of STATE.
#define FLAG_POWERED (1U << 0)
#define FLAG_COMMAND_TIMEOUT (1U << 1)
#define FLAG_WATCHDOG_RESET (1U << 2)
#define FLAG_BROWN_OUT (1U << 3)
#define FLAG_OVERRUN (1U << 4)
#define FLAG_OVER_CURRENT (1U << 5)
#define FLAG_SUPPLY (1U << 6)
#define FLAG_SENSOR (1U << 7)
#define FLAGS_FAULT (FLAG_COMMAND_TIMEOUT | FLAG_OVER_CURRENT | FLAG_SUPPLY | FLAG_SENSOR)

// reset_cause: MCUSR as it was after the reset.
void guard_start(uint8_t reset_cause);

// Every millisecond, from the tick's interrupt.
void guard_tick(uint32_t now_ms);

// Every millisecond, from the main loop: what need not be in an interrupt.
void guard_update(void);

// Powers the bridge at zero volts and starts the timeout. False where a fault is latched, or is found now and latched.
bool guard_power_on(uint16_t command_timeout_ms);

void guard_power_off(void);

// Restarts the timeout and applies the command; false where not powered (it may have been taken away just now).
bool guard_command(int16_t mv);

// Forgets latched faults; those whose cause is still there latch again at once.
void guard_clear_fault(void);

void guard_note_overrun(void);

uint16_t guard_flags(void);

// The command that is applied now, mV; zero while not powered.
int16_t guard_applied_mv(void);
