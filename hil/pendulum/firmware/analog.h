// Motor current and supply voltage: two conversions each millisecond, filtered over about four.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void analog_start_converter(void);

// Begins the two conversions of this millisecond; from the tick's interrupt.
void analog_start(void);

// Motor current, mA, positive forward. Any context.
int16_t analog_current_ma(void);

// Motor supply, mV. Any context.
uint16_t analog_supply_mv(void);

// Whether the current sensor's output lies where a sensor that works puts it.
bool analog_current_is_sane(void);

// The zero of the current sensor is learned while the bridge is off; once a millisecond.
void analog_learn_zero(void);
