// The H-bridge. Off means the enable pin low and both inputs low: the motor coasts.
#pragma once

#include <stdint.h>

// Pins as outputs, all low: off.
void motor_start(void);

// Enables the bridge at zero volts (both motor terminals on ground). Interrupts off.
void motor_enable(void);

// Off, at once. Any context.
void motor_off(void);

// Mean motor voltage in mV, at a supply of supply_mv. Only while enabled; interrupts off.
void motor_set(int16_t mv, uint16_t supply_mv);
